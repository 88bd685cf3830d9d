"""Events in pages: the newest of all streams, and the place to go on from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from playbooks_engine.store.events import EventRow, list_events
from playbooks_engine.web.moments import stamp


def latest_events(
    connection: Connection, streams: Sequence[str], limit: int, before: EventRow | None = None
) -> list[EventRow]:
    """Events of these streams, last seen first.

    Stream by stream: within one there is an index to read from its end, over all of them every event would be sorted.
    """
    found = [row for stream in streams for row in list_events(connection, stream, limit, before)]
    found.sort(key=lambda row: (row.stream, row.key))
    found.sort(key=lambda row: row.last_seen, reverse=True)
    return found[:limit]


def cursor_of(row: EventRow) -> str:
    """Where the next page begins, as text for an address."""
    return f"{stamp(row.last_seen)} {row.stream} {row.key}"


def row_before(cursor: str | None) -> EventRow | None:
    """The row a cursor stands for; raises ValueError where it is none of ours."""
    if not cursor:
        return None
    seen, stream, key = cursor.split(" ", 2)
    moment = datetime.fromisoformat(seen)
    if moment.tzinfo is None:
        raise ValueError(cursor)
    # Only its place counts; what it held is of no matter any more.
    return EventRow(
        stream=stream, key=key, last_seen=moment, first_seen=moment,
        version_id=0, number=0, version=None, versions=0, fields={}, raw=None,
    )  # fmt: skip
