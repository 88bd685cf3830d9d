from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError

WORKS: list[tuple[str, Any]] = [
    ("'5' | int + ('1.5' | float)", 6.5),
    ("'x' | int(0)", 0),
    ("-5 | abs", 5),
    ("2.567 | round(1)", 2.6),
    ("2.5 | round(0, 'ceil')", 3),
]

FAILS = [
    "'x' | int",
    "true | abs",
]


@pytest.mark.parametrize(("text", "value"), WORKS)
def test_a_filter_does_what_its_name_says(text: str, value: Any, calc: Callable[[str], Any]) -> None:
    assert calc(text) == value


@pytest.mark.parametrize("text", FAILS)
def test_what_does_not_fit_is_our_error(text: str, calc: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert "has no value" not in error.value.message
