from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError

WORKS: list[tuple[str, Any]] = [
    ("'abc' is match('ab') and 'abc' is search('c') and 'abc' is not match('c')", True),
    ("'abc' is startswith('a') and 'abc' is endswith('c')", True),
    ("'' is empty and none is empty and [] is empty and 'a' is not empty", True),
    ("1 is number and true is not number and 'a' is string and none is none", True),
    ("event is mapping and event.tags is sequence and event.created_at is datetime", True),
    ("2 is even and 3 is odd and 4 is divisibleby(2)", True),
    ("'P1' is in ['P1'] and event.tags is contains('db') and 1 is lt(2)", True),
]

FAILS = [
    "5 is empty",
    "1 is lt('a')",
]


@pytest.mark.parametrize(("text", "value"), WORKS)
def test_a_test_does_what_its_name_says(text: str, value: Any, calc: Callable[[str], Any]) -> None:
    assert calc(text) == value


@pytest.mark.parametrize("text", FAILS)
def test_what_does_not_fit_is_our_error(text: str, calc: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert "has no value" not in error.value.message
