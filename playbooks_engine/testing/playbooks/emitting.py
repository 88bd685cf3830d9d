"""Data as YAML for people: what could be read as something else stands in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"(?:\./)?[A-Za-z][\w ./@-]*[\w./]|[A-Za-z]")
_KEY = re.compile(r"[A-Za-z_][\w.-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LONGEST = 100


def as_yaml(value: Any) -> str:
    """The data as a YAML document."""
    return "\n".join(_block(value, "")) + "\n"


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _part(f"{indent}{_scalar(str(key), key=True)}:", part, indent)
    elif isinstance(value, list):
        for part in value:
            if isinstance(part, Mapping | list) and part and len(_flow(part)) > _LONGEST - len(indent):
                first, *rest = _block(part, f"{indent}  ")
                yield f"{indent}- {first.lstrip()}"
                yield from rest
            else:
                yield f"{indent}- {_flow(part)}"
    else:
        yield f"{indent}{_scalar(value)}"


def _part(head: str, value: Any, indent: str) -> Iterator[str]:
    flat = _flow(value)
    if not isinstance(value, Mapping | list) or not value or (len(head) + len(flat) < _LONGEST and _small(value)):
        yield f"{head} {flat}"
    else:
        yield head
        yield from _block(value, f"{indent}  ")


def _small(value: Any) -> bool:
    """Whether a map or list reads well on one line: nothing nested, or a list of one such thing."""
    parts = list(value.values()) if isinstance(value, Mapping) else value
    return not any(isinstance(part, Mapping | list) and part for part in parts)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(key), key=True)}: {_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any, *, key: bool = False) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if (_KEY if key else _PLAIN).fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(map(_char, text)) + '"'


def _char(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    number = ord(char)
    if 0xD800 <= number <= 0xDFFF:
        return "\\uFFFD"
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"
