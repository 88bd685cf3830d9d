"""Inputs of a run: defaults, types, and what is missing or unknown."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from playbooks_engine.errors import ExpressionError, InvalidInput
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Scope
from playbooks_engine.language.playbook import Input, Playbook
from playbooks_engine.language.suggesting import did_you_mean, shown
from playbooks_engine.sdk.durations import FORMS as DURATIONS
from playbooks_engine.sdk.durations import parse_duration
from playbooks_engine.sdk.times import FORMS as TIMES
from playbooks_engine.sdk.times import in_utc, moment_of

_WHOLE = re.compile(r"[+-]?[0-9]{1,80}")


def accept_inputs(playbook: Playbook, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Every declared input of a playbook with its value, as `accept` gives them."""
    return accept(playbook.inputs, given, now, playbook.name, how="give it with --input {}=..., or under `with`")


def accept(
    inputs: Mapping[str, Input], given: Mapping[str, Any], now: datetime, what: str, *, how: str
) -> dict[str, Any]:
    """Every declared input with its value, in the declared types.

    Text (as `--input K=V` gives it) is read as the declared type; durations become timedelta and times datetime
    in UTC. Raises InvalidInput for the first input that is unknown, missing or does not fit; `how` tells how one is
    given, with {} for its name.
    """
    for name in given:
        if name not in inputs:
            known = ", ".join(inputs)
            hint = did_you_mean(name, inputs, f"its inputs are: {known}" if known else "it takes none")
            raise InvalidInput(f"{what} has no input '{shown(name)}'", hint=hint)
    missing = [name for name, declared in inputs.items() if declared.required and name not in given]
    if missing:
        named = ", ".join(f"'{name}'" for name in missing)
        plural = "s" if len(missing) > 1 else ""
        raise InvalidInput(f"{what} needs the input{plural} {named}", hint=how.format(missing[0]))
    accepted: dict[str, Any] = {}
    for name, declared in inputs.items():
        value = given[name] if name in given else _default(declared, now)
        try:
            accepted[name] = as_type(declared, value)
        except InvalidInput as error:
            raise InvalidInput(f"the input '{name}': {error.message}", hint=error.hint) from None
    return accepted


def vars_of(playbook: Playbook, roots: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The `vars` of a playbook, each seeing the ones before it; raises InvalidInput for one without a value."""
    known: dict[str, Any] = {}
    for name, value in playbook.vars.items():
        try:
            known[name] = value.evaluate(Scope({**roots, "vars": known}, lambda: now))
        except ExpressionError as error:
            raise InvalidInput(f"vars.{name}: {error.message}", hint=error.hint) from None
    return known


def as_type(declared: Input, value: Any) -> Any:
    """The value in the declared type; raises InvalidInput."""
    result = _CONVERSIONS[declared.type](value)
    if declared.type == "list" and declared.items is not None:
        result = [_item(declared.items, index, item) for index, item in enumerate(result)]
    if declared.enum is not None and not any(type(one) is type(result) and one == result for one in declared.enum):
        allowed = ", ".join(str(one) for one in declared.enum)
        words = [str(one) for one in declared.enum]
        hint = did_you_mean(str(result), words, f"write {words[0]}")
        raise InvalidInput(f"must be one of: {allowed}", hint=hint)
    return result


def _default(declared: Input, now: datetime) -> Any:
    if declared.default is None:
        return None
    try:
        return declared.default.evaluate(Scope({}, lambda: now))
    except ExpressionError as error:
        raise InvalidInput(f"the default of '{declared.name}': {error.message}", hint=error.hint) from None


def _item(items: str, index: int, value: Any) -> Any:
    try:
        return _CONVERSIONS[items](value)
    except InvalidInput as error:
        raise InvalidInput(f"item {index} {error.message}", hint=error.hint) from None


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"must be text, this is {kind(value)}", hint="put it in quotes")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, str):
        value = int(value) if _WHOLE.fullmatch(value.strip()) else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput("must be a whole number", hint="write it like 3")
    return value


def _number(value: Any) -> float:
    if isinstance(value, str):
        try:
            value = float(value.strip())
            value = int(value) if value.is_integer() and abs(value) < 2**53 else value
        except (ValueError, OverflowError):
            value = None
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise InvalidInput("must be a number", hint="write it like 2.5")
    return value


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower())
    if not isinstance(value, bool):
        raise InvalidInput("must be true or false", hint="write true or false; yes, no, on and off are text")
    return value


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return parse_duration(value if isinstance(value, str) else "")
    except ValueError:
        raise InvalidInput("must be a duration", hint=DURATIONS) from None


def _datetime(value: Any) -> datetime:
    if isinstance(value, datetime):
        return in_utc(value)
    try:
        return moment_of(value if isinstance(value, str) else "")
    except ValueError:
        raise InvalidInput("must be a time", hint=TIMES) from None


def _list(value: Any) -> list[Any]:
    read = _from_json(value, "[")
    if isinstance(value, str) and not isinstance(read, list):
        return [part.strip() for part in value.split(",")] if value.strip() else []
    if not isinstance(read, list | tuple):
        raise InvalidInput(f"must be a list, this is {kind(read)}", hint='write a,b or ["a", "b"]')
    return list(read)


def _map(value: Any) -> dict[str, Any]:
    read = _from_json(value, "{")
    if not isinstance(read, Mapping):
        raise InvalidInput(f"must be a map, this is {kind(read)}", hint='write it as JSON: {"key": "value"}')
    return dict(read)


def _from_json(value: Any, opening: str) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith(opening):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise InvalidInput("is not valid JSON", hint="check its quotes and brackets") from None


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "duration": _duration,
    "datetime": _datetime,
    "list": _list,
    "map": _map,
}
