"""Tests for the form of a command's output."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks_engine.sdk import Command
from playbooks_engine.sdk.giving import is_form, mismatches

PERSON = {"id": str, "age": int, "height": float, "on_call": bool, "tags": [str], "more": object}


@pytest.mark.parametrize(
    "value",
    [
        {},
        None,
        {"id": "u1", "age": 3, "height": 2, "on_call": True, "tags": ["a"], "more": [1, {"x": None}]},
        {"id": None, "tags": None},
        {"height": 1.5, "tags": []},
    ],
)
def test_what_is_missing_or_null_fits(value: Any) -> None:
    assert list(mismatches(PERSON, value)) == []


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ([], (), "the output must be a map, this is a list"),
        ({"id": 3}, ("id",), "id must be text, this is a whole number"),
        ({"age": 1.5}, ("age",), "age must be a whole number, this is a number"),
        ({"age": True}, ("age",), "age must be a whole number, this is true or false"),
        ({"on_call": "yes"}, ("on_call",), "on_call must be true or false, this is text"),
        ({"tags": "a"}, ("tags",), "tags must be a list, this is text"),
        ({"tags": ["a", 1]}, ("tags", 1), "item 2 must be text, this is a whole number"),
    ],
)
def test_a_value_of_another_kind_is_told_with_its_place(value: Any, path: tuple[Any, ...], message: str) -> None:
    (found,) = mismatches(PERSON, value)
    assert (found.path, found.kind, found.message) == (path, "wrong", message)


def test_a_name_that_is_nearly_right_is_misspelled_and_any_other_is_unknown() -> None:
    near, far = mismatches({"fullName": str, "username": str}, {"fullname": "Ana", "score": 3})
    assert (near.kind, near.suggestion) == ("misspelled", "did you mean fullName?")
    assert (far.kind, far.suggestion) == ("unknown", "it has: fullName, username")


def test_a_name_that_is_there_besides_is_not_what_another_one_was_meant_to_be() -> None:
    (found,) = mismatches({"username": str}, {"username": "ana", "userName": "ana"})
    assert found.kind == "unknown"


def test_a_command_says_what_it_gives_and_those_made_from_it_give_the_same() -> None:
    class Change(Command, area="a", gives={"result": str}):
        """Change."""

    class Close(Change, route="POST /close", repeat="safe"):
        """Close."""

    assert Close.spec.gives == {"result": str}


def test_a_wrong_form_does_not_import() -> None:
    assert not is_form([str, int])
    with pytest.raises(TypeError, match="gives= is no form"):

        class Bad(Command, route="GET /", area="a", gives={"id": "text"}):
            """Bad."""
