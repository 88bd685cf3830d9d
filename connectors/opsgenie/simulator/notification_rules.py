"""Notification rules: when a user is told of what, and by which steps."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.criteria import judged_criteria
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.notification_steps import judged_step, shown_step
from connectors.opsgenie.simulator.refusals import missing
from connectors.opsgenie.simulator.restrictions import judged_restriction
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.users import find

ABOUT_SCHEDULES = ("schedule-start", "schedule-end")
# The page of the API has eight of them, the official description has renotified-alert too.
ACTION_TYPES = (
    "create-alert", "acknowledged-alert", "renotified-alert", "closed-alert", "assigned-alert", "add-note",
    *ABOUT_SCHEDULES, "incoming-call-routing",
)  # fmt: skip
TIMES = ("just-before", "15-minutes-ago", "1-hour-ago", "1-day-ago")
_BRIEF = ("id", "name", "actionType", "order", "enabled")


def rules_of(user: Thing) -> list[Thing]:
    rules: list[Thing] = user.setdefault("notificationRules", [])
    return rules


def find_rule(call: Call) -> tuple[Thing, Thing]:
    """The user and the rule that a call names."""
    user = find(call)
    rule = named(rules_of(user), call.named["ruleId"], "id")
    if rule is None:
        raise missing("notification rule", "id", call.named["ruleId"])
    return user, rule


def _same_type(user: Thing, rule: Thing) -> list[Thing]:
    return [item for item in rules_of(user) if item["actionType"] == rule["actionType"]]


def _ordered(user: Thing, rule: Thing) -> Thing:
    # The page's sample counts across types; its words say: within those of the same action type.
    place = next(number for number, item in enumerate(_same_type(user, rule)) if item is rule)
    return {**rule, "order": place}


def _brief(user: Thing, rule: Thing) -> Thing:
    ordered = _ordered(user, rule)
    return {part: ordered[part] for part in _BRIEF}


def _shown(user: Thing, rule: Thing) -> Thing:
    return {**_ordered(user, rule), "steps": [shown_step(step) for step in rule["steps"]]}


def _place(user: Thing, rule: Thing, order: int | None) -> None:
    """Put a rule where it is wanted among those of its type; too far back is last: not confirmed."""
    rules = rules_of(user)
    if rule in rules:
        if order is None:
            return
        rules.remove(rule)
    others = _same_type(user, rule)
    if order is None or order >= len(others):
        rules.append(rule)
    else:
        rules.insert(next(number for number, item in enumerate(rules) if item is others[order]), rule)


def _judged(call: Call, existing: Thing | None) -> tuple[dict[str, Any], int | None]:
    """What the body names, as on the wire, and the place it asks for."""
    company, fields, new = call.company, Fields(call.body), existing is None
    name = fields.text("name", 512, required=new or "name" in fields)
    # A change can not name another type; one that does is not heeded.
    kind = existing["actionType"] if existing else fields.choice("actionType", ACTION_TYPES, required=True)
    given: dict[str, Any] = {
        "name": name,
        "criteria": judged_criteria(fields) or {"type": "match-all"},
        "notificationTime": fields.texts("notificationTime", 4, 20, required=_needs_time(kind, fields, new=new)),
        "timeRestriction": judged_restriction(fields),
        "schedules": [_schedule(part, company) for part in fields.each("schedules")],
        "steps": [{"id": company.new_id(), **judged_step(part, kind, new=True)} for part in fields.each("steps")],
        "repeat": _repeat(fields),
        "enabled": fields.flag("enabled"),
    }
    for time in given["notificationTime"]:
        if time not in TIMES:
            fields.refuse("notificationTime", f"Invalid notification time [{time}]; must be one of {', '.join(TIMES)}.")
    if new and "enabled" not in fields:
        fields.refuse("enabled", "Enabled can not be empty.")
    order = fields.whole("order", 0, 100_000)
    fields.done()
    given = {part: value for part, value in given.items() if part in fields and value is not None}
    return ({"actionType": kind, **given} if new else given), order


def _needs_time(kind: str | None, fields: Fields, *, new: bool) -> bool:
    return kind in ABOUT_SCHEDULES and (new or "notificationTime" in fields)


def _schedule(part: Fields, company: Company) -> dict[str, str]:
    # That it is one of the user's own, as the page asks, is not looked at.
    part.choice("type", ("schedule",), required=True)
    schedule = company.schedule(part.text("id", 130) or part.text("name", 512) or "")
    if schedule is None:
        part.refuse("id", "There is no such schedule.")
        return {}
    return {"type": "schedule", "id": schedule.id, "name": schedule.name}


def _repeat(fields: Fields) -> dict[str, Any] | None:
    inside = fields.inside("repeat")
    if inside is None:
        return None
    minutes = inside.whole("loopAfter", 0, 1_000_000, required=True)
    return {"loopAfter": minutes, "enabled": inside.flag("enabled", default=True)}


def listing(call: Call) -> Answer:
    user = find(call)
    return data([_brief(user, rule) for rule in rules_of(user)])


def one(call: Call) -> Answer:
    return data(_shown(*find_rule(call)))


def create(call: Call) -> Answer:
    user = find(call)
    given, order = _judged(call, None)
    rule = {"id": call.company.new_id(), "criteria": {"type": "match-all"}, "steps": [], **given}
    if rule["actionType"] in ABOUT_SCHEDULES:
        rule.setdefault("schedules", [])
    _place(user, rule, order)
    return done(call, "notification rules", "Created", rule["id"], _brief(user, rule), 201)


def update(call: Call) -> Answer:
    user, rule = find_rule(call)
    given, order = _judged(call, rule)
    rule.update(given)
    _place(user, rule, order)
    return done(call, "notification rules", "Updated", rule["id"], _brief(user, rule))


def delete(call: Call) -> Answer:
    user, rule = find_rule(call)
    rules_of(user).remove(rule)
    return done(call, "notification rules", "Deleted", rule["id"])


def _switch(call: Call, *, enabled: bool) -> Answer:
    _, rule = find_rule(call)
    rule["enabled"] = enabled
    return done(call, "notification rules", "Enabled" if enabled else "Disabled", rule["id"], {"id": rule["id"]})


def change_order(call: Call) -> Answer:
    user, rule = find_rule(call)
    fields = Fields(call.body)
    order = fields.whole("order", 0, 100_000, required=True)
    fields.done()
    _place(user, rule, order)
    return done(call, "notification rules", "Updated", rule["id"], {"id": rule["id"]})


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/users/{identifier}/notification-rules" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="notification rule")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{ruleId}", one),
    _route("PATCH", "/{ruleId}", update),
    _route("DELETE", "/{ruleId}", delete),
    _route("POST", "/{ruleId}/enable", lambda call: _switch(call, enabled=True)),
    _route("POST", "/{ruleId}/disable", lambda call: _switch(call, enabled=False)),
    _route("POST", "/{ruleId}/change-order", change_order),
]
