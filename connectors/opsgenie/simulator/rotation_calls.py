"""Rotations in requests, and the calls that add, show, change and remove them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.references import judged_recipient
from connectors.opsgenie.simulator.refusals import missing
from connectors.opsgenie.simulator.restrictions import judged_restriction
from connectors.opsgenie.simulator.rotations import Rotation
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.schedule_calls import find
from connectors.opsgenie.simulator.schedule_making import make_rotation
from connectors.opsgenie.simulator.schedules import Schedule, rotation_shown

_PARAMETER = "scheduleIdentifierType"


def judged_rotation(fields: Fields, company: Company, existing: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A rotation of a request, as on the wire; what a change does not name stays as it was."""
    new = existing is None
    start = fields.moment("startDate", required=new)
    end = fields.moment("endDate")
    participants = fields.each("participants", required=new or "participants" in fields)
    given: dict[str, Any] = {
        "name": fields.text("name", 100),
        "startDate": written(_snapped(start)) if start else None,
        "endDate": written(_snapped(end)) if end else None,
        "type": fields.choice("type", ("daily", "weekly", "hourly"), required=new),
        "length": fields.whole("length", 1, 1000),
        "participants": [
            judged_recipient(part, company, ("user", "team", "escalation", "none")) for part in participants
        ],
        "timeRestriction": judged_restriction(fields),
    }
    named = {name: value for name, value in given.items() if name in fields and value is not None}
    # A null takes away what may be missing.
    kept = {name: value for name, value in (existing or {}).items() if name not in fields or name not in _REMOVABLE}
    rotation = {"name": "", "length": 1, **kept, **named}
    if not fields.errors and rotation.get("endDate") and rotation["endDate"] <= rotation["startDate"]:
        fields.refuse("endDate", "EndDate must be after startDate.")
    return rotation


_REMOVABLE = ("endDate", "timeRestriction")


def _snapped(moment: datetime) -> datetime:
    """To the nearest half or full hour."""
    half = timedelta(minutes=30)
    past = moment - moment.replace(minute=0, second=0, microsecond=0)
    return moment - past + half * int(past / half + 0.5)


def _found(call: Call) -> tuple[Schedule, int]:
    schedule, identifier = find(call, _PARAMETER), call.named["id"]
    for place, rotation in enumerate(schedule.rotations):
        if rotation.id == identifier:
            return schedule, place
    raise missing("rotation", "id", identifier)


def _brief(rotation: Rotation) -> dict[str, str]:
    return {"id": rotation.id, "name": rotation.name}


def listing(call: Call) -> Answer:
    return data([rotation_shown(rotation) for rotation in find(call, _PARAMETER).rotations])


def one(call: Call) -> Answer:
    schedule, place = _found(call)
    return data({"_parent": schedule.parent(), **rotation_shown(schedule.rotations[place])})


def create(call: Call) -> Answer:
    schedule, fields = find(call, _PARAMETER), Fields(call.body)
    given = judged_rotation(fields, call.company)
    fields.done()
    rotation = make_rotation(call.company, given)
    schedule.rotations.append(rotation)
    return done(call, "rotations", "Created", rotation.id, _brief(rotation), 201)


def update(call: Call) -> Answer:
    schedule, place = _found(call)
    fields = Fields(call.body)
    given = judged_rotation(fields, call.company, rotation_shown(schedule.rotations[place]))
    fields.done()
    schedule.rotations[place] = make_rotation(call.company, given)
    return done(call, "rotations", "Updated", given["id"], _brief(schedule.rotations[place]))


def delete(call: Call) -> Answer:
    schedule, place = _found(call)
    rotation = schedule.rotations.pop(place)
    schedule.forget(rotation.id)
    return done(call, "rotations", "Deleted", rotation.id)


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/schedules/{identifier}/rotations" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="schedule")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{id}", one),
    _route("PATCH", "/{id}", update),
    _route("DELETE", "/{id}", delete),
]
