"""Flags made from the inputs of a command."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import click
import pytest
from pydantic import BaseModel, Field, JsonValue

from playbooks_engine.cli.flags import PREFIX, flag_name, flags_of, inputs_of
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command


class Person(BaseModel):
    name: str
    kind: str = "user"


class Make(Command, route="POST /things", area="things", repeat="unsafe"):
    """Make a thing."""

    title: str = Field(max_length=10)
    """Its title."""
    plan: bool = False
    """An input that bears the name of a flag of ours."""
    loud: bool | None = None
    """Loud or not."""
    size: Literal["s", "m"] | None = None
    """How large."""
    number: Annotated[int, Field(ge=1, le=5)] = 2
    """How many."""
    tags: list[str] | None = Field(None, max_length=3)
    """Tags."""
    people: list[Person] = Field(default_factory=list)
    """Who."""
    details: dict[str, str] = Field(default_factory=dict)
    """Pairs."""
    body: JsonValue = None
    """Anything."""


def _given(*words: str) -> dict[str, Any]:
    context = click.Command("x", params=flags_of(Make)).make_context("x", list(words))
    return inputs_of(Make, context.params)


@pytest.mark.parametrize(
    ("words", "inputs"),
    [
        ((), {}),
        (("--title", "a"), {"title": "a"}),
        (("--with-plan",), {"plan": True}),
        (("--no-loud",), {"loud": False}),
        (("--size", "m", "--number", "3"), {"size": "m", "number": "3"}),
        (("--tags", "a,b", "--tags", "c"), {"tags": ["a,b", "c"]}),
        (("--tags", '["a", "b"]', "--tags", "c"), {"tags": ["a", "b", "c"]}),
        (
            ("--people", "name=ana,kind=user", "--people", '{"name": "ben"}'),
            {"people": [{"name": "ana", "kind": "user"}, {"name": "ben"}]},
        ),
        (("--details", "a=1", "--details", '{"b": "2=3"}'), {"details": {"a": "1", "b": "2=3"}}),
        (("--body", '{"a": [1]}'), {"body": {"a": [1]}}),
        (("--body", "plain text"), {"body": "plain text"}),
    ],
)
def test_flags_become_inputs(words: tuple[str, ...], inputs: dict[str, Any]) -> None:
    assert _given(*words) == inputs


def test_what_the_flags_give_is_read_by_the_command_itself() -> None:
    made = Make.read_inputs(_given("--title", "a", "--number", "3", "--people", "name=ana"))
    assert (made.number, made.people[0].name) == (3, "ana")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--details", "a"), "neither K=V nor JSON"),
        (("--details", "{a"), "`details` is not valid JSON"),
        (("--people", "ana"), "`people`: 'ana' is neither"),
        (("--tags", "[a"), "`tags` is not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_flag(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        _given(*words)
    assert caught.value.indicator == "Make failed."


def test_a_word_that_is_no_choice_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="'xl' is not one of 's', 'm'"):
        _given("--size", "xl")


def test_help_tells_the_limits() -> None:
    told = {flag.name: flag.help for flag in flags_of(Make) if isinstance(flag, click.Option)}
    assert told[f"{PREFIX}title"] == "Its title.  [required; at most 10 characters]"
    assert told[f"{PREFIX}number"] == "How many.  [1 to 5; default 2]"
    assert told[f"{PREFIX}tags"] == "Tags.  [at most 3; may be repeated, or one JSON]"


def test_a_flag_is_the_input_with_dashes() -> None:
    assert flag_name("schedule_name") == "--schedule-name"
    assert flag_name("plan") == "--with-plan"
