from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError

Calc = Callable[[str], Any]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("7 / 2", 3.5),
        ("-inputs.n", -3),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("'a' ~ 1 ~ true", "a1true"),
        ("now() - event.created_at > duration('10m')", True),
        ("event.created_at + duration('12m') == now()", True),
        ("event.created_at < ago('10m')", True),
        ("true == 1", False),
        ("'3' == 3", False),
        ("none == 0", False),
        ("1 == 1.0", True),
        ("true in [1]", False),
        ("'od' in 'prod'", True),
        ("'id' in event", True),
        ("'x' not in event.tags", True),
    ],
)
def test_like_kinds_work_together(text: str, value: Any, calc: Calc) -> None:
    assert calc(text) == value
    assert type(calc(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "3 > 'a'",
        "'3' > 2",
        "none < 1",
        "[1] < [2]",
        "true > false",
        "event.created_at > '2026'",
        "event.created_at == '2026'",
        "'a' * 3",
        "3 * 'a'",
        "[1] * 3",
        "'%s' % 1",
        "'%999999d' % 1",
        "1 + 'a'",
        "'a' + 1",
        "true + 1",
        "-'a'",
        "none + 1",
        "1 / 0",
        "1 % 0",
        "1.0 // 0",
        "1 in 'a1'",
        "1 in 5",
        "1 in none",
        "now() + now()",
        "now() + 1",
        "now() + duration('36500d') * 1",
    ],
)
def test_unlike_kinds_are_our_error(text: str, calc: Calc) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert "has no value" not in error.value.message


def test_numbers_and_results_are_bounded(calc: Calc) -> None:
    big = "9" * 75
    assert calc(big) == int(big)
    for text in (f"{big} * {big}", "1e308 * 10", "9" * 100, "1e308 + 1e308 - 1e309"):
        with pytest.raises(ExpressionError):
            calc(text)
