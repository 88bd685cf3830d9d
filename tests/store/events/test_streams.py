"""Streams: how far they are complete, and how their fetches went."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks_engine.store.database import Database
from playbooks_engine.store.events import (
    Stored,
    StreamRow,
    begin_fetch,
    describe_stream,
    end_fetch,
    fetches,
    move_watermark,
    set_watermark,
    stream_failed,
    stream_fetched,
    stream_state,
    stream_states,
)

MINUTE = timedelta(minutes=1)


def test_a_watermark_moves_forward_only(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        assert stream_state(connection, "ops.alerts") is None
        move_watermark(connection, "ops.alerts", complete_up_to=now)
        move_watermark(connection, "ops.alerts", complete_up_to=now - MINUTE, swept_up_to=now - MINUTE)
        state = stream_state(connection, "ops.alerts")
        assert stream_states(connection) == [state]
    assert state == StreamRow(stream="ops.alerts", complete_up_to=now, swept_up_to=now - MINUTE)


def test_a_stream_fails_since_its_first_failure_until_a_fetch_ends_well(database: Database, now: datetime) -> None:
    error = {"type": "timeout"}
    with database.transaction() as connection:
        describe_stream(connection, "ops.alerts", query="source: x", mapping_digest="d")
        stream_failed(connection, "ops.alerts", error, now)
        stream_failed(connection, "ops.alerts", error, now + MINUTE)
        failing = stream_state(connection, "ops.alerts")
        stream_fetched(connection, "ops.alerts", now + MINUTE)
        well = stream_state(connection, "ops.alerts")
    assert failing is not None
    assert (failing.failing_since, failing.last_error, failing.query) == (now, error, "source: x")
    assert well is not None
    assert (well.failing_since, well.last_error, well.last_fetch_at) == (None, None, now + MINUTE)


def test_each_fetch_leaves_a_row(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        first = begin_fetch(connection, "ops.alerts", "tick", now, since=now - MINUTE, until=now, query="q")
        second = begin_fetch(connection, "ops.incidents", "manual", now)
        stored = Stored(new=3, updated=2, unchanged=1, older=1) + Stored(new=1)
        end_fetch(connection, first, now + MINUTE, stored=stored, pages=2, requests=3, bad=1)
        done, under_way = fetches(connection, "ops.alerts")[0], fetches(connection)[0]
    assert (done.new, done.updated, done.unchanged, done.bad, done.pages, done.requests) == (4, 2, 2, 1, 2, 3)
    assert (done.since, done.until, done.ended_at, done.query) == (now - MINUTE, now, now + MINUTE, "q")
    assert (under_way.id, under_way.ended_at, under_way.reason) == (second, None, "manual")


def test_marks_can_be_taken_back_where_they_said_what_is_not_true(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        move_watermark(connection, "ops.alerts", complete_up_to=now, swept_up_to=now)
        set_watermark(connection, "ops.alerts", complete_up_to=now - MINUTE, swept_up_to=now - 2 * MINUTE)
        state = stream_state(connection, "ops.alerts")
    assert state == StreamRow(stream="ops.alerts", complete_up_to=now - MINUTE, swept_up_to=now - 2 * MINUTE)
