"""Stored events that fulfil a condition."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks_engine.errors import BadUsage, ExpressionError
from playbooks_engine.runtime import finding
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.finding import events_called, find_events, run_called
from playbooks_engine.store.events import Arrival, store_page


@pytest.fixture
def stored(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(finding, "PAGE", 2)
    arrivals = [Arrival(str(n), "1", {"number": n, "created_at": "2026-03-27T09:00:00Z"}, {}) for n in range(5)]
    with engine.database.transaction() as connection:
        store_page(connection, "ops.alerts", arrivals, engine.clock.now())
        store_page(connection, "other.things", [Arrival("x", "1", {"size": 1}, {})], engine.clock.now())
    return engine


def test_without_a_condition_all_are_counted_and_the_first_given(stored: Engine) -> None:
    total, rows = find_events(stored, None, None, 2)
    assert (total, len(rows)) == (6, 2)


def test_a_condition_is_asked_of_every_event_and_the_limit_cuts_only_what_is_given(stored: Engine) -> None:
    total, rows = find_events(stored, "ops.alerts", "event.number >= 1", 3)
    assert (total, len(rows)) == (4, 3)


def test_times_are_times_in_a_condition(stored: Engine) -> None:
    assert find_events(stored, "ops.alerts", "event.created_at < now()", 10)[0] == 5


def test_an_event_of_another_shape_does_not_fulfil_it(stored: Engine) -> None:
    assert find_events(stored, None, "event.size == 1", 10)[0] == 1


def test_a_condition_that_has_no_value_for_any_event_is_an_error(stored: Engine) -> None:
    with pytest.raises(ExpressionError, match="nmber"):
        find_events(stored, None, "event.nmber == 1", 10)


def test_an_event_is_known_by_its_key_or_else_by_its_alias_or_tiny_id(stored: Engine) -> None:
    more = [Arrival("a", "1", {"alias": "disk", "tiny_id": "0"}, {}), Arrival("b", "1", {"alias": "3"}, {})]
    with stored.database.transaction() as connection:
        store_page(connection, "ops.alerts", more, stored.clock.now())

    def called(name: str, stream: str | None = None) -> list[str]:
        with stored.database.reading() as connection:
            return [row.key for row in events_called(connection, name, stream)]

    assert called("disk", "ops.alerts") == ["a"]
    assert called("0") == ["0"]
    assert called("3", "ops.alerts") == ["3"]  # a key goes before an alias
    assert called("x", "ops.alerts") == []
    assert called("nobody") == []


async def test_a_run_is_named_by_its_number_and_a_part_by_the_run_it_is_part_of(bench: Any) -> None:
    bench.write("name: inner\nsteps: [{id: a, uses: core.set}]\n", "inner")
    await bench.run("name: p\nsteps: [{id: call, uses: ./inner.yml}]\n")
    with bench.store() as database, database.reading() as connection:
        assert run_called(connection, 2).parent_run_id == 1
        with pytest.raises(BadUsage, match="There is no run 3"):
            run_called(connection, 3)
        with pytest.raises(BadUsage, match="Run 2 is part of run 1") as refused:
            run_called(connection, 2, part="Take that one: {}")
    assert refused.value.hint == "Take that one: 1"
