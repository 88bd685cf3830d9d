"""Incident rules of a service: which alerts make an incident, and of what kind."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.criteria import KINDS, OPERATIONS
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.refusals import missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.services import find

FIELDS = ("message", "description", "tags", "extra-properties", "recipients", "teams", "priority")


def rules_of(service: Thing) -> list[Thing]:
    rules: list[Thing] = service.setdefault("incidentRules", [])
    return rules


def _asked(call: Call) -> tuple[Thing, Thing]:
    service = find(call)
    rule = named(rules_of(service), call.named["ruleId"], "id")
    if rule is None:
        raise missing("incident rule", "id", call.named["ruleId"])
    return service, rule


def judged_properties(fields: Fields) -> dict[str, Any]:
    """What an incident will be like; reasons are noted."""
    inside = fields.inside("incidentProperties", required=True)
    if inside is None:
        return {}
    stakeholders = inside.inside("stakeholderProperties", required=True)
    given: dict[str, Any] = {
        "message": inside.text("message", 130, required=True),
        "tags": inside.texts("tags", 20, 50),
        "details": inside.mapping("details", 8000),
        "description": inside.text("description", 10_000) or "",
        "priority": inside.choice("priority", PRIORITIES, required=True),
    }
    if stakeholders is not None:
        given["stakeholderProperties"] = {
            "enable": stakeholders.flag("enable", default=True),
            # The page gives no limit, the Go client this one.
            "message": stakeholders.text("message", 130, required=True),
            # 15000 on the page, 10000 in the Go client.
            "description": stakeholders.text("description", 15_000) or "",
        }
    return given


def _condition(part: Fields) -> dict[str, Any]:
    field = part.choice("field", FIELDS, required=True)
    key = part.text("key", 512)
    # With a key it is a text that is compared, as in the sample of the notification rules' page.
    operations = OPERATIONS["message"] if key or field is None else OPERATIONS[field]
    condition: dict[str, Any] = {
        "field": field,
        "not": part.flag("not"),
        "expectedValue": part.text("expectedValue", 15_000) or "",
        # Not mandatory, says the page, and means nothing without: it is asked for here.
        "operation": part.choice("operation", operations, required=True),
    }
    return {**condition, "key": key} if key else condition


def _judged(call: Call) -> dict[str, Any]:
    fields = Fields(call.body)
    kind = fields.choice("conditionMatchType", KINDS) or "match-all"
    conditions = [_condition(part) for part in fields.each("conditions", required=kind != "match-all")]
    properties = judged_properties(fields)
    fields.done()
    return {"conditionMatchType": kind, "conditions": conditions, "incidentProperties": properties}


def listing(call: Call) -> Answer:
    # The page's sample has 1 as the order of the only rule.
    return data([{**rule, "order": place} for place, rule in enumerate(rules_of(find(call)), 1)])


def create(call: Call) -> Answer:
    service = find(call)
    rule = {"id": call.company.new_id(), "order": 0, **_judged(call)}
    rules_of(service).append(rule)
    return done(call, "incident rules", "Created", rule["id"], {"id": rule["id"]}, 201)


def update(call: Call) -> Answer:
    _, rule = _asked(call)
    rule.update(_judged(call))
    return done(call, "incident rules", "Updated", rule["id"], {"id": rule["id"]})


def delete(call: Call) -> Answer:
    service, rule = _asked(call)
    rules_of(service).remove(rule)
    return done(call, "incident rules", "Deleted", rule["id"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v1/services/{identifier}/incident-rules" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="service")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    # PATCH on the page, PUT in the Go client; either way the whole rule is given.
    _route("PATCH", "/{ruleId}", update),
    _route("PUT", "/{ruleId}", update),
    _route("DELETE", "/{ruleId}", delete),
]
