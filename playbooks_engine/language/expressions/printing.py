"""Values as text: numbers and booleans as in JSON, times as ISO 8601, anything with parts only on request."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.trouble import Trouble
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.sdk.times import format_time

_DEEPEST = 64


def printed(value: Any) -> str:
    """The text of a value inside other text; raises Trouble for null, lists and maps."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case datetime():
            return format_time(value)
        case timedelta():
            return format_duration(value)
        case None:
            raise Trouble("null cannot be part of a text", "use `| default('...', true)`, or `| to_json`")
        case list() | tuple():
            raise Trouble("a list cannot be part of a text", "use `| join(', ')` or `| to_json`")
        case Mapping():
            raise Trouble("a map cannot be part of a text", "take one of its keys, or use `| to_json`")
        case _:
            raise Trouble("this value cannot be part of a text", "use `| to_json`")


def json_text(value: Any, indent: int | None = None) -> str:
    """The value as JSON; raises Trouble when it is too large, too deep or not data."""
    measure(value)
    if indent is not None and not 0 <= indent <= 8:
        raise Trouble("indent goes from 0 to 8")
    text = json.dumps(_plain(value), ensure_ascii=False, indent=indent, allow_nan=False)
    if len(text) > limits.LENGTH:
        raise _too_large()
    return text


def measure(value: Any, most: int = limits.LENGTH) -> int:
    """About how many characters the value has as JSON; raises Trouble beyond the limit."""
    size, waiting = 0, [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        size += 2
        if depth > _DEEPEST:
            raise Trouble(f"the value is nested more than {_DEEPEST} deep")
        if isinstance(part, str):
            size += len(part)
        elif isinstance(part, Mapping):
            size += sum(len(str(key)) for key in part)
            waiting.extend((inner, depth + 1) for inner in part.values())
        elif isinstance(part, list | tuple):
            size += len(part)
            waiting.extend((inner, depth + 1) for inner in part)
        if size > most:
            raise _too_large()
    return size


def _too_large() -> Trouble:
    return Trouble(f"the result is larger than {limits.LENGTH:,} characters", "make it smaller first")


def _number(value: float) -> str:
    if isinstance(value, int):
        if value.bit_length() > 4096:
            raise Trouble("the number is too large")
        return str(value)
    if not math.isfinite(value):
        raise Trouble("the number is not finite")
    return json.dumps(value)


def _plain(value: Any) -> Any:
    match value:
        case None | str() | bool():
            return value
        case int() | float():
            _number(value)
            return value
        case datetime():
            return format_time(value)
        case timedelta():
            return format_duration(value)
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            raise Trouble("this value has no JSON form")
