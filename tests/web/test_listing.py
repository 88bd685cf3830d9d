"""Events in pages, over all streams."""

from __future__ import annotations

from datetime import timedelta

import pytest

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store.events import Arrival, EventRow, store_page
from playbooks_engine.web.listing import cursor_of, latest_events, row_before
from tests.web.conftest import NOW

STREAMS = ["eu.alerts", "ops.alerts"]


def test_pages_hold_every_event_of_all_streams_once_in_order(engine: Engine) -> None:
    with engine.database.transaction() as connection:
        for turn in range(3):
            for stream in STREAMS:
                page = [Arrival(f"{turn} a key/{n}", None, {}, {"n": n}) for n in range(7)]
                store_page(connection, stream, page, NOW + timedelta(seconds=turn))
    seen: list[EventRow] = []
    with engine.database.reading() as connection:
        while page_of := latest_events(connection, STREAMS, 5, row_before(cursor_of(seen[-1])) if seen else None):
            seen += page_of
    assert len({(row.stream, row.key) for row in seen}) == len(seen) == 42
    assert [row.last_seen for row in seen] == sorted((row.last_seen for row in seen), reverse=True)


def test_there_is_a_first_page_and_nonsense_is_refused() -> None:
    assert row_before(None) is row_before("") is None
    for cursor in ("x", "a b c", "2026-11-22T00:00:00 s k"):
        with pytest.raises(ValueError, match=r".*"):
            row_before(cursor)
