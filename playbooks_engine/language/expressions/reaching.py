"""Dot and brackets: on a map they mean the key and nothing else, on a list the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from playbooks_engine.language.expressions.trouble import Absent, Trouble
from playbooks_engine.language.suggesting import nearest, shown

_SHOWN = 12


def reach(value: Any, key: Any) -> Any:
    """What stands under the key; raises Absent when nothing does."""
    if isinstance(value, Mapping):
        if not isinstance(key, str):
            raise Trouble(f"a map's keys are text, not {kind(key)}")
        try:
            return value[key]
        except KeyError:
            raise no_key(key, value) from None
    if isinstance(value, list | tuple):
        return _item(value, key)
    what = f"{kind(value)} has no key {_quoted(key)}" if isinstance(key, str) else f"{kind(value)} has no items"
    raise Absent(what, "add `| default(...)` if that can happen" if value is None else None)


def cut(value: Any, first: Any, last: Any, step: Any) -> Any:
    """The slice of a list or a text."""
    if not isinstance(value, list | tuple | str):
        raise Trouble(f"{kind(value)} cannot be sliced")
    for bound in (first, last, step):
        if bound is not None and (not isinstance(bound, int) or isinstance(bound, bool)):
            raise Trouble(f"a slice takes whole numbers, not {kind(bound)}")
    if step == 0:
        raise Trouble("a slice cannot go in steps of 0")
    return value[first:last:step]


def no_key(key: str, value: Mapping[str, Any]) -> Absent:
    """The complaint about a key that is not there."""
    return Absent(f"no key {_quoted(key)}; {having(key, value)}")


def having(word: str, known: Iterable[str]) -> str:
    """`it has: a, b. Did you mean 'a'?`"""
    names = sorted(str(name) for name in known)
    if not names:
        return "it has none"
    some = ", ".join(shown(name, 40) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    near = nearest(word, names)
    return f"it has: {some}{more}." + (f" Did you mean {_quoted(near)}?" if near else "")


def kind(value: Any) -> str:
    """What a value is, in the words of the language."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case Mapping():
            return "a map"
        case list() | tuple():
            return "a list"
        case _:
            return _KINDS.get(type(value).__name__, "this value")


_KINDS = {"datetime": "a time", "timedelta": "a duration"}


def _quoted(key: object) -> str:
    return f"'{shown(key, 40)}'"


def _item(value: list[Any] | tuple[Any, ...], key: Any) -> Any:
    if isinstance(key, str):
        raise Absent(
            f"a list has no key {_quoted(key)}",
            f"take one item with [0], or all with | map(attribute={_quoted(key)})",
        )
    if not isinstance(key, int) or isinstance(key, bool):
        raise Trouble(f"a list is indexed with a whole number, not {kind(key)}")
    try:
        return value[key]
    except IndexError:
        count = len(value)
        has = "is empty" if not count else f"has {count} item{'s' * (count > 1)}, counted from 0"
        raise Absent(f"no item {key}: the list {has}") from None
