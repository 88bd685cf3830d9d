"""Escalations: who is told first, and who when nobody answers."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.references import judged_owner, judged_recipient, renamed, users_of
from connectors.opsgenie.simulator.refusals import clash, in_use, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

# OAS has the first six, the Go client the seventh.
NOTIFY_TYPES = ("default", "next", "previous", "users", "admins", "all", "random")
UNITS = ("days", "hours", "minutes", "seconds", "miliseconds", "micros", "nanos")
_REPEAT = {"waitInterval": 0, "count": 0, "resetRecipientStates": False, "closeAlertAfterAll": False}


def find(call: Call) -> Thing:
    kind, identifier = call.choice("identifierType", ("id", "name"), "id"), call.named["identifier"]
    escalation = named(call.company.escalations, identifier, kind)
    if escalation is None:
        raise missing("escalation", kind, identifier)
    return escalation


def _judged(call: Call, existing: Thing | None) -> dict[str, Any]:
    """What the body names, as on the wire."""
    company, fields, new = call.company, Fields(call.body), existing is None
    rules = fields.each("rules", required=new or "rules" in fields)
    given: dict[str, Any] = {
        "name": fields.text("name", 100, required=new or "name" in fields),
        "description": fields.text("description", 10_000) or "",
        "rules": [_rule(part, company) for part in rules],
        "ownerTeam": judged_owner(fields, company),
        "repeat": _repeat(fields),
    }
    fields.done()
    other = named(company.escalations, given["name"], "name") if "name" in fields else None
    if other is not None and other is not existing:
        raise clash("escalation", "name", given["name"])
    return {name: value for name, value in given.items() if name in fields}


def _rule(part: Fields, company: Company) -> dict[str, Any]:
    recipient, delay = part.inside("recipient", required=True), part.inside("delay", required=True)
    return {
        "condition": part.choice("condition", ("if-not-acked", "if-not-closed")) or "if-not-acked",
        "notifyType": part.choice("notifyType", NOTIFY_TYPES) or "default",
        "delay": {
            "timeAmount": delay.whole("timeAmount", 0, 1_000_000, required=True),
            "timeUnit": delay.choice("timeUnit", UNITS) or "minutes",
        }
        if delay
        else {},
        "recipient": judged_recipient(recipient, company, ("user", "schedule", "team")) if recipient else {},
    }


def _repeat(fields: Fields) -> dict[str, Any]:
    inside = fields.inside("repeat")
    if inside is None:
        return dict(_REPEAT)
    return {
        "waitInterval": inside.whole("waitInterval", 0, 1_000_000) or 0,
        "count": inside.whole("count", 0, 1000) or 0,
        "resetRecipientStates": inside.flag("resetRecipientStates"),
        "closeAlertAfterAll": inside.flag("closeAlertAfterAll"),
    }


def _brief(escalation: Thing) -> Thing:
    return {"id": escalation["id"], "name": escalation["name"]}


def _shown(escalation: Thing) -> Thing:
    return {part: value for part, value in escalation.items() if value is not None}


def create(call: Call) -> Answer:
    given = _judged(call, None)
    escalation = {"id": call.company.new_id(), "description": "", "repeat": dict(_REPEAT), **given}
    call.company.escalations.append(escalation)
    return done(call, "escalations", "Created", escalation["id"], _brief(escalation), 201)


def update(call: Call) -> Answer:
    escalation = find(call)
    escalation.update(_judged(call, escalation))
    renamed(call.company, "escalation", escalation["id"], escalation["name"])
    return done(call, "escalations", "Updated", escalation["id"], _brief(escalation))


def delete(call: Call) -> Answer:
    escalation = find(call)
    if users := users_of(call.company, "escalation", escalation["id"]):
        raise in_use("escalation", users)
    call.company.escalations.remove(escalation)
    return done(call, "escalations", "Deleted", escalation["id"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/escalations" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="escalation")


ROUTES = [
    _route("GET", "", lambda call: data([_shown(item) for item in call.company.escalations])),
    _route("POST", "", create),
    _route("GET", "/{identifier}", lambda call: data(_shown(find(call)))),
    _route("PATCH", "/{identifier}", update),
    _route("DELETE", "/{identifier}", delete),
]
