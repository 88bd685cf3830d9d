"""Values that inputs and settings share: durations and moments."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from playbooks_engine.sdk import durations, times
from playbooks_engine.sdk.durations import seconds_of
from playbooks_engine.sdk.times import in_utc, moment_of


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
        raise PydanticCustomError("duration", f"is not a duration; {durations.FORMS}") from None


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return in_utc(value)
    try:
        return moment_of(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("moment", f"is not a time; {times.FORMS}") from None


Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": durations.PATTERN, "examples": ["30s", "5m"]}),
]
"""Seconds, written `30s 5m 2h 1d`."""

Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(on_the_wire, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["2020-06-03 00:00", "2020-06-03T00:00:00Z"]}),
]
"""A time, written as ISO 8601 or `2020-06-03 00:00` (UTC)."""
