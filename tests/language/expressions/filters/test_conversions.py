from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError

WORKS: list[tuple[str, Any]] = [
    ("{'a': [1, none]} | to_json", '{"a": [1, null]}'),
    ("'{\"a\": 1}' | from_json", {"a": 1}),
    ("'2026-05-01T10:00:00Z' | to_datetime == event.created_at", True),
    ("event.created_at | epoch_ms | to_datetime == event.created_at", True),
    ("event.created_at | human_time", "2026-05-01 10:00 UTC"),
    ("event.created_at | human_time('Europe/Berlin')", "2026-05-01 12:00 CEST"),
    ("duration('90m') | human_time", "1h30m"),
]

FAILS = [
    "'{' | from_json",
    "'NaN' | from_json",
    "'x' | to_datetime",
    "1e300 | to_datetime",
    "true | to_datetime",
    "event.created_at | human_time('Nowhere')",
]


@pytest.mark.parametrize(("text", "value"), WORKS)
def test_a_filter_does_what_its_name_says(text: str, value: Any, calc: Callable[[str], Any]) -> None:
    assert calc(text) == value


@pytest.mark.parametrize("text", FAILS)
def test_what_does_not_fit_is_our_error(text: str, calc: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert "has no value" not in error.value.message
