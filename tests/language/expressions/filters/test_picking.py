from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError

WORKS: list[tuple[str, Any]] = [
    ("event.responders | map(attribute='name')", ["Ana", "Bo"]),
    ("event.responders | map(attribute='x', default=0)", [0, 0]),
    ("['a'] | map('upper')", ["A"]),
    ("[0, 1, 2] | select", [1, 2]),
    ("[0, 1, 2] | select('>', 1)", [2]),
    ("[0, 1, 2] | reject('even')", [1]),
    ("event.responders | selectattr('type', 'equalto', 'user') | map(attribute='name')", ["Ana"]),
    ("event.responders | rejectattr('nope', 'defined') | length", 2),
]

FAILS = [
    "event.responders | map(attribute='nope')",
    "event.responders | selectattr('nope')",
    "[1] | map('regex_search', 'a')",
]


@pytest.mark.parametrize(("text", "value"), WORKS)
def test_a_filter_does_what_its_name_says(text: str, value: Any, calc: Callable[[str], Any]) -> None:
    assert calc(text) == value


@pytest.mark.parametrize("text", FAILS)
def test_what_does_not_fit_is_our_error(text: str, calc: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert "has no value" not in error.value.message


def test_a_value_where_the_name_of_a_test_belongs_is_told_how_it_is_compared(calc: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionError, match="there is no test 'closed'") as error:
        calc("event.responders | rejectattr('type', 'closed')")
    assert error.value.hint == "to compare with it, write 'eq', 'closed'"
