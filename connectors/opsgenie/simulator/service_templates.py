"""Templates of a service: for its incidents, and for who works on them and who is told."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.incident_rules import judged_properties
from connectors.opsgenie.simulator.refusals import clash, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.services import find

MATCH_FIELDS = ("country", "state", "city", "zipCode", "line", "tag", "customProperty")
MOST = 50


def _templates_of(service: Thing) -> list[Thing]:
    templates: list[Thing] = service.setdefault("incidentTemplates", [])
    return templates


def _asked(call: Call) -> tuple[Thing, Thing]:
    service = find(call)
    template = named(_templates_of(service), call.named["id"], "id")
    if template is None:
        raise missing("incident template", "id", call.named["id"])
    return service, template


def _judged(call: Call, service: Thing, existing: Thing | None) -> dict[str, Any]:
    fields = Fields(call.body)
    # The Go client wraps what it creates and does not wrap what it changes; both are taken for both.
    inside = fields.inside("incidentTemplate") if "incidentTemplate" in fields else fields
    inside = inside or fields
    given: dict[str, Any] = {
        "name": inside.text("name", 512, required=True),
        "incidentProperties": judged_properties(inside),
    }
    fields.done()
    other = named(_templates_of(service), given["name"], "name")
    if other is not None and other is not existing:
        raise clash("incident template", "name", given["name"])
    return given


def create(call: Call) -> Answer:
    service = find(call)
    template = {"id": call.company.new_id(), **_judged(call, service, None)}
    _templates_of(service).append(template)
    return done(call, "service templates", "Created", template["id"], {"id": template["id"]}, 201)


def update(call: Call) -> Answer:
    service, template = _asked(call)
    template.update(_judged(call, service, template))
    return done(call, "service templates", "Updated", template["id"], {"id": template["id"]})


def delete(call: Call) -> Answer:
    service, template = _asked(call)
    _templates_of(service).remove(template)
    return done(call, "service templates", "Deleted", template["id"])


def _audience_of(service: Thing) -> Thing:
    audience: Thing = service.setdefault("audience", {})
    audience.setdefault("responder", {"teams": [], "individuals": []})
    audience.setdefault(
        "stakeholder", {"individuals": [], "conditionMatchType": "match-any-condition", "conditions": []}
    )
    return audience


def _known(fields: Fields, company: Company, name: str) -> list[str]:
    things = company.teams if name == "teams" else company.users
    identifiers = fields.texts(name, MOST, 130)
    for identifier in identifiers:
        if named(things, identifier, "id") is None:
            fields.refuse(name, f"There is nobody with id [{identifier}].")
    return identifiers


def _match(part: Fields) -> dict[str, Any]:
    field = part.choice("matchField", MATCH_FIELDS, required=True)
    key = part.text("key", 512, required=field == "customProperty")
    condition = {"matchField": field, "value": part.text("value", 15_000, required=True)}
    return {**condition, "key": key} if key else condition


def update_audience(call: Call) -> Answer:
    service, fields = find(call), Fields(call.body)
    responder, stakeholder = fields.inside("responder"), fields.inside("stakeholder")
    given: dict[str, dict[str, Any]] = {}
    if responder is not None:
        people = {name: _known(responder, call.company, name) for name in ("teams", "individuals")}
        given["responder"] = {name: value for name, value in people.items() if name in responder}
    if stakeholder is not None:
        parts: dict[str, Any] = {
            "individuals": _known(stakeholder, call.company, "individuals"),
            "conditionMatchType": stakeholder.choice(
                "conditionMatchType", ("match-any-condition", "match-all-conditions")
            ),
            "conditions": [_match(part) for part in stakeholder.each("conditions")],
        }
        given["stakeholder"] = {name: value for name, value in parts.items() if name in stakeholder}
    fields.done()
    audience = _audience_of(service)
    for name, parts in given.items():
        audience[name].update(parts)
    return done(call, "service templates", "Updated", service["id"], {"id": service["id"]})


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v1/services/{identifier}" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="service")


ROUTES = [
    _route("GET", "/incident-templates", lambda call: data(_templates_of(find(call)))),
    _route("POST", "/incident-templates", create),
    _route("PUT", "/incident-templates/{id}", update),
    _route("DELETE", "/incident-templates/{id}", delete),
    _route("GET", "/audience-templates", lambda call: data(_audience_of(find(call)))),
    _route("PATCH", "/audience-templates", update_audience),
]
