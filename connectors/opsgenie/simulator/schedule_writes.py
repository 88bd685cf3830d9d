"""Making, changing and removing schedules."""

from typing import Any
from zoneinfo import ZoneInfo

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.references import judged_owner, renamed, users_of
from connectors.opsgenie.simulator.refusals import clash, in_use
from connectors.opsgenie.simulator.rotation_calls import judged_rotation
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route
from connectors.opsgenie.simulator.schedule_calls import find
from connectors.opsgenie.simulator.schedule_making import make_rotation, make_schedule
from connectors.opsgenie.simulator.schedules import Schedule


def _judged(call: Call, existing: Schedule | None) -> dict[str, Any]:
    """What the body names, as on the wire."""
    company, fields = call.company, Fields(call.body)
    given: dict[str, Any] = {
        "name": fields.text("name", 100, required=existing is None or "name" in fields),
        "description": fields.text("description", 10_000) or "",
        "timezone": fields.zone("timezone"),
        "enabled": fields.flag("enabled", default=True),
        "ownerTeam": judged_owner(fields, company),
        "rotations": [judged_rotation(part, company) for part in fields.each("rotations")],
    }
    fields.done()
    other = company.schedule(given["name"], "name") if "name" in fields else None
    if other is not None and other is not existing:
        raise clash("schedule", "name", given["name"])
    return {name: value for name, value in given.items() if name in fields}


def create(call: Call) -> Answer:
    given = _judged(call, None)
    # Without a zone the account's is taken, which is UTC here.
    schedule = make_schedule(call.company, {**given, "timezone": given.get("timezone") or "UTC"})
    call.company.schedules.append(schedule)
    return done(call, "schedules", "Created", schedule.id, schedule.parent(), 201)


def update(call: Call) -> Answer:
    schedule = find(call)
    given = _judged(call, schedule)
    if "name" in given and given["name"] != schedule.name:
        schedule.name = given["name"]
        renamed(call.company, "schedule", schedule.id, schedule.name)
    schedule.description = given.get("description", schedule.description)
    schedule.enabled = given.get("enabled", schedule.enabled)
    schedule.owner_team = given.get("ownerTeam", schedule.owner_team)
    if given.get("timezone"):
        schedule.zone = ZoneInfo(given["timezone"])
    if "rotations" in given:
        # The list replaces the one there was.
        old = [rotation.id for rotation in schedule.rotations]
        schedule.rotations = [make_rotation(call.company, item) for item in given["rotations"]]
        for identifier in old:
            schedule.forget(identifier)
    return done(call, "schedules", "Updated", schedule.id, schedule.parent())


def delete(call: Call) -> Answer:
    schedule = find(call)
    if users := users_of(call.company, "schedule", schedule.id):
        raise in_use("schedule", users)
    call.company.schedules.remove(schedule)
    return done(call, "schedules", "Deleted", schedule.id)


def _route(method: str, tail: str, handler: Handler, right: str) -> Route:
    path = "/v2/schedules" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="schedule")


ROUTES = [
    _route("POST", "", create, "U"),
    _route("PATCH", "/{identifier}", update, "U"),
    _route("DELETE", "/{identifier}", delete, "D"),
]
