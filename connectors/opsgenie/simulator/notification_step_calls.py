"""Steps of notification rules, one by one."""

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.notification_rules import find_rule
from connectors.opsgenie.simulator.notification_steps import judged_step, shown_step
from connectors.opsgenie.simulator.refusals import missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data


def _asked(call: Call) -> tuple[Thing, Thing]:
    _, rule = find_rule(call)
    step = named(rule["steps"], call.named["id"], "id")
    if step is None:
        raise missing("notification rule step", "id", call.named["id"])
    return rule, step


def _done(call: Call, result: str, step: Thing, status: int = 200) -> Answer:
    return done(call, "notification rule steps", result, step["id"], {"id": step["id"]}, status)


def listing(call: Call) -> Answer:
    return data([shown_step(step) for step in find_rule(call)[1]["steps"]])


def one(call: Call) -> Answer:
    rule, step = _asked(call)
    return data(shown_step(step, rule))


def create(call: Call) -> Answer:
    _, rule = find_rule(call)
    fields = Fields(call.body)
    given = judged_step(fields, rule["actionType"], new=True)
    fields.done()
    step = {"id": call.company.new_id(), **given}
    rule["steps"].append(step)
    return _done(call, "Created", step, 201)


def update(call: Call) -> Answer:
    rule, step = _asked(call)
    fields = Fields(call.body)
    given = judged_step(fields, rule["actionType"], new=False)
    fields.done()
    step.update(given)
    return _done(call, "Updated", step)


def delete(call: Call) -> Answer:
    rule, step = _asked(call)
    rule["steps"].remove(step)
    return done(call, "notification rule steps", "Deleted", step["id"])


def _switch(call: Call, *, enabled: bool) -> Answer:
    _, step = _asked(call)
    step["enabled"] = enabled
    return _done(call, "Enabled" if enabled else "Disabled", step)


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/users/{identifier}/notification-rules/{ruleId}/steps" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="notification rule")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{id}", one),
    _route("PATCH", "/{id}", update),
    _route("DELETE", "/{id}", delete),
    _route("POST", "/{id}/enable", lambda call: _switch(call, enabled=True)),
    _route("POST", "/{id}/disable", lambda call: _switch(call, enabled=False)),
]
