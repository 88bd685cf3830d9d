"""What a command gives: the form of its output, said beside the command and held against given answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

Form = Any
"""`str`, `int`, `float`, `bool`; a map of names to forms; a list of one form; `object` for anything.

Every value may be null and every name may be missing: services leave out what they have nothing to say about.
"""

_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "a map", list: "a list"}


@dataclass(frozen=True)
class Mismatch:
    """A place in an output that is not as declared. An `unknown` name may be one that the service does not document."""

    path: tuple[str | int, ...]
    kind: Literal["wrong", "misspelled", "unknown"]
    message: str
    suggestion: str | None = None


def mismatches(form: Form, value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Mismatch]:
    """Where a value differs from the form; a form of None says nothing about it."""
    if form is None or form is object or value is None:
        return
    name = _named(path)
    if isinstance(form, dict):
        if not isinstance(value, dict):
            yield Mismatch(path, "wrong", f"{name} must be a map, this is {_kind(value)}")
            return
        for key, part in value.items():
            if key in form:
                yield from mismatches(form[key], part, (*path, key))
            else:
                yield _unknown(form, key, value, (*path, key))
    elif isinstance(form, list):
        if not isinstance(value, list):
            yield Mismatch(path, "wrong", f"{name} must be a list, this is {_kind(value)}")
            return
        for index, part in enumerate(value):
            yield from mismatches(form[0], part, (*path, index))
    elif not _is(value, form):
        yield Mismatch(path, "wrong", f"{name} must be {_KINDS[form]}, this is {_kind(value)}")


def is_form(form: Form) -> bool:
    """Whether this declares a form."""
    if isinstance(form, dict):
        return all(isinstance(key, str) and is_form(part) for key, part in form.items())
    if isinstance(form, list):
        return len(form) == 1 and is_form(form[0])
    return form is None or form is object or form in (str, int, float, bool)


def _is(value: Any, form: type) -> bool:
    if isinstance(value, bool):
        return form is bool
    return isinstance(value, int | float) if form is float else isinstance(value, form)


def _unknown(form: dict[str, Form], key: str, value: dict[str, Any], path: tuple[str | int, ...]) -> Mismatch:
    close = get_close_matches(key, [name for name in form if name not in value], 1, cutoff=0.75)
    if close:
        return Mismatch(path, "misspelled", f"the answer has no '{key}'", f"did you mean {close[0]}?")
    known = ", ".join(form)
    return Mismatch(path, "unknown", f"the service is not known to answer with '{key}'", f"it has: {known}")


def _named(path: tuple[str | int, ...]) -> str:
    if not path:
        return "the output"
    return f"item {path[-1] + 1}" if isinstance(path[-1], int) else path[-1]


def _kind(value: Any) -> str:
    return next((told for kind, told in _KINDS.items() if _is(value, kind)), type(value).__name__)
