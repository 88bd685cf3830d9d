"""Example inputs are made from a schema."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, JsonValue

from playbooks_engine.sdk import Command, Moment
from playbooks_engine.testing.examples import required_inputs, value_of, variants


class Part(BaseModel):
    kind: Literal["team", "user"]
    note: str | None = None


class Everything(Command, route="GET /x", area="things"):
    """Everything."""

    text: str = Field(min_length=9)
    """Text."""
    short: str = Field(max_length=3)
    """Short."""
    named: str = Field(examples=["ana"])
    """Named."""
    number: int = Field(ge=5)
    """Number."""
    flag: bool
    """Flag."""
    when: Moment
    """When."""
    part: Part
    """Part."""
    parts: list[Part]
    """Parts."""
    pairs: dict[str, int]
    """Pairs."""
    one: Literal["only"]
    """One."""
    anything: JsonValue
    """Anything."""
    order: Literal["asc", "desc"] | None = None
    """Order."""


def test_every_required_input_gets_a_value_that_it_admits() -> None:
    inputs = required_inputs(Everything)
    assert inputs == {
        "text": "examplexx",
        "short": "exa",
        "named": "ana",
        "number": 5,
        "flag": True,
        "when": "2020-06-03 00:00",
        "part": {"kind": "team"},
        "parts": [{"kind": "team"}],
        "pairs": {"name": 1},
        "one": "only",
        "anything": "example",
    }
    assert isinstance(Everything.read_inputs(inputs), Everything)


def test_variants_go_through_every_choice_of_every_input() -> None:
    orders = [inputs.get("order") for inputs in variants(Everything)]
    assert orders[0] is None
    assert {"asc", "desc"} <= set(orders)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "format": "secret-reference"}, "env:OTHER"),
        ({"type": "array", "items": {"type": "string", "format": "secret-reference"}}, ["env:OTHER"]),
        ({"anyOf": [{"type": "null"}, {"type": "number"}]}, 1),
        ({"type": "number", "exclusiveMinimum": 3}, 4),
        ({"type": "object"}, {}),
    ],
)
def test_a_value_is_made_from_its_schema(schema: dict[str, Any], value: Any) -> None:
    assert value_of(schema, {}, secret="env:OTHER") == value
