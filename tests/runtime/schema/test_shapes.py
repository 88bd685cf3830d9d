"""The small shapes."""

from __future__ import annotations

import pytest
from jsonschema import Draft7Validator

from playbooks_engine.language.checking.keys import is_snake
from playbooks_engine.runtime.schema.shapes import NAME, duration, name, ref, told
from playbooks_engine.sdk.durations import parse_duration

SPANS = ["30s", "1.5s", " 5m ", "1h30m", "2w1d", "0s", "", " ", "5", "5 m", "m", "1m1h", "5x", "-5m", "1.5m", "1h 30m"]
NAMES = ["a", "a_1", "A", "1a", "a-b", "", "_a", "a" * 80, "a" * 81, "a b", "é"]


@pytest.mark.parametrize("text", SPANS)
def test_a_duration_is_what_is_read_as_one(text: str) -> None:
    try:
        parse_duration(text)
        read = True
    except ValueError:
        read = False
    assert Draft7Validator(duration("")).is_valid(text) == read


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_what_the_checker_takes_for_one(text: str) -> None:
    assert Draft7Validator(name("")).is_valid(text) == is_snake(text)
    assert NAME.startswith("^")


def test_words_beside_a_reference_are_not_lost() -> None:
    # In draft 7 nothing beside a $ref counts.
    assert told("Why.", ref("a")) == {"description": "Why.", "allOf": [{"$ref": "#/definitions/a"}]}
    assert told("Why.", {"type": "string"}) == {"description": "Why.", "type": "string"}
