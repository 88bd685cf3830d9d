"""A scope like the one a run has, and short ways to try an expression in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from playbooks_engine.language.expressions import Scope, compile_condition, compile_value

NOW = datetime(2026, 5, 1, 10, 12, tzinfo=UTC)


@pytest.fixture
def scope() -> Scope:
    return Scope(
        {
            "event": {
                "id": "a1",
                "priority": "P1",
                "count": 7,
                "tags": ["prod", "db"],
                "acknowledged": False,
                "status": "open",
                "owner": None,
                "items": 3,
                "keys": "k",
                "message": "[1, 2]",
                "created_at": datetime(2026, 5, 1, 10, 0, tzinfo=UTC),
                "responders": [{"name": "Ana", "type": "user"}, {"name": "Bo", "type": "team"}],
            },
            "inputs": {"n": 3, "text": "abc", "schedule": "ops"},
            "steps": {"find": {"status": "succeeded", "output": [{"id": "x", "n": 1}, {"id": "y", "n": 2}]}},
        },
        lambda: NOW,
    )


@pytest.fixture
def value(scope: Scope) -> Callable[[str], Any]:
    return lambda text: compile_value(text).evaluate(scope)


@pytest.fixture
def calc(scope: Scope) -> Callable[[str], Any]:
    """The value of one expression, written without its delimiters."""
    return lambda text: compile_value("${{ " + text + " }}").evaluate(scope)


@pytest.fixture
def holds(scope: Scope) -> Callable[[str], bool]:
    return lambda text: compile_condition(text).evaluate(scope)
