"""The operators of alert rules, as playbooks/README.md writes them: for events that fit, and for others."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.language.expressions import Scope, compile_condition

README = Path(__file__).parents[2] / "playbooks" / "README.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| (.*) \|$", re.MULTILINE)
FITS: dict[str, Any] = {
    "message": "disk one is full", "tags": ["prod"], "priority": "P1", "count": 3, "raw": {"details": {"env": "prod"}},
}  # fmt: skip
OTHER: dict[str, Any] = {
    "message": "CPU is hot", "tags": ["test"], "priority": "P2", "count": 3, "raw": {"details": {"prod": "env"}},
}  # fmt: skip
EVENTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "matches": (FITS, OTHER),
    "contains": (FITS, OTHER),
    "starts-with": (FITS, OTHER),
    "ends-with": (FITS, OTHER),
    "equals": (FITS, OTHER),
    "equals-ignore-whitespace": (FITS | {"message": " disk\tis  full\n"}, OTHER),
    "contains-key": (FITS, OTHER),
    "contains-value": (FITS, OTHER),
    "greater-than": (FITS | {"count": 4}, FITS),
    "less-than": (FITS | {"count": 2}, FITS),
    "is-empty": (FITS | {"tags": []}, FITS),
}
"""Operator to an event for which it holds and one for which it does not."""


def rows() -> dict[str, list[str]]:
    """Operator to the conditions of its row."""
    section = README.read_text(encoding="utf-8").split("## The operators of alert rules")[1].split("\n## ")[0]
    told = {name: re.findall(r"`([^`]+)`", cell.replace("\\|", "|")) for name, cell in ROW.findall(section)}
    assert told
    return told


def holds(condition: str, event: dict[str, Any]) -> bool:
    return compile_condition(condition).evaluate(Scope({"event": event}, lambda: datetime(2026, 5, 1, tzinfo=UTC)))


def test_every_operator_has_a_row() -> None:
    assert set(rows()) == set(EVENTS)


@pytest.mark.parametrize("operator", EVENTS)
def test_the_condition_of_an_operator_holds_when_the_operator_does(operator: str) -> None:
    fits, other = EVENTS[operator]
    for condition in rows()[operator]:
        assert holds(condition, fits), condition
        assert not holds(condition, other), condition
        assert not holds(f"not ({condition})", fits), condition
        assert holds(f"not ({condition})", other), condition


def test_not_may_stand_inside_the_condition_too() -> None:
    assert holds(
        "event.tags is not empty and 'test' not in event.tags and event.message is not startswith('CPU')", FITS
    )
