from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError

Calc = Callable[[str], Any]


def test_there_are_three_functions(calc: Calc) -> None:
    assert calc("now()") == datetime(2026, 5, 1, 10, 12, tzinfo=UTC)
    assert calc("ago('10m')") == datetime(2026, 5, 1, 10, 2, tzinfo=UTC)
    assert calc("duration('1h30m')") == timedelta(minutes=90)
    assert calc("ago(duration('10m'))") == calc("ago('10m')")
    assert calc("ago('10m') | epoch_ms") == 1777629720000


def test_a_wrong_duration_is_found_before_anything_runs(calc: Calc) -> None:
    for text in ("ago('ten')", "duration(5)", "ago(event.count)"):
        with pytest.raises(ExpressionError, match="duration"):
            calc(text)


def test_patterns_and_queries_cannot_come_from_data(calc: Calc) -> None:
    for text in ("'a' | regex_search(event.message)", "[1] | json_query(event.message)", "'a' is search(event.id)"):
        with pytest.raises(ExpressionError, match="text in quotes"):
            calc(text)
