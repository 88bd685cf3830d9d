"""Events found by what their fields hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.event import listen

from playbooks_engine.store import tables
from playbooks_engine.store.database import Database
from playbooks_engine.store.events import (
    Arrival,
    changes,
    count_events,
    created_since,
    find,
    latest_id,
    list_events,
    newest_version,
    store_page,
    version_by_id,
)

FIELDS: dict[str, dict[str, Any]] = {
    "a": {"status": "open", "count": 1, "tags": ["disk", "it's"], "seen": True, "owner": None},
    "b": {"status": "open", "count": 2, "tags": [], "seen": False, "a b.c": "odd name"},
    "c": {"status": "closed", "count": "1", "tags": ["disk", 7, True], "owner": {"name": "x"}},
}


@pytest.fixture
def stored(database: Database, now: datetime) -> Database:
    with database.transaction() as connection:
        for number, (key, fields) in enumerate(FIELDS.items()):
            at = now + timedelta(minutes=number)
            store_page(connection, "ops.alerts", [Arrival(key, None, fields, {"id": key})], at)
        store_page(connection, "other", [Arrival("z", None, {"status": "open"}, {})], now)
    return database


@pytest.mark.parametrize(
    ("match", "keys"),
    [
        ({}, "abc"),
        ({"status": "open"}, "ab"),
        ({"status": "open", "tags": "disk"}, "a"),
        ({"tags": "disk"}, "ac"),
        ({"tags": "it's"}, "a"),
        ({"tags": 7}, "c"),
        ({"tags": True}, "c"),
        ({"tags": 1}, ""),
        ({"count": 1}, "a"),
        ({"count": 1.0}, "a"),
        ({"count": "1"}, "c"),
        ({"seen": True}, "a"),
        ({"seen": False}, "b"),
        ({"seen": 1}, ""),
        ({"owner": None}, "ab"),
        ({"a b.c": "odd name"}, "b"),
        ({"status": "open' OR 1=1 --"}, ""),
        ({"nothing": "x"}, ""),
    ],
)
def test_events_are_found_by_their_fields(stored: Database, match: dict[str, Any], keys: str) -> None:
    with stored.reading() as connection:
        number, rows = find(connection, "ops.alerts", match)
    assert number == len(keys)
    assert sorted(row.key for row in rows) == list(keys)


def test_events_are_found_by_when_they_were_seen_and_counted_beyond_the_limit(stored: Database, now: datetime) -> None:
    minute = timedelta(minutes=1)
    with stored.reading() as connection:
        number, rows = find(connection, "ops.alerts", {}, limit=1)
        assert (number, [row.key for row in rows]) == (3, ["c"])
        assert [row.key for row in find(connection, "ops.alerts", {}, since=now + minute)[1]] == ["c", "b"]
        assert [row.key for row in find(connection, "ops.alerts", {}, until=now + minute)[1]] == ["a"]


@pytest.mark.parametrize("match", [{"owner": {"name": "x"}}, {"tags": ["disk"]}, {'quo"te': "x"}])
def test_what_cannot_be_looked_for_is_refused(stored: Database, match: dict[str, Any]) -> None:
    with stored.reading() as connection, pytest.raises(ValueError, match=r"found by|quotation mark"):
        find(connection, "ops.alerts", match)


def test_events_are_listed_last_seen_first_a_page_at_a_time(stored: Database) -> None:
    with stored.reading() as connection:
        first = list_events(connection, "ops.alerts", limit=2)
        assert [row.key for row in first] == ["c", "b"]
        assert [row.key for row in list_events(connection, "ops.alerts", limit=2, before=first[-1])] == ["a"]
        everything = list_events(connection)
        assert [row.key for row in everything] == ["c", "b", "a", "z"]
        assert [row.key for row in list_events(connection, before=everything[2])] == ["z"]
        assert [row.stream for row in list_events(connection, key="z")] == ["other"]
        assert (count_events(connection), count_events(connection, "ops.alerts")) == (4, 3)


def test_changes_go_on_from_a_cursor(stored: Database, now: datetime) -> None:
    with stored.transaction() as connection:
        cursor = latest_id(connection, "ops.alerts")
        assert latest_id(connection) == cursor + 1
        assert latest_id(connection, "nothing") == 0
        assert changes(connection, "ops.alerts", cursor) == []
        store_page(connection, "ops.alerts", [Arrival("a", None, {"status": "closed"}, {"new": 1})], now)
        (change,) = changes(connection, "ops.alerts", cursor)
        assert (change.key, change.number, change.fields) == ("a", 2, {"status": "closed"})
        assert version_by_id(connection, change.id) == change
        assert version_by_id(connection, 999) is None
        assert [row.key for row in changes(connection, "ops.alerts", 0, limit=2)] == ["a", "b"]


def test_the_newest_version_is_the_greatest_of_those_stored_lately(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        assert newest_version(connection, "s") is None
        for version in ("2026-01-03", "2026-01-09", "2026-01-04"):
            store_page(connection, "s", [Arrival("a", version, {}, {"v": version})], now)
        store_page(connection, "other", [Arrival("a", "2027-01-01", {}, {})], now)
        assert newest_version(connection, "s") == "2026-01-09"


def test_events_are_listed_with_their_time_of_creation(database: Database, now: datetime) -> None:
    hour = timedelta(hours=1)
    with database.transaction() as connection:
        store_page(connection, "s", [Arrival("old", "1", {}, {"createdAt": "A"})], now - hour)
        store_page(connection, "s", [Arrival("a", "2", {}, {"createdAt": "B"}), Arrival("b", "3", {}, {})], now)
        store_page(connection, "s", [Arrival("a", "4", {}, {"createdAt": "B", "more": 1})], now + hour)
        store_page(connection, "other", [Arrival("z", "1", {}, {"createdAt": "C"})], now)
        assert created_since(connection, "s", "createdAt", now) == [("a", "4", "B")]
        with pytest.raises(ValueError, match="quotation mark"):
            created_since(connection, "s", 'created"At', now)


def test_fields_with_an_index_are_found_by_it_whatever_they_hold(database: Database, now: datetime) -> None:
    deep: Any = "end"
    for _ in range(300):
        deep = {"more": deep}
    contents: dict[str, Any] = {
        "a": {"alias": "disk-1", "tiny_id": "17", "entity": ["disk-1", "host"]},
        "b": {"alias": "disk-2", "tiny_id": 17, "entity": "disk-1"},
        "c": {"alias": "[disk-1]", "tiny_id": True, "entity": None},
        "d": {"alias": "disk-1", "details": deep},
        "moved on": {"alias": "disk-3"},
    }
    with database.transaction() as connection:
        for key, fields in contents.items():
            store_page(connection, "ops.alerts", [Arrival(key, "1", fields, {"id": key})], now)
        store_page(connection, "ops.alerts", [Arrival("moved on", "2", {"alias": "disk-4"}, {"id": "new"})], now)
        store_page(connection, "other", [Arrival("z", None, {"alias": "disk-1"}, {})], now)
    asked: list[tuple[dict[str, Any], set[str]]] = [
        ({"alias": "disk-1"}, {"a", "d"}), ({"alias": "disk-3"}, set()), ({"alias": "disk-4"}, {"moved on"}),
        ({"alias": "[disk-1]"}, {"c"}), ({"entity": "disk-1"}, {"a", "b"}), ({"tiny_id": "17"}, {"a"}),
        ({"tiny_id": 17}, {"b"}), ({"tiny_id": 1}, set()), ({"tiny_id": True}, {"c"}),
        ({"entity": "disk-1", "alias": "disk-2"}, {"b"}),
    ]  # fmt: skip
    with database.reading() as connection:
        assert len(list_events(connection, "ops.alerts")) == 5  # however deep it is nested
        for match, keys in asked:
            number, rows = find(connection, "ops.alerts", match)
            assert ({row.key for row in rows}, number) == (keys, len(keys)), match


@pytest.mark.parametrize("field", tables.FOUND_BY)
def test_a_field_that_events_are_looked_for_by_is_looked_up_and_not_read_for_all(stored: Database, field: str) -> None:
    seen: list[tuple[str, Any]] = []
    with stored.reading() as connection:
        listen(connection.engine, "before_cursor_execute", lambda *given: seen.append((given[2], given[3])))
        find(connection, "ops.alerts", {field: "x"})
        statement, values = next(one for one in seen if one[0].startswith("SELECT"))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    told = "\n".join(row[3] for row in plan)
    assert f"USING INDEX ix_event_version_stream_{field} (stream=? AND <expr>=?)" in told
    assert "SEARCH event USING PRIMARY KEY (stream=? AND key=?)" in told
