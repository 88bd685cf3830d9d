"""What can be asked of schedules, and their timeline."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.instants import read, written
from connectors.opsgenie.simulator.recipients import people
from connectors.opsgenie.simulator.refusals import Refused, unprocessable
from connectors.opsgenie.simulator.rotations import Participant, Rotation, moment
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.schedules import Period, Schedule

_EXPANDABLE = ["base", "forwarding", "override"]


def find(call: Call, parameter: str = "identifierType") -> Schedule:
    """The schedule a call names, by id unless it says otherwise."""
    kind = call.choice(parameter, ("id", "name"), "id")
    identifier = call.named["identifier"]
    schedule = call.company.schedule(identifier, kind)
    if schedule is None:
        raise Refused(404, f"No schedule exists with {kind} [{identifier}]")
    return schedule


def asked_moment(call: Call) -> datetime:
    """The `date` parameter, now when it is not there."""
    if "date" not in call.query:
        return call.company.clock.now()
    try:
        asked = read(call.query["date"])
    except (ValueError, OverflowError):
        raise unprocessable({"date": f"Invalid date [{call.query['date']}]"}) from None
    if not 1990 < asked.year < 2200:
        raise unprocessable({"date": f"Invalid date [{call.query['date']}]"})
    return asked.replace(microsecond=asked.microsecond // 1000 * 1000)


def listing(call: Call) -> Answer:
    expand = call.choice("expand", ("", "rotation"), "")
    shown = [schedule.shown(with_rotations=expand == "rotation") for schedule in call.company.schedules]
    return data(shown, expandable=["rotation"])


def timeline(call: Call) -> Answer:
    schedule = find(call)
    unit = call.choice("intervalUnit", ("days", "weeks", "months"), "weeks")
    interval = call.number("interval", 1, 1, 120)
    expand = {part.strip() for part in call.query.get("expand", "").split(",")} - {""}
    if not expand <= set(_EXPANDABLE):
        raise unprocessable({"expand": f"Invalid value; must be of {', '.join(_EXPANDABLE)}"})
    since, until = _range(schedule, asked_moment(call), unit, interval)
    now = call.company.clock.now()

    def drawn(periods: Callable[[Rotation, datetime, datetime], list[Period]]) -> dict[str, Any]:
        rotations = schedule.rotations if schedule.enabled else []
        return {
            "rotations": [
                _drawn_rotation(call.company, rotation, number, periods(rotation, since, until), now)
                for number, rotation in enumerate(rotations, start=1)
            ]
        }

    shown: dict[str, Any] = {
        "_parent": schedule.parent(),
        "startDate": written(since),
        "endDate": written(until),
        "finalTimeline": drawn(schedule.periods),
    }
    if schedule.description:
        shown["description"] = schedule.description
    if schedule.owner_team:
        shown["ownerTeam"] = dict(schedule.owner_team)
    if "base" in expand:
        shown["baseTimeline"] = drawn(schedule.planned)
    if "override" in expand:
        shown["overrideTimeline"] = drawn(schedule.overridden)
    if "forwarding" in expand:
        shown["forwardingTimeline"] = drawn(schedule.forwarded)
    return data(shown, expandable=_EXPANDABLE)


def _range(schedule: Schedule, at: datetime, unit: str, interval: int) -> tuple[datetime, datetime]:
    """Local midnight at the start of the unit that holds `at`, and as many units on."""
    day = at.astimezone(schedule.zone).date()
    if unit == "months":
        first = day.replace(day=1)
        months = first.year * 12 + first.month - 1 + interval
        last = date(months // 12, months % 12 + 1, 1)
    elif unit == "weeks":
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(weeks=interval)
    else:
        first, last = day, day + timedelta(days=interval)
    return moment(first, time(0), schedule.zone), moment(last, time(0), schedule.zone)


def _drawn_rotation(
    company: Company, rotation: Rotation, number: int, periods: list[Period], now: datetime
) -> dict[str, Any]:
    drawn: dict[str, Any] = {"id": rotation.id, "name": rotation.name, "order": float(number)}
    shown = [part for period in periods for part in _drawn_period(company, period, now)]
    if shown:
        # Recorded: a rotation without periods has no list of them either.
        drawn["periods"] = shown
    return drawn


def _drawn_period(company: Company, period: Period, now: datetime) -> list[dict[str, Any]]:
    """A period, cut in two where the past ends."""
    parts = []
    if period.start < now:
        past = _part(period.start, min(now, period.end), "historical", period.participant)
        past["flattenedRecipients"] = [
            _flattened(person) for person in dict.fromkeys(people(company, period.participant, period.start))
        ]
        parts.append(past)
    if period.end > now:
        parts.append(_part(max(now, period.start), period.end, period.type, period.participant))
    return parts


def _flattened(person: Participant) -> dict[str, str]:
    shown = {"id": person.id, "type": "user", "name": person.name}
    # OAS has a text here and not an object; which text is not confirmed.
    return {**shown, "forwardedFrom": person.forwarded_from.name} if person.forwarded_from else shown


def _part(start: datetime, end: datetime, kind: str, participant: Participant) -> dict[str, Any]:
    recipient: dict[str, str] = {"type": participant.type}
    if participant.type != "none":
        recipient = {"id": participant.id, "type": participant.type, "name": participant.name}
    part: dict[str, Any] = {
        "startDate": written(start),
        "endDate": written(end),
        "type": kind,
        "recipient": recipient,
    }
    if kind == "forwarding" and participant.forwarded_from is not None:
        part["fromUser"] = participant.forwarded_from.name  # a text in OAS, too
    return part


def _route(path: str, handler: Handler) -> Route:
    return Route("GET", path, handler, "Configuration", "R", configuration=True, noun="schedule")


ROUTES = [
    _route("/v2/schedules", listing),
    _route("/v2/schedules/{identifier}", lambda call: data(find(call).shown(with_rotations=True))),
    _route("/v2/schedules/{identifier}/timeline", timeline),
]
