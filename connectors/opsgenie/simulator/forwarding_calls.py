"""Forwarding rules: made, shown, changed, removed."""

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.forwarding import Forwarding
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.refusals import clash, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.schedule_making import make_forwarding


def _asked(call: Call) -> Forwarding:
    kind = call.choice("identifierType", ("id", "alias"), "id")
    identifier = call.named["identifier"]
    for rule in call.company.forwardings:
        if identifier == (rule.id if kind == "id" else rule.alias):
            return rule
    raise missing("forwarding rule", kind, identifier)


def _judged(call: Call, existing: Forwarding | None) -> Forwarding:
    company, fields = call.company, Fields(call.body)
    people = {}
    for name in ("fromUser", "toUser"):
        given = fields.reference(name, "id", "username")
        user = company.user(given.get("id") or given.get("username", ""))
        if user is not None:
            people[name] = {"id": user["id"]}
        elif given:
            fields.refuse(name, "There is no such user.")
    start, end = fields.moment("startDate", required=True), fields.moment("endDate", required=True)
    if start and end and end <= start:
        fields.refuse("endDate", "EndDate must be after startDate.")
    if len(people) == 2 and people["fromUser"] == people["toUser"]:
        fields.refuse("toUser", "A user can not forward to the same user.")
    alias = fields.text("alias", 512) if existing is None else existing.alias
    fields.done()
    if existing is None and any(rule.alias == alias for rule in company.forwardings):
        raise clash("forwarding rule", "alias", str(alias))
    dates = {"startDate": written(start), "endDate": written(end)} if start and end else {}
    return make_forwarding(company, {"id": existing.id if existing else None, "alias": alias, **people, **dates})


def create(call: Call) -> Answer:
    rule = _judged(call, None)
    call.company.forwardings.append(rule)
    return done(call, "forwarding rules", "Created", rule.id, {"id": rule.id, "alias": rule.alias}, 201)


def update(call: Call) -> Answer:
    rule = _asked(call)
    call.company.forwardings[call.company.forwardings.index(rule)] = _judged(call, rule)
    return done(call, "forwarding rules", "Updated", rule.id, {"id": rule.id})


def delete(call: Call) -> Answer:
    rule = _asked(call)
    call.company.forwardings.remove(rule)
    return done(call, "forwarding rules", "Deleted", rule.id)


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/forwarding-rules" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="forwarding rule")


ROUTES = [
    _route("GET", "", lambda call: data([rule.shown() for rule in call.company.forwardings])),
    _route("POST", "", create),
    _route("GET", "/{identifier}", lambda call: data(_asked(call).shown())),
    _route("PUT", "/{identifier}", update),
    _route("DELETE", "/{identifier}", delete),
]
