"""The small shapes that every schema here is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playbooks_engine.sdk.durations import FORMS, PATTERN

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"

NAME = "^[a-z][a-z0-9_]{0,79}$"
"""A name in snake_case, as the checker wants it."""

EXPRESSION: Schema = {"type": "string", "pattern": r"\$\{\{", "description": "An expression, such as ${{ event.id }}."}


def ref(name: str) -> Schema:
    """What stands under that name in the definitions."""
    return {"$ref": f"#/definitions/{name}"}


def told(description: str, schema: Schema) -> Schema:
    """The schema with words of its own; a reference takes no neighbours, so it goes one deeper."""
    return {"description": description, **({"allOf": [schema]} if "$ref" in schema else schema)}


def name(description: str) -> Schema:
    """A name in snake_case."""
    form = {"type": "string", "pattern": NAME, "patternErrorMessage": "A name is in snake_case."}
    return {"description": description, **form}


def duration(description: str) -> Schema:
    """A literal duration."""
    form = {"type": "string", "pattern": PATTERN, "patternErrorMessage": f"This is no duration; {FORMS}."}
    return {"description": description, **form, "examples": ["30s", "5m", "2h"]}


def either(description: str, as_map: Schema, otherwise: Schema) -> Schema:
    """A map, or something short. Editors then speak of the one that was meant, as with `anyOf` they would not."""
    return {"description": description, "if": {"type": "object"}, "then": as_map, "else": otherwise}


def words(description: str, known: Mapping[str, str] | Sequence[str], otherwise: str | None = None) -> Schema:
    """One of some words, each with what it means where that is said; nothing fits where there are none."""
    if not known:
        return {"description": description, "not": {}}
    schema: Schema = {"description": description, "enum": list(known)}
    if isinstance(known, Mapping):
        schema["enumDescriptions"] = list(known.values())
    return schema | ({"default": otherwise} if otherwise is not None else {})


def keys(properties: Mapping[str, Schema], required: Sequence[str] = (), description: str = "", **more: Any) -> Schema:
    """A map with these keys and no other."""
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if description:
        schema["description"] = description
    if required:
        schema["required"] = list(required)
    return schema | more


def named(schema: Schema, description: str, **more: Any) -> Schema:
    """A map from names in snake_case to one kind of thing."""
    names = {"propertyNames": {"pattern": NAME}}
    return {"description": description, "type": "object", **names, "additionalProperties": schema, **more}
