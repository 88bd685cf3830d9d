"""Values that inputs and settings share: durations and moments."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def seconds_of(text: str) -> float:
    """`1h30m` in seconds; raises ValueError for anything else than `30s 5m 2h 1d` and their sums."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ValueError(f"{text!r} is not a duration; write 30s, 5m, 2h or 1d")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def moment_of(text: str) -> datetime:
    """ISO 8601 or `2020-06-03 00:00`, in UTC where no zone is given; raises ValueError."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write 2020-06-03 00:00 (UTC) or 2020-06-03T00:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def on_the_wire(moment: datetime) -> str:
    """`2020-06-03T00:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _duration(value: Any) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, float) and 0 <= value < math.inf:
        return value
    try:
        return seconds_of(value if isinstance(value, str) else "")
    except ValueError:
        # Messages about inputs hold no values: they may come from anywhere.
        raise PydanticCustomError("duration", "this is not a duration; write 30s, 5m, 2h or 1d") from None


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    try:
        return moment_of(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError(
            "moment", "this is not a time; write 2020-06-03 00:00 (UTC) or 2020-06-03T00:00:00Z"
        ) from None


Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+(ms|s|m|h|d))+$", "examples": ["30s", "5m"]}),
]
"""Seconds, written `30s 5m 2h 1d`."""

Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(on_the_wire, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["2020-06-03 00:00", "2020-06-03T00:00:00Z"]}),
]
"""A time, written as ISO 8601 or `2020-06-03 00:00` (UTC)."""
