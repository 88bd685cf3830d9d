"""Routing rules: whom a team tells about which alert."""

import uuid
from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.criteria import judged_criteria
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.references import judged_recipient
from connectors.opsgenie.simulator.refusals import Refused, missing, unprocessable
from connectors.opsgenie.simulator.restrictions import judged_restriction
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.team_calls import find, write_log


def rules_of(team: Thing) -> list[Thing]:
    """A team's rules, in their order, the default one last."""
    rules: list[Thing] = team.setdefault("routingRules", [])
    if not any(rule.get("isDefault") for rule in rules):
        identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{team['id']}/default routing rule"))
        rules.append({"id": identifier, "name": "Default Routing Rule", "isDefault": True, "notify": {"type": "none"}})
    return rules


def _shown(team: Thing, rule: Thing) -> Thing:
    place = next(number for number, item in enumerate(rules_of(team)) if item is rule)
    return {"criteria": {"type": "match-all"}, "timezone": "UTC", **rule, "order": place}


def _found(call: Call) -> tuple[Thing, Thing]:
    team = find(call, "teamIdentifierType")
    rule = named(rules_of(team), call.named["id"], "id")
    if rule is None:
        raise missing("routing rule", "id", call.named["id"])
    return team, rule


def _judged(call: Call, *, new: bool) -> dict[str, Any]:
    company, fields = call.company, Fields(call.body)
    notify = fields.inside("notify", required=new)
    given: dict[str, Any] = {
        "name": fields.text("name", 100) or "",
        "criteria": judged_criteria(fields),
        # Without a zone the account's is taken, which is UTC here.
        "timezone": fields.zone("timezone"),
        "timeRestriction": judged_restriction(fields),
        "notify": judged_recipient(notify, company, ("escalation", "schedule", "none")) if notify else None,
    }
    fields.whole("order", 0, 10_000)
    fields.done()
    return {part: value for part, value in given.items() if part in fields and value is not None}


def _place(team: Thing, rule: Thing, order: int) -> None:
    """Put a rule where it is wanted, and never behind the default one."""
    rules = rules_of(team)
    if rule in rules:
        rules.remove(rule)
    rules.insert(min(order, len(rules) - 1), rule)


def _brief(rule: Thing) -> Thing:
    return {"id": rule["id"], "name": rule["name"]}


def listing(call: Call) -> Answer:
    team = find(call, "teamIdentifierType")
    return data([_shown(team, rule) for rule in rules_of(team)])


def create(call: Call) -> Answer:
    team = find(call, "teamIdentifierType")
    given = _judged(call, new=True)
    rule = {"id": call.company.new_id(), "name": "", "isDefault": False, **given}
    _place(team, rule, call.body.get("order", len(rules_of(team))))
    write_log(call, team, f"Created routing rule {rule['name']}")
    return done(call, "routing rules", "Created", rule["id"], _brief(rule), 201)


def update(call: Call) -> Answer:
    team, rule = _found(call)
    rule.update(_judged(call, new=False))
    if "timeRestriction" in call.body and call.body["timeRestriction"] is None:
        rule.pop("timeRestriction", None)
    write_log(call, team, f"Updated routing rule {rule['name']}")
    return done(call, "routing rules", "Updated", rule["id"], _brief(rule))


def delete(call: Call) -> Answer:
    team, rule = _found(call)
    if rule.get("isDefault"):
        # 40302: the key may, the thing can not be done. That this is such a case is not confirmed.
        raise Refused(403, "The default routing rule can not be deleted", code=40302)
    rules_of(team).remove(rule)
    write_log(call, team, f"Deleted routing rule {rule['name']}")
    return done(call, "routing rules", "Deleted", rule["id"])


def change_order(call: Call) -> Answer:
    team, rule = _found(call)
    fields = Fields(call.body)
    order = fields.whole("order", 0, 10_000, required=True)
    fields.done()
    if rule.get("isDefault"):
        raise unprocessable({"order": "The default routing rule stays the last one."})
    _place(team, rule, order or 0)
    write_log(call, team, f"Moved routing rule {rule['name']}")
    return done(call, "routing rules", "Changed order", rule["id"], _brief(rule))


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/teams/{identifier}/routing-rules" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="team")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{id}", lambda call: data(_shown(*_found(call)))),
    _route("PATCH", "/{id}", update),
    _route("DELETE", "/{id}", delete),
    _route("POST", "/{id}/change-order", change_order),
]
