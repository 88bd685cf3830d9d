"""What a plain scalar means by the YAML 1.2 core schema: `on`, `NO`, `0123`, `12:30:00` and dates stay text."""

from __future__ import annotations

import math
import re
from typing import Any

_WORDS: dict[str, Any] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# The core schema would read 0123 as 123; as an id it is text, and as a number nobody writes it.
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

LONGEST_NUMBER = 100


def meaning(text: str) -> Any:
    """The value of a plain scalar; raises ValueError when it is a number too large to keep."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    whole, based, decimal = _WHOLE.fullmatch(text), _BASED.fullmatch(text), _DECIMAL.fullmatch(text)
    if not (whole or based or decimal):
        return text
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number may have {LONGEST_NUMBER} digits")
    if whole:
        return int(text)
    if based:
        return int(text, 0)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("this number is too large")
    return number


def tagged(tag: str, text: str) -> Any:
    """The value of a scalar with an explicit core tag; raises ValueError when it does not fit."""
    kind = tag.removeprefix("tag:yaml.org,2002:")
    if kind == "str":
        return text
    value = meaning(text)
    fits = {
        "null": value is None,
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
    }
    if not fits.get(kind, False):
        raise ValueError(f"this is not what the tag !!{kind} says")
    return float(value) if kind == "float" else value


SCALAR_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "null", "bool", "int", "float"))
