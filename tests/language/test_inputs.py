from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks_engine.errors import InvalidInput
from playbooks_engine.language.checking import check
from playbooks_engine.language.inputs import accept_inputs
from playbooks_engine.language.playbook import Playbook

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def book(inputs: str) -> Playbook:
    checked = check(f"name: p\ninputs:\n{inputs}\nsteps: [{{id: a, uses: core.log}}]\n", "p.yml")
    assert checked.playbook is not None, checked.findings
    return checked.playbook


def one(kind: str, value: Any) -> Any:
    return accept_inputs(book(f"  x: {{type: {kind}}}"), {"x": value}, NOW)["x"]


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("string", "5", "5"),
        ("integer", "5", 5),
        ("integer", 5, 5),
        ("number", "1.5", 1.5),
        ("number", 2, 2),
        ("boolean", "true", True),
        ("boolean", False, False),
        ("duration", "1h30m", timedelta(minutes=90)),
        ("duration", timedelta(1), timedelta(1)),
        ("datetime", "2020-06-03 00:00", datetime(2020, 6, 3, tzinfo=UTC)),
        ("list", "a, b", ["a", "b"]),
        ("list", '["a", 1]', ["a", 1]),
        ("list", "", []),
        ("list", ["a"], ["a"]),
        ("map", '{"a": 1}', {"a": 1}),
        ("map", {"a": 1}, {"a": 1}),
    ],
)
def test_what_fits_is_accepted_in_its_type(kind: str, given: Any, value: Any) -> None:
    accepted = one(kind, given)
    assert accepted == value
    assert type(accepted) is type(value)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("string", 5),
        ("string", None),
        ("integer", "5.5"),
        ("integer", True),
        ("integer", "9" * 5000),
        ("number", "nan"),
        ("number", "1e999"),
        ("boolean", "yes"),
        ("boolean", 1),
        ("duration", 5),
        ("duration", "soon"),
        ("datetime", "soon"),
        ("list", 5),
        ("list", "[1,"),
        ("map", "a=b"),
        ("map", "{" * 5000),
    ],
)
def test_what_does_not_fit_is_refused_by_name(kind: str, given: Any) -> None:
    with pytest.raises(InvalidInput, match="the input 'x'"):
        one(kind, given)


def test_defaults_are_applied_and_may_read_the_clock() -> None:
    inputs = "  a: {type: string, default: x}\n  b: {type: datetime, default: '${{ now() }}'}"
    assert accept_inputs(book(inputs), {}, NOW) == {"a": "x", "b": NOW}


def test_a_default_of_null_is_checked_as_any_other() -> None:
    assert check("inputs:\n  a: {type: string, default: null}\nsteps: [{id: a, uses: core.log}]\n", "p.yml").findings


def test_a_missing_input_is_named() -> None:
    with pytest.raises(InvalidInput, match="needs the inputs 'a', 'b'"):
        accept_inputs(book("  a: {type: string}\n  b: {type: string}"), {}, NOW)


def test_an_unknown_input_gets_a_suggestion() -> None:
    with pytest.raises(InvalidInput) as error:
        accept_inputs(book("  schedule: {type: string}"), {"shedule": "x"}, NOW)
    assert error.value.hint == "did you mean schedule?"


def test_an_enum_is_kept_to_and_items_have_their_type() -> None:
    with pytest.raises(InvalidInput, match="one of: low, high"):
        accept_inputs(book("  a: {type: string, enum: [low, high]}"), {"a": "hihg"}, NOW)
    assert accept_inputs(book("  a: {type: list, items: integer}"), {"a": "1,2"}, NOW) == {"a": [1, 2]}
    with pytest.raises(InvalidInput, match="item 1 must be a whole number"):
        accept_inputs(book("  a: {type: list, items: integer}"), {"a": "1,b"}, NOW)
