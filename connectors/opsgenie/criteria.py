"""What rules are made of: criteria with their conditions, times of day and week, spans of time, and who is meant."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.shapes import Shape

Match = Literal["match-all", "match-any-condition", "match-all-conditions"]
Operation = Literal[
    "matches", "contains", "starts-with", "ends-with", "equals", "contains-key", "contains-value", "greater-than",
    "less-than", "is-empty", "equals-ignore-whitespace",
]  # fmt: skip

_TEXT = frozenset({"contains", "equals", "starts-with", "ends-with", "matches", "is-empty", "equals-ignore-whitespace"})
_LIST = frozenset({"contains", "is-empty"})
_MAP = frozenset({"contains", "contains-key", "contains-value", "is-empty"})
# The vendor's page names no field of type number; its own samples compare the priority with `equals`.
_NUMBER = frozenset({"matches", "equals", "greater-than", "less-than"})
_MAPS = frozenset({"extra-properties", "details"})
_BY_FIELD = {
    **dict.fromkeys(("message", "alias", "description", "source", "entity"), _TEXT),
    **dict.fromkeys(("tags", "actions", "recipients", "teams", "responders"), _LIST),
    **dict.fromkeys(_MAPS, _MAP),
    "priority": _NUMBER,
}


class Comparison(Shape):
    """One field of an alert compared with a value."""

    field: str
    """What is compared."""
    key: str | None = Field(None, min_length=1)
    """Compare one value of extra-properties or details: the one under this key."""
    not_: bool | None = Field(None, alias="not")
    """True turns the comparison around."""
    operation: Operation
    """How it is compared; which ones there are depends on the field."""
    expected_value: str | None = Field(None, max_length=15_000)
    """What it is compared with; empty, if left out."""
    order: int | None = Field(None, ge=0)
    """Its place among the conditions."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.key is not None and self.field not in _MAPS:
            raise PydanticCustomError("key", "`key` is for extra-properties and details, not for {field}", vars(self))
        # With a key one value is compared, which is a text: the vendor's own sample has starts-with there.
        allowed = _TEXT if self.key is not None else _BY_FIELD[self.field]
        if self.operation not in allowed:
            more = " without a `key`" if self.field in _MAPS and self.key is None else ""
            raise PydanticCustomError(
                "operation",
                "`operation` of {field}{more} is one of {allowed}",
                {"field": self.field, "more": more, "allowed": ", ".join(sorted(allowed))},
            )
        return self


class Condition(Comparison):
    """What must hold of an alert."""

    field: Literal[
        "message", "alias", "description", "source", "entity", "tags", "actions", "extra-properties", "recipients",
        "teams", "priority", "details", "responders",
    ]  # fmt: skip
    """What is compared."""


def needs_conditions(match: str, conditions: object, name: str = "conditions") -> None:
    """Refuse a kind of match that does not go with the conditions given."""
    if match != "match-all" and not conditions:
        raise PydanticCustomError(
            "conditions", "`{name}` is mandatory unless all is matched (match-all)", {"name": name}
        )
    if match == "match-all" and conditions:
        # The vendor calls them "not necessary" there, and they would be ignored without a word.
        raise PydanticCustomError("conditions", "`{name}` means nothing with match-all", {"name": name})


class Criteria(Shape):
    """Which alerts something is about."""

    type: Match
    """Whether all alerts match, or those for which any or all of the conditions hold."""
    conditions: list[Condition] | None = None
    """What must hold; mandatory unless all is matched."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs_conditions(self.type, self.conditions)
        return self


Hour = Annotated[int, Field(ge=0, le=23)]
Minute = Annotated[int, Field(ge=0, le=59)]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Hours(Shape):
    """A part of each day; one that ends before it begins goes on past midnight."""

    start_hour: Hour
    """The hour it begins."""
    start_min: Minute
    """The minute it begins."""
    end_hour: Hour
    """The hour it ends."""
    end_min: Minute
    """The minute it ends."""


class WeekHours(Hours):
    """A part of each week."""

    start_day: Day
    """The day it begins."""
    end_day: Day
    """The day it ends."""


class Daily(Shape):
    """The same hours each day."""

    type: Literal["time-of-day"]
    """Each day alike."""
    restriction: Hours
    """From when until when."""


class Weekly(Shape):
    """Hours that depend on the day of the week."""

    type: Literal["weekday-and-time-of-day"]
    """By the day of the week."""
    restrictions: list[WeekHours] = Field(min_length=1, max_length=15)
    """From when until when; up to 15 parts of the week."""


TimeRestriction = Annotated[Daily | Weekly, Field(discriminator="type")]
"""When something applies: each day alike, or by the day of the week."""


class Span(Shape):
    """A span of time."""

    time_amount: int = Field(ge=0)
    """How many."""
    time_unit: Literal["days", "hours", "minutes", "seconds", "miliseconds", "micros", "nanos"] | None = None
    """Of what; minutes, if left out. (`miliseconds` is the vendor's spelling.)"""


def _one_of(given: dict[str, str | None]) -> None:
    if sum(value is not None for value in given.values()) != 1:
        raise PydanticCustomError("named", "give one of {names}", {"names": " and ".join(f"`{n}`" for n in given)})


class Named(Shape):
    """One thing, by id or by name."""

    id: str | None = None
    """Its id."""
    name: str | None = None
    """Its name."""

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        _one_of({"id": self.id, "name": self.name})
        return self


class Person(Shape):
    """One user, by id or by username."""

    id: str | None = None
    """The user's id."""
    username: str | None = None
    """The user's username."""

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        _one_of({"id": self.id, "username": self.username})
        return self
