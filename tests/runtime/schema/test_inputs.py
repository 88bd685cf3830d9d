"""Inputs as definitions: their limits stay, expressions are let through, and what says nothing is left out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel, Field

from playbooks_engine.runtime.schema.inputs import definitions, settings
from playbooks_engine.runtime.schema.shapes import EXPRESSION
from playbooks_engine.sdk import Command, Duration


class Person(BaseModel, extra="forbid"):
    """Somebody."""

    name: str
    kind: Literal["user", "team"]


class Page(Command, route="CALL page", effect="write", area="people", repeat="unsafe"):
    """Page somebody."""

    who: Person
    """Whom."""
    others: list[Person] = Field(default_factory=list)
    """Whom else."""
    times: Annotated[int, Field(ge=1, le=3)] = 1
    """How often."""
    text: str = ""
    """What to say."""
    code: str | None = Field(None, max_length=3)
    """A short code."""
    labels: dict[str, int] = Field(default_factory=dict)
    """Numbers by name."""
    pair: tuple[int, Literal["a"]] | None = None
    """Two things."""
    after: Duration | None = None
    """When."""


class Note(Command, route="CALL note", effect="write", area="people", repeat="unsafe"):
    """Note somebody."""

    who: Person
    """Whom."""


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return definitions({"paging.page": Page, "paging.note": Note})


def fits(made: dict[str, Any], **inputs: Any) -> bool:
    schema = {"$ref": "#/definitions/paging.page", "definitions": {**made, "expression": EXPRESSION}}
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema).is_valid(inputs)


WHO = {"name": "ana", "kind": "user"}
E = "${{ event.id }}"


@pytest.mark.parametrize(
    "inputs",
    [
        {"who": WHO},
        {"who": E},
        {"who": {"name": f"the {E}", "kind": E}},
        {"who": WHO, "others": [WHO, E, {"name": "b", "kind": E}]},
        {"who": WHO, "others": E},
        {"who": WHO, "times": E, "code": E, "labels": E, "after": E},
        {"who": WHO, "labels": {"a": 1, "b": E}, "pair": [E, "a"]},
        {"who": WHO, "code": None, "text": "anything"},
    ],
    ids=str,
)
def test_an_expression_may_stand_for_any_value(made: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert fits(made, **inputs)


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"who": "ana"},
        {"who": {"name": "ana", "kind": "dog"}},
        {"who": {**WHO, "age": 3}},
        {"who": WHO, "others": ["ana"]},
        {"who": WHO, "times": 4},
        {"who": WHO, "times": "once"},
        {"who": WHO, "code": "long"},
        {"who": WHO, "labels": {"a": "one"}},
        {"who": WHO, "pair": [1, "b"]},
        {"who": WHO, "after": "soon"},
        {"who": WHO, "wen": 1},
    ],
    ids=str,
)
def test_what_is_no_expression_keeps_to_the_declaration(made: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert not fits(made, **inputs)


def test_shapes_are_said_once_and_titles_not_at_all(made: dict[str, Any]) -> None:
    assert set(made) == {"paging.page", "paging.note", "paging.Person"}
    assert "title" not in str(made)
    assert made["paging.page"]["properties"]["times"]["default"] == 1
    assert "default" not in made["paging.page"]["properties"]["code"]
    assert made["paging.page"]["properties"]["who"]["description"] == "Whom."


def test_settings_take_no_expressions() -> None:
    made = settings(Person, "person")
    assert set(made) == {"person"}
    assert not Draft7Validator(made["person"]).is_valid({"name": "a", "kind": E})
