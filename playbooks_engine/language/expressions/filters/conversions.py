"""Filters between JSON, times and text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.filters.table import Filter, text_of
from playbooks_engine.language.expressions.operators import is_number
from playbooks_engine.language.expressions.printing import json_text
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Trouble
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.sdk.times import in_utc, moment_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _to_json(_: Evaluation, value: Any, indent: int | None = None) -> str:
    return json_text(value, indent)


def _from_json(_: Evaluation, value: Any) -> Any:
    text = text_of(value, "from_json")
    if len(text) > limits.LENGTH:
        raise Trouble(f"from_json reads at most {limits.LENGTH:,} characters")
    if _depth(text) > 64:
        raise Trouble("this JSON is nested more than 64 deep")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Trouble(f"this is not JSON: {error.msg.lower()} at character {error.pos + 1}") from None
    except ValueError:
        raise Trouble("this JSON holds a number that cannot be read") from None


def _no_constant(name: str) -> Any:
    raise Trouble(f"this is not JSON: {name} is no JSON number")


def _depth(text: str) -> int:
    """How deep the brackets go, at most: those in quotes count too, which only refuses more."""
    deepest = depth = 0
    quoted = escaped = False
    for char in text:
        if quoted:
            quoted, escaped = (not (char == '"' and not escaped)), (char == "\\" and not escaped)
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _to_datetime(_: Evaluation, value: Any) -> datetime:
    """Text is ISO 8601; a number is milliseconds since 1970, as Opsgenie writes them."""
    if isinstance(value, datetime):
        return in_utc(value)
    try:
        if isinstance(value, str):
            return moment_of(value)
        if is_number(value):
            return _EPOCH + timedelta(milliseconds=value)
    except ValueError as error:
        raise Trouble(str(error)) from None
    except OverflowError:
        raise Trouble("that time is out of reach", "a number is milliseconds since 1970") from None
    raise Trouble(f"{kind(value)} is no time", "a time is text in ISO 8601, or milliseconds since 1970")


def _epoch_ms(evaluation: Evaluation, value: Any) -> int:
    return (_to_datetime(evaluation, value) - _EPOCH) // timedelta(milliseconds=1)


def _human_time(evaluation: Evaluation, value: Any, timezone: ZoneInfo | None = None) -> str:
    if isinstance(value, timedelta):
        return format_duration(timedelta(seconds=round(value.total_seconds())))
    try:
        moment = _to_datetime(evaluation, value).astimezone(timezone or UTC)
    except OverflowError:
        raise Trouble("that time is out of reach") from None
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname()}"


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises Trouble when there is none."""
    try:
        if not name or name.startswith((".", "/")) or "\\" in name:
            raise ValueError(name)
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Trouble(f"there is no time zone {name!r:.60}", "write it like Europe/Berlin") from None


CONVERSIONS: dict[str, Filter] = {
    "to_json": Filter(_to_json),
    "from_json": Filter(_from_json),
    "to_datetime": Filter(_to_datetime),
    "epoch_ms": Filter(_epoch_ms),
    "human_time": Filter(_human_time, prepare={"timezone": zone}),
}
