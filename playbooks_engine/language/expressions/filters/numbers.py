"""Filters on numbers."""

from __future__ import annotations

import math
import re
from typing import Any

from playbooks_engine.language.expressions.filters.table import Filter, whole
from playbooks_engine.language.expressions.operators import checked, is_number
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Trouble
from playbooks_engine.language.suggesting import shown

_WHOLE = re.compile(r"[+-]?\d{1,80}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d{1,80}(?:\.\d{0,80})?|\.\d{1,80})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NONE: Any = object()


def _int(_: Evaluation, value: Any, default: Any = _NONE) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return checked(int(value))
    number = _number(value)
    if number is not None and math.isfinite(number):
        return checked(int(number))
    return _otherwise(value, default, "a whole number")


def _float(_: Evaluation, value: Any, default: Any = _NONE) -> Any:
    number = _number(value)
    if number is not None and math.isfinite(number):
        return number
    return _otherwise(value, default, "a number")


def _number(value: Any) -> float | None:
    if is_number(value):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        return float(value)
    return None


def _otherwise(value: Any, default: Any, wanted: str) -> Any:
    if default is not _NONE:
        return default
    said = f"{shown(value, 40)!r}" if isinstance(value, str) else kind(value)
    raise Trouble(f"{said} is not {wanted}", "give a default: `| int(0)`")


def _abs(_: Evaluation, value: Any) -> Any:
    return abs(_checked_number(value, "abs"))


def _round(_: Evaluation, value: Any, precision: int = 0, method: str = "common") -> Any:
    number = _checked_number(value, "round")
    places = whole(precision, "precision", 0, 15)
    if method not in ("common", "ceil", "floor"):
        raise Trouble("round goes 'common', 'ceil' or 'floor'")
    if isinstance(number, int):
        return number
    if method == "common":
        rounded: float = round(number, places)
    else:
        scaled = checked(number * 10**places)
        rounded = (math.ceil(scaled) if method == "ceil" else math.floor(scaled)) / 10**places
    return checked(int(rounded)) if places == 0 else rounded


def _checked_number(value: Any, what: str) -> Any:
    if not is_number(value):
        raise Trouble(f"{what} works on numbers, not on {kind(value)}", "turn text into a number: `| int`")
    return checked(value)


NUMBERS: dict[str, Filter] = {
    "int": Filter(_int),
    "float": Filter(_float),
    "abs": Filter(_abs),
    "round": Filter(_round),
}
