"""Overrides of schedules: somebody else, for a while."""

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.references import judged_recipient
from connectors.opsgenie.simulator.refusals import clash, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.schedule_calls import find
from connectors.opsgenie.simulator.schedule_making import make_override
from connectors.opsgenie.simulator.schedules import Override, Schedule

_PARAMETER = "scheduleIdentifierType"


def _found(call: Call) -> tuple[Schedule, int]:
    schedule, alias = find(call, _PARAMETER), call.named["alias"]
    for place, override in enumerate(schedule.overrides):
        if override.alias == alias:
            return schedule, place
    raise missing("override", "alias", alias)


def _judged(call: Call, schedule: Schedule, alias: str | None) -> Override:
    company, fields = call.company, Fields(call.body)
    if alias is None:
        alias = fields.text("alias", 512) or company.new_id()
        taken = any(override.alias == alias for override in schedule.overrides)
    else:
        taken = False
    inside = fields.inside("user", required=True)
    # OAS knows users and nobody here.
    who = judged_recipient(inside, company, ("user", "none")) if inside else {}
    start, end = fields.moment("startDate", required=True), fields.moment("endDate", required=True)
    if start and end and end <= start:
        fields.refuse("endDate", "EndDate must be after startDate.")
    rotations = []
    for part in fields.each("rotations"):
        wanted = part.text("id", 130) or part.text("name", 100)
        rotation = next((item for item in schedule.rotations if wanted in (item.id, item.name)), None)
        if rotation is None:
            part.refuse("id", "There is no such rotation.")
        else:
            rotations.append({"id": rotation.id})
    fields.done()
    if taken:
        raise clash("override", "alias", alias)
    given = {"alias": alias, "user": who, "rotations": rotations}
    dates = {"startDate": written(start), "endDate": written(end)} if start and end else {}
    return make_override(company, schedule, {**given, **dates})


def listing(call: Call) -> Answer:
    schedule = find(call, _PARAMETER)
    return data([override.shown(schedule) for override in schedule.overrides])


def one(call: Call) -> Answer:
    schedule, place = _found(call)
    return data(schedule.overrides[place].shown(schedule))


def create(call: Call) -> Answer:
    schedule = find(call, _PARAMETER)
    override = _judged(call, schedule, None)
    schedule.overrides.append(override)
    return done(call, "overrides", "Created", override.alias, {"alias": override.alias}, 201)


def update(call: Call) -> Answer:
    schedule, place = _found(call)
    override = _judged(call, schedule, call.named["alias"])
    schedule.overrides[place] = override
    return done(call, "overrides", "Updated", override.alias, {"alias": override.alias})


def delete(call: Call) -> Answer:
    schedule, place = _found(call)
    override = schedule.overrides.pop(place)
    return done(call, "overrides", "Deleted", override.alias)


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/schedules/{identifier}/overrides" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="schedule")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{alias}", one),
    _route("PUT", "/{alias}", update),
    _route("DELETE", "/{alias}", delete),
]
