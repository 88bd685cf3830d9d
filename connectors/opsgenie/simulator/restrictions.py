"""Time restrictions in a request: when within a day or a week something holds."""

from typing import Any

from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.rotations import DAYS

MOST = 15
"""Stretches of a week."""


def judged_restriction(fields: Fields, name: str = "timeRestriction") -> dict[str, Any] | None:
    """The restriction as the service keeps it; None when there is none, or a wrong one, which is noted."""
    inside = fields.inside(name)
    if inside is None:
        return None
    kind = inside.choice("type", ("time-of-day", "weekday-and-time-of-day"), required=True)
    if kind is None:
        return None
    if kind == "time-of-day":
        # Some answers have a list of one here, so a list of one is taken too.
        one = inside.inside("restriction") if "restriction" in inside else None
        given = [one] if one else inside.each("restrictions", required=True, most=1)
        hours = [_hours(part) for part in given]
        return {"type": kind, "restriction": hours[0]} if hours else None
    parts = inside.each("restrictions", required=True, most=MOST)
    return {"type": kind, "restrictions": [{**_days(part), **_hours(part)} for part in parts]}


def _days(part: Fields) -> dict[str, str | None]:
    return {name: part.choice(name, DAYS, required=True) for name in ("startDay", "endDay")}


def _hours(part: Fields) -> dict[str, int | None]:
    shown = {}
    for name, most in (("startHour", 23), ("startMin", 59), ("endHour", 23), ("endMin", 59)):
        shown[name] = part.whole(name, 0, most, required=True)
    return shown
