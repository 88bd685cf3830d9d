"""Durations as people write them: `30s`, `5m`, `2h`, `1d`, `1h30m`."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_FORM = re.compile(
    r"(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9}(?:\.\d{1,6})?)s)?", re.ASCII
)

PATTERN = rf"^\s*(?=\d){_FORM.pattern}\s*$"
"""The same form for JSON Schema."""

LONGEST = timedelta(days=36_500)
"""A hundred years: longer is a mistake, and close to what a date can hold."""

FORMS = "write it like 30s, 5m, 2h, 1d or 1h30m"
"""How to write a duration, for messages."""


def parse_duration(text: str) -> timedelta:
    """The length of time that `1h30m` names; raises ValueError with a message for people."""
    match = _FORM.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise ValueError(f"{text[:40]!r} is not a duration; {FORMS}")
    seconds = sum(
        float(number) * size for number, size in zip(match.groups(), _UNITS.values(), strict=True) if number is not None
    )
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{text[:40]!r} is longer than a hundred years")
    return timedelta(seconds=seconds)


def seconds_of(text: str) -> float:
    """The same in seconds."""
    return parse_duration(text).total_seconds()


def format_duration(duration: timedelta | float) -> str:
    """The shortest text that `parse_duration` reads back as this duration."""
    length = duration if isinstance(duration, timedelta) else timedelta(seconds=duration)
    sign = "-" if length < timedelta(0) else ""
    length = abs(length)
    rest, parts = length.days * 86_400 + length.seconds, []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
    if rest or fraction or not parts:
        parts.append(f"{rest}{fraction}s")
    return sign + "".join(parts)
