"""Example inputs, made from a JSON Schema: for documentation and for checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playbooks_engine.sdk import Command

Schema = Mapping[str, Any]

REFERENCE = "env:EXAMPLE"


def required_inputs(command: type[Command]) -> dict[str, Any]:
    """A value for each input that must be given."""
    schema = command.model_json_schema()
    return {name: value_of(schema["properties"][name], schema) for name in schema.get("required", [])}


def variants(command: type[Command]) -> Iterator[dict[str, Any]]:
    """The required inputs, then the same with each other value of each input in turn."""
    schema = command.model_json_schema()
    required = required_inputs(command)
    yield required
    for name, part in schema.get("properties", {}).items():
        for value in _choices(part, schema):
            yield {**required, name: value}


def resolved(part: Schema, root: Schema) -> Schema:
    """The schema that a part stands for: behind a reference, and without the `or null`."""
    while True:
        if "$ref" in part:
            found = root["$defs"][part["$ref"].rsplit("/", 1)[-1]]
        elif options := part.get("anyOf") or part.get("oneOf") or part.get("allOf"):
            found = next(option for option in options if option.get("type") != "null")
        else:
            return part
        # What is said of the input goes before what is said of its type.
        part = {**found, **{key: part[key] for key in ("examples", "default") if part.get(key) is not None}}


def value_of(part: Schema, root: Schema, *, secret: str = REFERENCE, name: str = "name") -> Any:
    """A value that the schema admits, as far as a schema can say; secrets get the reference given."""
    part = resolved(part, root)
    if part.get("format") == "secret-reference":
        return secret
    if part.get("examples"):
        return part["examples"][0]
    if "const" in part:
        return part["const"]
    if part.get("enum"):
        return part["enum"][0]
    kind = part.get("type")
    if kind == "object":
        if part.get("properties"):
            wanted = part.get("required", [])
            return {key: value_of(part["properties"][key], root, secret=secret) for key in wanted}
        more = part.get("additionalProperties")
        return {name: value_of(more, root, secret=secret)} if isinstance(more, dict) else {}
    if kind == "array":
        return [value_of(part.get("items") or part.get("prefixItems", [{}])[0], root, secret=secret)]
    if kind in {"integer", "number"}:
        return part.get("minimum", part.get("exclusiveMinimum", 0) + 1)
    if kind == "boolean":
        return True
    return "example".ljust(part.get("minLength", 0), "x")[: part.get("maxLength")]


def holds_secret(schema: Any) -> bool:
    """Whether a reference to a secret stands anywhere in a schema."""
    if isinstance(schema, dict):
        return schema.get("format") == "secret-reference" or any(map(holds_secret, schema.values()))
    return isinstance(schema, list) and any(map(holds_secret, schema))


def _choices(part: Schema, root: Schema) -> list[Any]:
    plain = resolved(part, root)
    return list(plain.get("enum") or [value_of(part, root)])
