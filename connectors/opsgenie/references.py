"""Things and people as inputs name them: by name alone, or by id."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import SerializerFunctionWrapHandler, WrapSerializer, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.criteria import Named, Person
from connectors.opsgenie.shapes import Shape


def _named(value: Any, rest: SerializerFunctionWrapHandler) -> Any:
    return {"name": value} if isinstance(value, str) else rest(value)


def _called(value: Any, rest: SerializerFunctionWrapHandler) -> Any:
    return {"username": value} if isinstance(value, str) else rest(value)


ByName = Annotated[str | Named, WrapSerializer(_named)]
"""A name, or {id: ...} or {name: ...}."""

ByUsername = Annotated[str | Person, WrapSerializer(_called)]
"""A username, or {id: ...} or {username: ...}."""


class Recipient(Shape):
    """Somebody who can be told: by id, by name, a user by username; or nobody."""

    type: Literal["user", "team", "escalation", "schedule", "none"]
    """What it is."""
    id: str | None = None
    """Its id."""
    name: str | None = None
    """Its name."""
    username: str | None = None
    """The username of a user."""

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        given = [part for part in ("id", "name", "username") if getattr(self, part) is not None]
        known = {"none": (), "user": ("id", "username")}.get(self.type, ("id", "name"))
        if wrong := [part for part in given if part not in known]:
            raise PydanticCustomError("named", "`{part}` is not for type {type}", {"part": wrong[0], "type": self.type})
        if known and len(given) != 1:
            raise PydanticCustomError("named", "give one of {names}", {"names": " and ".join(f"`{n}`" for n in known)})
        return self
