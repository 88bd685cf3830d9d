"""Times: read from ISO 8601 or `2020-06-03 00:00`, always in UTC, and written back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from playbooks_engine.sdk.durations import format_duration

# fromisoformat also takes week dates and digits without dashes, which nobody means.
_FORM = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:Z|z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)

FORMS = "write it like 2026-05-01T10:12:00Z or 2026-05-01 10:12 (UTC)"
"""How to write a time, for messages."""


def moment_of(text: str) -> datetime:
    """The moment that the text names, in UTC; raises ValueError with a message for people.

    A text without a zone is UTC; a date alone is its midnight.
    """
    stripped = text.strip()
    if _FORM.fullmatch(stripped) is None:
        raise ValueError(f"{text[:40]!r} is not a time; {FORMS}")
    try:
        return in_utc(datetime.fromisoformat(stripped.replace("z", "Z").replace(" Z", "Z")))
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is not a time that exists; {FORMS}") from None


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; one without a zone is taken to be UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """ISO 8601 with `Z`, as short as it can be without losing anything."""
    return in_utc(moment).isoformat().replace("+00:00", "Z")


def as_json(value: Any) -> Any:
    """The value with times and durations as text, ready for JSON; everything else as it is."""
    match value:
        case datetime():
            return format_time(value)
        case timedelta():
            return format_duration(value)
        case Mapping():
            return {key: as_json(part) for key, part in value.items()}
        case list() | tuple():
            return [as_json(part) for part in value]
        case _:
            return value
