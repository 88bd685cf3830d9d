"""Streams and fetches: how far events are known, and each time they were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from playbooks_engine.faults import fault
from playbooks_engine.store import tables
from playbooks_engine.store.events.storing import Stored

_stream, _fetch = tables.stream, tables.fetch


@dataclass(frozen=True, kw_only=True)
class StreamRow:
    """A stream, how far it is complete, and how its fetches go."""

    stream: str
    complete_up_to: datetime | None = None
    swept_up_to: datetime | None = None
    query: str | None = None
    mapping_digest: str | None = None
    last_fetch_at: datetime | None = None
    failing_since: datetime | None = None
    last_error: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class FetchRow:
    """One fetch; without `ended_at` it is under way, or its process died."""

    id: int
    stream: str
    since: datetime | None
    until: datetime | None
    query: str | None
    reason: str
    started_at: datetime
    ended_at: datetime | None
    pages: int
    requests: int
    new: int
    updated: int
    unchanged: int
    bad: int
    error: dict[str, Any] | None


def stream_state(connection: Connection, stream: str) -> StreamRow | None:
    """The stream; None when it was never fetched."""
    row = connection.execute(select(_stream).where(_stream.c.stream == stream)).one_or_none()
    return StreamRow(**row._mapping) if row else None


def stream_states(connection: Connection) -> list[StreamRow]:
    """All streams, by name."""
    return [StreamRow(**row._mapping) for row in connection.execute(select(_stream).order_by(_stream.c.stream))]


def describe_stream(connection: Connection, stream: str, *, query: str | None, mapping_digest: str | None) -> None:
    """Remember what the stream is fetched and mapped with."""
    _set(connection, stream, query=query, mapping_digest=mapping_digest)


def move_watermark(
    connection: Connection,
    stream: str,
    *,
    complete_up_to: datetime | None = None,
    swept_up_to: datetime | None = None,
) -> None:
    """Everything up to here is stored. In the transaction of the last page, and never backwards."""
    now = stream_state(connection, stream) or StreamRow(stream=stream)
    moved: dict[str, datetime] = {}
    for name, to in (("complete_up_to", complete_up_to), ("swept_up_to", swept_up_to)):
        at: datetime | None = getattr(now, name)
        if to is not None and (at is None or to > at):
            moved[name] = to
    if moved:
        _set(connection, stream, **moved)
    fault("watermark_moved")


def set_watermark(connection: Connection, stream: str, *, complete_up_to: datetime, swept_up_to: datetime) -> None:
    """Take back what was held to be stored, as after our clock was wrong; otherwise marks only move forward."""
    _set(connection, stream, complete_up_to=complete_up_to, swept_up_to=swept_up_to)


def stream_fetched(connection: Connection, stream: str, now: datetime) -> None:
    """A fetch ended well: the stream is failing no longer."""
    _set(connection, stream, last_fetch_at=now, failing_since=None, last_error=None)


def stream_failed(connection: Connection, stream: str, error: dict[str, Any], now: datetime) -> None:
    """A fetch failed; the first of a row sets since when."""
    known = stream_state(connection, stream)
    since = known.failing_since if known and known.failing_since else now
    _set(connection, stream, failing_since=since, last_error=error)


def _set(connection: Connection, stream: str, **values: Any) -> None:
    statement = upsert(_stream).on_conflict_do_update(index_elements=["stream"], set_=values)
    connection.execute(statement, {"stream": stream, **values})


def begin_fetch(
    connection: Connection,
    stream: str,
    reason: str,
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    query: str | None = None,
) -> int:
    """Note that a fetch begins; returns its number. `reason` is tick, sweep or manual."""
    counts = dict.fromkeys(("pages", "requests", "new", "updated", "unchanged", "bad"), 0)
    row = {"stream": stream, "since": since, "until": until, "query": query, "reason": reason, "started_at": now}
    key = connection.execute(insert(_fetch), {**row, **counts}).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    return int(key[0])


def end_fetch(
    connection: Connection,
    fetch_id: int,
    now: datetime,
    *,
    stored: Stored | None = None,
    pages: int = 0,
    requests: int = 0,
    bad: int = 0,
    error: dict[str, Any] | None = None,
) -> None:
    """Note how a fetch ended. Older arrivals changed nothing that is current and count as unchanged."""
    stored = stored or Stored()
    values = {
        "ended_at": now,
        "pages": pages,
        "requests": requests,
        "new": stored.new,
        "updated": stored.updated,
        "unchanged": stored.unchanged + stored.older,
        "bad": bad,
        "error": error,
    }
    connection.execute(update(_fetch).where(_fetch.c.id == fetch_id).values(values))


def fetches(connection: Connection, stream: str | None = None, limit: int = 50) -> list[FetchRow]:
    """Fetches, newest first."""
    query = select(_fetch).order_by(_fetch.c.id.desc()).limit(limit)
    if stream is not None:
        query = query.where(_fetch.c.stream == stream)
    return [FetchRow(**row._mapping) for row in connection.execute(query)]
