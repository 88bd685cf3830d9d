"""Inputs of commands, and settings, as definitions made from their declarations; inputs are open to expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from playbooks_engine.runtime.schema.shapes import Schema, ref
from playbooks_engine.sdk import Command

_LIMITS = {"pattern", "format", "enum", "const", "minLength", "maxLength"}
"""What a text may have to keep to, which an expression does not."""


def definitions(commands: Mapping[str, type[Command]]) -> dict[str, Schema]:
    """The inputs of each command under its name, and the shapes they share under `KIND.Shape`.

    A command is named `opsgenie.add_note`; what stands before the first dot is its kind.
    """
    found: dict[str, Schema] = {}
    for kind in dict.fromkeys(name.partition(".")[0] for name in commands):
        mine = {name: model for name, model in commands.items() if name.partition(".")[0] == kind}
        found |= _of_kind(kind, mine)
    return found


def settings(model: type[BaseModel], name: str) -> dict[str, Schema]:
    """Settings, which take no expressions: under that name, and the shapes they use under `NAME.Shape`."""
    document = _tidy(model.model_json_schema(ref_template=_template(name)))
    shapes = document.pop("$defs", {})
    return {name: document, **{f"{name}.{shape}": schema for shape, schema in shapes.items()}}


def _of_kind(kind: str, commands: Mapping[str, type[Command]]) -> dict[str, Schema]:
    places, document = models_json_schema(
        [(model, "validation") for model in commands.values()], ref_template=_template(kind)
    )
    shapes = document.get("$defs", {})
    found: dict[str, Schema] = {}
    for name, model in commands.items():
        place = _place(places[(model, "validation")]).removeprefix(f"{kind}.")
        found[name] = _open(_tidy(shapes.pop(place)))
    return found | {f"{kind}.{name}": _open(_tidy(schema)) for name, schema in shapes.items()}


def _template(kind: str) -> str:
    return f"#/definitions/{kind}.{{model}}"


def _place(reference: Any) -> str:
    return str(reference["$ref"]).removeprefix("#/definitions/")


def _tidy(schema: Any) -> Any:
    """Without what tells an editor nothing: titles made of names, absent defaults, another standard's keywords."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {}
    for key, part in schema.items():
        if key in {"title", "discriminator"} or (key == "default" and part in (None, [], {}, "")):
            continue
        if key in {"properties", "$defs"}:
            tidy[key] = {name: _tidy(one) for name, one in part.items()}
        else:
            tidy[key] = part if key in {"default", "examples", "enum", "const"} else _tidy(part)
    return tidy


def _open(schema: Schema) -> Schema:
    """A map whose values may be expressions."""
    opened = dict(schema)
    if "properties" in schema:
        opened["properties"] = {name: _or_expression(part) for name, part in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        opened["additionalProperties"] = _or_expression(schema["additionalProperties"])
    return opened


def _or_expression(schema: Schema) -> Schema:
    """The schema, or a text with `${{ }}` in it; and the same for what is inside."""
    if _takes_any_text(schema):
        return schema
    outside: Schema = {key: schema[key] for key in ("description", "default", "examples") if key in schema}
    inside = {key: part for key, part in schema.items() if key not in outside}
    kinds = [_inner(part) for part in inside.get("anyOf") or inside.get("oneOf") or [inside]]
    return {**outside, "anyOf": [*kinds, ref("expression")]}


def _inner(schema: Schema) -> Schema:
    inner = _open(schema)
    if isinstance(schema.get("items"), dict):
        inner["items"] = _or_expression(schema["items"])
    if "prefixItems" in schema:  # pairs and the like: draft 7 writes them as a list of items
        inner["items"] = [_or_expression(part) for part in inner.pop("prefixItems")]
    return inner


def _takes_any_text(schema: Schema) -> bool:
    if not schema.keys() - {"description", "default", "examples"}:
        return True
    if "anyOf" in schema:
        return any(_takes_any_text(part) for part in schema["anyOf"])
    return schema.get("type") == "string" and not _LIMITS & schema.keys()
