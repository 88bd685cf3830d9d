"""What changed between versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from playbooks_engine.store.events import VersionRow
from playbooks_engine.web.changes import Change, changes, grade, headline, history, state

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def version(number: int, fields: dict[str, Any], raw: Any = None, current: bool = True) -> VersionRow:
    return VersionRow(
        id=number, stream="ops.alerts", key="a", number=number, version=None, hash="h", fields=fields,
        raw=raw or {}, stored_at=NOW, was_current=current,
    )  # fmt: skip


def test_fields_that_differ() -> None:
    assert changes({"a": 1, "b": 1, "c": 1}, {"a": 1, "b": True, "d": None}) == (
        Change("b", "changed", 1, True),
        Change("d", "added", after=None),
        Change("c", "removed", before=1),
    )
    assert changes([1], [1]) == ()
    assert changes([1], {"a": 1}) == (Change("", "changed", [1], {"a": 1}),)


def test_a_late_arrival_is_no_base_for_what_follows() -> None:
    rows = [version(1, {"s": "open"}), version(2, {"s": "older"}, current=False), version(3, {"s": "closed"})]
    newest, late, first = history(rows)
    assert newest.changes == (Change("s", "changed", "open", "closed"),)
    assert late.changes == (Change("s", "changed", "open", "older"),)
    assert first.first


def test_a_change_outside_the_mapping_is_told_as_such() -> None:
    newest, _ = history([version(1, {"s": 1}, {"x": 1}), version(2, {"s": 1}, {"x": 2})])
    assert newest.outside
    assert newest.changes == (Change("x", "changed", 1, 2),)


def test_what_an_event_is_about() -> None:
    assert headline({"title": " ", "name": "n"}, "k") == "n"
    assert headline({"message": 5}, "k") == "k"
    assert grade({"severity": 3, "level": "x"}) == "3"
    assert state({"status": "open", "acknowledged": True}) == "acknowledged"
    assert state({"status": "closed", "acknowledged": True}) == "closed"
    assert state({"status": True}) == ""
