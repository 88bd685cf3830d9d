"""Pydantic's complaints as findings: at their place, in one sentence, without the value that was given."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from playbooks_engine.errors import Finding
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading.tree import ListNode, MapNode, Node
from playbooks_engine.language.suggesting import did_you_mean

Loc = tuple[str | int, ...]

_SAID: dict[str, Callable[[dict[str, Any]], str]] = {
    "string_type": lambda _: "must be text",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "float_parsing": lambda _: "must be a number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "list_type": lambda _: "must be a list",
    "tuple_type": lambda _: "must be a list",
    "dict_type": lambda _: "must be a map",
    "model_type": lambda _: "must be a map",
    "model_attributes_type": lambda _: "must be a map",
    "too_short": lambda ctx: f"must have at least {ctx.get('min_length', 1)} item",
    "too_long": lambda ctx: f"must have at most {ctx.get('max_length')} items",
    "none_required": lambda _: "must be empty",
    "literal_error": lambda ctx: f"must be {ctx.get('expected', 'one of the known words')}",
    "enum": lambda ctx: f"must be {ctx.get('expected', 'one of the known words')}",
}


def locate(node: Node, loc: Iterable[str | int], *, at_key: bool = False) -> Position:
    """Where a pydantic error location stands; parts that are not in the tree (union tags) are skipped.

    What is missing is shown at the nearest thing that is there, and at its key if it has one; `at_key` asks for
    the key of the last part that was found instead of its value.
    """
    place, key, parts = node, None, list(loc)
    reached_end = not parts
    for index, part in enumerate(parts):
        if isinstance(place, MapNode) and isinstance(part, str) and (pair := place.pair(part)) is not None:
            place, key = pair.value, pair.key.position
        elif isinstance(place, ListNode) and isinstance(part, int) and 0 <= part < len(place.items):
            place, key = place.items[part], None
        else:
            continue
        reached_end = index == len(parts) - 1
    if key is not None and (at_key or not reached_end):
        return key
    return place.position


def findings_of(
    error: ValidationError,
    node: Node,
    file: str,
    code: str,
    *,
    model: type[BaseModel] | None = None,
    under: Loc = (),
) -> list[Finding]:
    """One finding for each error, at its place in the tree.

    With the model, an unknown key gets a suggestion. `under` stands before every location of the error.
    The file's name is the tree's own unless given.
    """
    found = []
    for one in error.errors(include_url=False, include_input=False):
        loc: Loc = (*under, *one["loc"])
        kind, name = one["type"], _called(loc)
        position = locate(node, loc, at_key=kind == "extra_forbidden")
        if kind == "extra_forbidden":
            known = _fields_at(model, one["loc"][:-1]) if model is not None else []
            message = f"there is no key '{name}' here"
            suggestion = did_you_mean(name, known, f"the keys are: {', '.join(known)}" if known else "remove it")
        elif kind == "missing":
            message, suggestion = f"'{name}' is missing", f"add {name}: ..."
        else:
            message, suggestion = sentence(one, name), _hint(kind)
        finding = node.lines.finding(code, position, message, suggestion)
        found.append(finding if file == finding.file else Finding(**{**finding.__dict__, "file": file}))
    return found


def _called(loc: Loc) -> str:
    """What a location is called in a sentence."""
    if not loc:
        return ""
    if isinstance(loc[-1], int):
        return f"item {loc[-1] + 1} of {_called(loc[:-1])}" if len(loc) > 1 else f"item {loc[-1] + 1}"
    return loc[-1]


def sentence(one: Any, name: str) -> str:
    """One of pydantic's errors in one sentence about `name`, without the value."""
    context = one.get("ctx") or {}
    if one["type"] in _SAID:
        said = _SAID[one["type"]](context)
    elif one["type"] in ("value_error", "assertion_error"):
        return str(context.get("error") or one["msg"].partition(", ")[2] or one["msg"])
    else:
        said = one["msg"][:1].lower() + one["msg"][1:]
        said = said.replace("input should", "must").replace("value should", "must")
    return f"{name} {said}" if name else said


def _hint(kind: str) -> str | None:
    if kind.startswith("bool"):
        return "write true or false (yes, no, on and off are text)"
    if kind == "string_type":
        return "put it in quotes"
    return None


def _fields_at(model: Any, loc: Loc) -> list[str]:
    """The keys that the model allows at a location."""
    kinds = [model]
    for part in loc:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)] or kinds
    return sorted({name for kind in kinds if _is_model(kind) for name in _keys(kind)})


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _inside(kind: Any, part: str | int) -> list[Any]:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias):
                return _unwrapped(field.annotation)
        return []
    arguments = [inner for argument in get_args(kind) for inner in _unwrapped(argument)]
    if get_origin(kind) is dict:
        return _unwrapped(get_args(kind)[1]) if get_args(kind) else []
    return arguments if get_origin(kind) in (list, tuple, set) else []


def _unwrapped(kind: Any) -> list[Any]:
    origin = get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return [inner for argument in get_args(kind) for inner in _unwrapped(argument)]
    if origin is Annotated:
        return _unwrapped(get_args(kind)[0])
    return [kind]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
