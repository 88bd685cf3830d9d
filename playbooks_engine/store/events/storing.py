"""A page of events into the store: new ones, new versions, and those that arrived late."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from playbooks_engine.faults import fault
from playbooks_engine.store import tables
from playbooks_engine.store.columns import json_text

_event, _version = tables.event, tables.event_version

CHUNK = 500
"""Keys asked for with one SELECT; SQLite once allowed 999 parameters."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as a fetch brought it. `version` only orders, such as the time of the last update."""

    key: str
    version: str | None
    fields: dict[str, Any]
    raw: Any


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a page. `older`: content that is kept, but that a newer one had overtaken."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    older: int = 0

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.older + other.older,
        )


@dataclass(slots=True)
class _Known:
    """An event while its page is being stored."""

    version_id: int
    number: int
    version: str | None
    hash: str
    fresh: bool = False
    changed: bool = False


def content_hash(raw: Any) -> str:
    """sha256 of the vendor's JSON with sorted keys: the order a service happens to write in means nothing."""
    try:
        canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (TypeError, ValueError):  # characters or values that JSON text may not hold
        made = json.loads(json_text(raw))
        canonical = json.dumps(made, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(canonical).hexdigest()


def supersedes(version: str | None, current: str | None) -> bool:
    """Whether content of this version may take the place of the current one.

    Both numbers: compared as numbers. Both ISO times: compared as moments, whatever their zone and precision.
    Otherwise, and when either is unknown, what arrives later is newer. Equal versions do not hold each other back.
    """
    if version is None or current is None or version == current:
        return True
    for read in (float, _moment):
        try:
            return read(version) >= read(current)
        except ValueError:
            continue
    return True


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def store_page(connection: Connection, stream: str, arrivals: Sequence[Arrival], now: datetime) -> Stored:
    """Store a page of events in the caller's transaction, with whatever else belongs to it.

    An event whose content differs from its current one gets a new version, also when it goes back to a content it
    had before. An arrival that is older than the current one is kept, once, and never becomes current.
    """
    known = _current(connection, stream, {arrival.key for arrival in arrivals})
    next_id = _next_id(connection)
    rows: list[dict[str, Any]] = []
    counts = [0, 0, 0, 0]
    for arrival in arrivals:
        content = content_hash(arrival.raw)
        before = known.get(arrival.key)
        if before is not None and before.hash == content:
            counts[2] += 1
            continue
        current = before is None or supersedes(arrival.version, before.version)
        if not current and _is_kept(connection, stream, arrival.key, content, rows):
            counts[2] += 1
            continue
        number = before.number + 1 if before else 1
        rows.append(
            {
                "id": next_id,
                "stream": stream,
                "key": arrival.key,
                "number": number,
                "version": arrival.version,
                "hash": content,
                "fields": arrival.fields,
                "raw": arrival.raw,
                "stored_at": now,
                "was_current": current,
            }
        )
        if before is None:
            known[arrival.key] = _Known(next_id, 1, arrival.version, content, fresh=True)
            counts[0] += 1
        else:
            before.number, before.changed = number, True
            if current:
                before.version_id, before.version, before.hash = next_id, arrival.version, content
                counts[1] += 1
            else:
                counts[3] += 1
        next_id += 1
    if rows:
        connection.execute(_NEW_VERSION, rows)
    _write_events(connection, stream, known, now)
    fault("page_stored")
    return Stored(*counts)


_NEW_VERSION = insert(_version)
_NEW_EVENT = insert(_event)
_of_event = (_event.c.stream == bindparam("of_stream")) & (_event.c.key == bindparam("of_key"))
_CHANGED = (
    update(_event)
    .where(_of_event)
    .values({name: bindparam(name) for name in ("current_version_id", "versions", "last_seen")})
)
_SEEN = update(_event).where(_of_event).values(last_seen=bindparam("last_seen"))
_CURRENT = (
    select(_event.c.key, _event.c.current_version_id, _event.c.versions, _version.c.version, _version.c.hash)
    .join(_version, _version.c.id == _event.c.current_version_id)
    .where(_event.c.stream == bindparam("of_stream"), _event.c.key.in_(bindparam("keys", expanding=True)))
)
_KEPT = (
    select(_version.c.id)
    .where(
        _version.c.stream == bindparam("of_stream"),
        _version.c.key == bindparam("of_key"),
        _version.c.hash == bindparam("content"),
    )
    .limit(1)
)


def _current(connection: Connection, stream: str, keys: set[str]) -> dict[str, _Known]:
    ordered = sorted(keys)
    known: dict[str, _Known] = {}
    for start in range(0, len(ordered), CHUNK):
        asked = {"of_stream": stream, "keys": ordered[start : start + CHUNK]}
        for key, version_id, number, version, content in connection.execute(_CURRENT, asked):
            known[key] = _Known(version_id, number, version, content)
    return known


def _next_id(connection: Connection) -> int:
    # Numbers are given out here, so that rows can refer to each other without a round trip each. SQLite's own
    # counter is asked and not the greatest id: numbers of pruned versions must not come again, cursors rely on it.
    query = text("SELECT seq FROM sqlite_sequence WHERE name = 'event_version'")
    return int(connection.execute(query).scalar() or 0) + 1


def _is_kept(connection: Connection, stream: str, key: str, content: str, rows: Sequence[dict[str, Any]]) -> bool:
    if any(row["key"] == key and row["hash"] == content for row in rows):
        return True
    asked = {"of_stream": stream, "of_key": key, "content": content}
    return connection.execute(_KEPT, asked).scalar() is not None


def _write_events(connection: Connection, stream: str, known: dict[str, _Known], now: datetime) -> None:
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    for key, now_known in known.items():
        if now_known.fresh:
            fresh.append(
                {
                    "stream": stream,
                    "key": key,
                    "current_version_id": now_known.version_id,
                    "versions": now_known.number,
                    "first_seen": now,
                    "last_seen": now,
                }
            )
        elif now_known.changed:
            changed.append(
                {
                    "of_stream": stream,
                    "of_key": key,
                    "current_version_id": now_known.version_id,
                    "versions": now_known.number,
                    "last_seen": now,
                }
            )
        else:
            seen.append({"of_stream": stream, "of_key": key, "last_seen": now})
    for statement, rows in ((_NEW_EVENT, fresh), (_CHANGED, changed), (_SEEN, seen)):
        if rows:
            connection.execute(statement, rows)
