"""Flags made from the inputs of a command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command
from playbooks_engine.testing.examples import Schema, resolved

PREFIX = "input_"
_OURS = frozenset({"json", "project", "plan", "help"})


def flags_of(command: type[Command]) -> list[click.Parameter]:
    """One flag for each input; whether the value fits is for the command to say."""
    schema = command.model_json_schema()
    required = schema.get("required", [])
    return [_flag(name, part, schema, required=name in required) for name, part in schema.get("properties", {}).items()]


def inputs_of(command: type[Command], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the flags gave, as inputs; raises InvalidInput for JSON that is none."""
    schema = command.model_json_schema()
    found = {}
    for name, part in schema.get("properties", {}).items():
        value = given.get(PREFIX + name)
        if value is None or value == ():
            continue
        found[name] = _read(name, value, resolved(part, schema), schema, command)
    return found


def flag_name(name: str) -> str:
    """`--schedule-name` for schedule_name; a name that is a flag of ours already is told apart."""
    return f"--with-{name}" if name in _OURS else f"--{name.replace('_', '-')}"


def _flag(name: str, part: Schema, root: Schema, *, required: bool) -> click.Option:
    plain = resolved(part, root)
    kind = _kind(part, plain)
    flag = flag_name(name)
    settings: dict[str, Any] = {"help": _help(part, plain, required=required), "default": None}
    if kind == "boolean":
        return click.Option([f"{flag}/--no-{flag[2:]}", PREFIX + name], **settings)
    if kind == "choice":
        settings["type"] = click.Choice([str(one) for one in plain.get("enum") or [plain["const"]]])
    else:
        settings |= {"type": str, "metavar": _metavar(plain, kind, root), "multiple": kind in {"array", "object"}}
        if settings["multiple"]:
            settings.pop("default")
    return click.Option([flag, PREFIX + name], **settings)


def _kind(part: Schema, plain: Schema) -> str:
    if len([option for option in part.get("anyOf", []) if option.get("type") != "null"]) > 1:
        return "any"
    if "enum" in plain or "const" in plain:
        return "choice"
    return str(plain.get("type", "any"))


def _metavar(plain: Schema, kind: str, root: Schema) -> str:
    words = {"string": "TEXT", "integer": "N", "number": "N", "object": "K=V", "any": "JSON"}
    if kind == "array":
        inner = resolved(plain.get("items", {}), root)
        return "K=V,K=V" if inner.get("type") == "object" or "oneOf" in inner else words.get(inner.get("type", ""), "V")
    if kind == "string" and plain.get("examples") and "description" not in plain:
        return f"'{plain['examples'][0]}'" if " " in str(plain["examples"][0]) else str(plain["examples"][0])
    return words.get(kind, "VALUE")


def _help(part: Schema, plain: Schema, *, required: bool) -> str:
    notes = ["required"] if required else []
    notes += _limits(plain)
    default = part.get("default")
    if not required and default not in (None, "", {}, [], False):
        notes.append(f"default {default}")
    if plain.get("type") in {"array", "object"}:
        notes.append("may be repeated, or one JSON")
    told = str(part.get("description", ""))
    return f"{told}  [{'; '.join(notes)}]" if notes else told


def _limits(plain: Schema) -> list[str]:
    found = []
    if "maxLength" in plain:
        found.append(f"at most {plain['maxLength']:,} characters")
    if "maxItems" in plain:
        found.append(f"at most {plain['maxItems']:,}")
    low, high = plain.get("minimum"), plain.get("maximum")
    if low is not None and high is not None:
        found.append(f"{low:,} to {high:,}")
    elif low is not None or high is not None:
        found.append(f"at least {low:,}" if high is None else f"at most {high:,}")
    return found


def _read(name: str, value: Any, plain: Schema, root: Schema, command: type[Command]) -> Any:
    kind = plain.get("type")
    if kind == "array":
        inner = resolved(plain.get("items", {}), root)
        many: list[Any] = []
        for one in value:
            whole = _json(name, one, command) if one.lstrip()[:1] == "[" else None
            many += whole if isinstance(whole, list) else [_item(name, one, inner, command)]
        return many
    if kind == "object":
        merged: dict[str, Any] = {}
        for one in value:
            read = _json(name, one, command) if one.lstrip()[:1] == "{" else _pairs(name, [one], command)
            merged |= read if isinstance(read, dict) else {}
        return merged
    if kind is None and isinstance(value, str):
        # Anything goes here: what is JSON is taken as JSON, the rest is text.
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _item(name: str, text: str, inner: Schema, command: type[Command]) -> Any:
    if text.lstrip()[:1] == "{":
        return _json(name, text, command)
    if inner.get("type") == "object" or "oneOf" in inner:
        return _pairs(name, text.split(","), command)
    return text


def _pairs(name: str, texts: list[str], command: type[Command]) -> dict[str, str]:
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise InvalidInput(
                f"`{name}`: {text!r} is neither K=V nor JSON.", indicator=command.spec.failure, hint="Write name=value."
            )
        found[key.strip()] = value
    return found


def _json(name: str, text: str, command: type[Command]) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput(
            f"`{name}` is not valid JSON: {error}.",
            indicator=command.spec.failure,
            hint="Check its quotes and brackets, and quote the whole value for the shell.",
        ) from None
