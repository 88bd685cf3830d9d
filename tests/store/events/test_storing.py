"""Every version of every event is kept, and the current one is the newest."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from playbooks_engine.store.database import Database
from playbooks_engine.store.events import (
    Arrival,
    Stored,
    changes,
    content_hash,
    count_events,
    event,
    store_page,
    supersedes,
    versions,
)


def _arrival(key: str, version: str | None = None, **fields: Any) -> Arrival:
    return Arrival(key, version, fields, {"id": key, "updatedAt": version, **fields})


def _store(database: Database, now: datetime, *arrivals: Arrival) -> Stored:
    with database.transaction() as connection:
        return store_page(connection, "ops.alerts", arrivals, now)


def test_new_updated_and_unchanged_events_are_told_apart(database: Database, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    assert _store(database, now, _arrival("a", status="open"), _arrival("b")) == Stored(new=2)
    assert _store(database, later, _arrival("a", status="acked"), _arrival("b")) == Stored(updated=1, unchanged=1)
    with database.reading() as connection:
        a, b = event(connection, "ops.alerts", "a"), event(connection, "ops.alerts", "b")
        assert event(connection, "ops.alerts", "c") is None
        assert event(connection, "other", "a") is None
    assert a is not None
    assert (a.fields, a.versions, a.first_seen, a.last_seen) == ({"status": "acked"}, 2, now, later)
    assert b is not None
    assert (b.versions, b.last_seen) == (1, later)


def test_going_back_to_an_earlier_content_is_a_new_version(database: Database, now: datetime) -> None:
    for status in ("open", "acked", "open"):
        _store(database, now, _arrival("a", status=status))
    with database.reading() as connection:
        kept = versions(connection, "ops.alerts", "a")
        assert [row.number for row in kept] == [1, 2, 3]
        assert [row.fields["status"] for row in kept] == ["open", "acked", "open"]
        assert [row.id for row in changes(connection, "ops.alerts", 0)] == [row.id for row in kept]


def test_an_older_arrival_is_kept_once_and_never_becomes_current(database: Database, now: datetime) -> None:
    _store(database, now, _arrival("a", "2026-11-22T15:00:00Z", status="closed"))
    late = _arrival("a", "2026-11-22T14:00:00Z", status="open")
    assert _store(database, now, late) == Stored(older=1)
    assert _store(database, now, late, late) == Stored(unchanged=2)
    with database.reading() as connection:
        current = event(connection, "ops.alerts", "a")
        kept = versions(connection, "ops.alerts", "a")
        assert len(changes(connection, "ops.alerts", 0)) == 1
    assert current is not None
    assert current.fields == {"status": "closed"}
    assert [row.was_current for row in kept] == [True, False]


def test_a_page_may_hold_an_event_several_times(database: Database, now: datetime) -> None:
    page = [
        _arrival("a", "1", n=1),
        _arrival("a", "1", n=1),
        _arrival("a", "3", n=3),
        _arrival("a", "2", n=2),
        _arrival("a", "2", n=2),
    ]
    assert _store(database, now, *page) == Stored(new=1, updated=1, unchanged=2, older=1)
    with database.reading() as connection:
        current = event(connection, "ops.alerts", "a")
        assert count_events(connection) == 1
    assert current is not None
    assert (current.fields, current.versions) == ({"n": 3}, 3)


def test_the_same_key_in_two_streams_is_two_events(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        assert store_page(connection, "one", [_arrival("a")], now).new == 1
        assert store_page(connection, "two", [_arrival("a")], now).new == 1


def test_a_page_that_fails_is_not_stored(database: Database, now: datetime) -> None:
    with suppress(ZeroDivisionError), database.transaction() as connection:
        store_page(connection, "ops.alerts", [_arrival("a")], now)
        raise ZeroDivisionError
    with database.reading() as connection:
        assert count_events(connection) == 0


def test_an_empty_page_is_fine(database: Database, now: datetime) -> None:
    assert _store(database, now) == Stored()


def test_odd_characters_are_stored_harmlessly(database: Database, now: datetime) -> None:
    odd = Arrival("k\ud800\x00", "v\ud800", {"f": "\ud800"}, {"id": "\x00", "n": float("nan")})
    assert _store(database, now, odd, _arrival("b")) == Stored(new=2)
    assert _store(database, now, odd) == Stored(unchanged=1)
    with database.reading() as connection:
        stored = event(connection, "ops.alerts", "k\ufffd\ufffd")
    assert stored is not None
    assert (stored.version, stored.fields, stored.raw) == ("v\ufffd", {"f": "\ufffd"}, {"id": "\ufffd", "n": None})


def test_many_events_are_stored_in_one_page(database: Database, now: datetime) -> None:
    page = [_arrival(f"key {number}", n=number) for number in range(3000)]
    assert _store(database, now, *page) == Stored(new=3000)
    assert _store(database, now, *reversed(page)) == Stored(unchanged=3000)


def test_ids_of_versions_never_come_again(database: Database, now: datetime) -> None:
    _store(database, now, _arrival("a"), _arrival("b"))
    with database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM event")
        connection.exec_driver_sql("DELETE FROM event_version")
    _store(database, now, _arrival("c"))
    with database.reading() as connection:
        (row,) = versions(connection, "ops.alerts", "c")
    assert row.id == 3


def test_the_order_of_keys_means_nothing() -> None:
    assert content_hash({"a": 1, "b": [{"c": 1, "d": 2}]}) == content_hash({"b": [{"d": 2, "c": 1}], "a": 1})
    assert content_hash({"a": [1, 2]}) != content_hash({"a": [2, 1]})
    assert content_hash({1: "a", "b": 2}) == content_hash({"b": 2, "1": "a"})


@pytest.mark.parametrize(
    ("version", "current", "expected"),
    [
        ("2026-11-22T15:00:00Z", "2026-11-22T14:00:00Z", True),
        ("2026-11-22T14:00:00Z", "2026-11-22T15:00:00Z", False),
        ("2026-11-22T16:00:00+02:00", "2026-11-22T15:00:00Z", False),
        ("2026-11-22T15:00:00.5Z", "2026-11-22T15:00:00Z", True),
        ("2026-11-22T15:00:00Z", "2026-11-22T15:00:00.000Z", True),
        ("10", "9", True),
        ("9", "10", False),
        ("1606058837123.5", "1606058837124", False),
        (None, "10", True),
        ("10", None, True),
        ("b7", "c1", True),
        ("c1", "b7", True),
        ("nan", "1", True),
    ],
)
def test_versions_are_ordered_as_numbers_or_moments(version: str | None, current: str | None, expected: bool) -> None:
    assert supersedes(version, current) is expected
