"""Schedules, and what one person has to do by them, as calendars."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from connectors.opsgenie.simulator.recipients import usernames
from connectors.opsgenie.simulator.refusals import Refused
from connectors.opsgenie.simulator.rotations import Rotation
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route
from connectors.opsgenie.simulator.schedule_calls import find
from connectors.opsgenie.simulator.schedules import Period, Schedule

# OAS says three months for a person's calendar; for a schedule's nothing is said.
_AHEAD = timedelta(days=92)
_LONGEST = 75
"""Bytes in a line of a calendar."""


def of_schedule(call: Call) -> Answer:
    schedule = find(call)
    return _calendar(call, schedule.name, _periods(call, [schedule]))


def of_person(call: Call) -> Answer:
    identifier = call.named["userIdentifier"]
    user = call.company.user(identifier)
    if user is None:
        raise Refused(404, f"User not found with identifier [{identifier}]")
    mine = (
        (schedule, rotation, period)
        for schedule, rotation, period in _periods(call, call.company.schedules)
        if user["username"] in usernames(call.company, period.participant, period.start)
    )
    return _calendar(call, f"{user['username']} on call", mine)


def _periods(call: Call, schedules: Iterable[Schedule]) -> Iterator[tuple[Schedule, Rotation, Period]]:
    now = call.company.clock.now()
    for schedule in schedules:
        for rotation in schedule.rotations if schedule.enabled else ():
            for period in schedule.periods(rotation, now, now + _AHEAD):
                yield schedule, rotation, period


def _calendar(call: Call, name: str, periods: Iterable[tuple[Schedule, Rotation, Period]]) -> Answer:
    now = call.company.clock.now()
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Opsgenie//On-call//EN", f"X-WR-CALNAME:{_escaped(name)}"]
    for schedule, rotation, period in periods:
        who = period.participant
        lines += [
            "BEGIN:VEVENT",
            f"UID:{rotation.id}-{_moment(period.start)}-{who.id}",
            f"DTSTAMP:{_moment(now)}",
            f"DTSTART:{_moment(period.start)}",
            f"DTEND:{_moment(period.end)}",
            f"SUMMARY:{_escaped(f'{who.name} is on call for {schedule.name} ({rotation.name})')}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    folded = b"".join(_folded(line) for line in lines)
    return Answer({}, headers={"Content-Type": "text/calendar; charset=utf-8"}, raw=folded)


def _moment(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%SZ")


def _escaped(value: str) -> str:
    for sign in ("\\", ";", ","):
        value = value.replace(sign, "\\" + sign)
    return value.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """A line of a calendar, cut where it gets too long and never inside a letter."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        encoded = letter.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _LONGEST - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += encoded
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"


def _route(path: str, handler: Handler) -> Route:
    return Route("GET", path, handler, "Configuration", "R", configuration=True, noun="schedule")


ROUTES = [
    _route("/v2/schedules/{identifier}.ics", of_schedule),
    _route("/v2/schedules/on-calls/{userIdentifier}.ics", of_person),
]
