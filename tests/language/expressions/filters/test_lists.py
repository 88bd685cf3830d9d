from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError

WORKS: list[tuple[str, Any]] = [
    ("event.tags | length + (event | count)", 14),
    ("event.tags | first ~ (event.tags | last)", "proddb"),
    ("[] | first | default('none')", "none"),
    ("[3, 1, 2] | sort", [1, 2, 3]),
    ("['b', 'A'] | sort(reverse=true)", ["b", "A"]),
    ("steps.find.output | sort(attribute='n', reverse=true) | map(attribute='id') | list", ["y", "x"]),
    ("[1, 1, true, 'a', 'A', [1], [1]] | unique", [1, True, "a", "A", [1]]),
    ("[1, 2] | reverse", [2, 1]),
    ("'ab' | reverse", "ba"),
    ("steps.find.output | sum(attribute='n')", 3),
    ("[3, 1] | min ~ ([3, 1] | max)", "13"),
    ("[1, 2, 3] | batch(2)", [[1, 2], [3]]),
    ("[1, 2, 3] | slice(2)", [[1, 2], [3]]),
    ("{'b': 1, 'a': 2} | dictsort", [["a", 2], ["b", 1]]),
    ("{'a': 1} | items", [["a", 1]]),
    ("event.responders | groupby('type') | map(attribute='grouper')", ["user", "team"]),
]

FAILS = [
    "event | sort",
    "[1, 'a'] | sort",
    "[{}, {}] | sort",
    "[] | first",
    "[] | min",
    "['a'] | sum",
    "[1] | batch(0)",
    "[1] | slice(0)",
    "[[1]] | groupby('a')",
    "5 | length",
]


@pytest.mark.parametrize(("text", "value"), WORKS)
def test_a_filter_does_what_its_name_says(text: str, value: Any, calc: Callable[[str], Any]) -> None:
    assert calc(text) == value


@pytest.mark.parametrize("text", FAILS)
def test_what_does_not_fit_is_our_error(text: str, calc: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert "has no value" not in error.value.message
