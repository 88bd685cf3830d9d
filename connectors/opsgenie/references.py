"""Things and people as inputs name them: by name alone, or by id."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import SerializerFunctionWrapHandler, WrapSerializer

from connectors.opsgenie.criteria import Named, Person


def _named(value: Any, rest: SerializerFunctionWrapHandler) -> Any:
    return {"name": value} if isinstance(value, str) else rest(value)


def _called(value: Any, rest: SerializerFunctionWrapHandler) -> Any:
    return {"username": value} if isinstance(value, str) else rest(value)


ByName = Annotated[str | Named, WrapSerializer(_named)]
"""A name, or {id: ...} or {name: ...}."""

ByUsername = Annotated[str | Person, WrapSerializer(_called)]
"""A username, or {id: ...} or {username: ...}."""
