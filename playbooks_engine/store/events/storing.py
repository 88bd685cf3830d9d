"""A page of events into the store: new ones, new versions, and those that arrived late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, select

from playbooks_engine.faults import fault
from playbooks_engine.store import tables
from playbooks_engine.store.columns import instant_text, json_from, json_text, plain_text

_event, _version = tables.event, tables.event_version


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


def canonical(raw: Any) -> str:
    """JSON text with sorted keys: the order in which a service happens to write them means nothing."""
    try:
        return json_text(_sorted(raw))
    except TypeError:  # keys of several types, which only become comparable as JSON
        return json_text(_sorted(json_from(json_text(raw))))


def _sorted(value: Any) -> Any:
    if type(value) is dict:
        return {name: _sorted(held) if type(held := value[name]) in _HOLDERS else held for name in sorted(value)}
    if type(value) is list and any(type(held) in _HOLDERS for held in value):
        return [_sorted(held) for held in value]
    return value


_HOLDERS = frozenset({dict, list})


def content_hash(raw: Any) -> str:
    """What tells two contents of an event apart: sha256 of the canonical JSON."""
    return sha256(canonical(raw).encode()).hexdigest()


def supersedes(version: str | None, current: str | None) -> bool:
    """Whether content of this version may take the place of the current one.

    Both numbers: compared as numbers. Both ISO times: compared as moments, whatever their zone and precision.
    Otherwise, and when either is unknown, what arrives later is newer. Equal versions do not hold each other back.
    """
    if version is None or current is None or version == current:
        return True
    for read in (float, _moment):
        try:
            return not read(version) < read(current)
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
    keys = [plain_text(arrival.key) for arrival in arrivals]
    known = _current(connection, stream, set(keys))
    next_id = _next_id(connection)
    at = instant_text(now)
    rows: list[tuple[Any, ...]] = []
    new = updated = unchanged = older = 0
    for key, arrival in zip(keys, arrivals, strict=True):
        version = arrival.version and plain_text(arrival.version)
        text = canonical(arrival.raw)
        content = sha256(text.encode()).hexdigest()
        before = known.get(key)
        current = True
        if before is None:
            number = 1
            known[key] = _Known(next_id, 1, version, content, fresh=True)
            new += 1
        elif before.hash == content:
            unchanged += 1
            continue
        else:
            current = supersedes(version, before.version)
            if not current and _is_kept(connection, stream, key, content, rows):
                unchanged += 1
                continue
            number = before.number = before.number + 1
            before.changed = True
            if current:
                before.version_id, before.version, before.hash = next_id, version, content
                updated += 1
            else:
                older += 1
        rows.append((next_id, stream, key, number, version, content, json_text(arrival.fields), text, at, current))
        next_id += 1
    _write(connection, stream, known, rows, at)
    fault("page_stored")
    return Stored(new, updated, unchanged, older)


# Written in the driver's own words and given tuples: through SQLAlchemy's types a page takes twice as long.
_NEW_VERSION = """
    INSERT INTO event_version (id, stream, key, number, version, hash, fields, raw, stored_at, was_current)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_NEW_EVENT = (
    "INSERT INTO event (stream, key, current_version_id, versions, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?)"
)
_CHANGED = "UPDATE event SET current_version_id = ?, versions = ?, last_seen = ? WHERE stream = ? AND key = ?"
_SEEN = "UPDATE event SET last_seen = ? WHERE stream = ? AND key = ?"
_CURRENT = """
    SELECT event.key, current_version_id, versions, version, hash
    FROM event JOIN event_version ON event_version.id = current_version_id
    WHERE event.stream = ? AND event.key IN (SELECT value FROM json_each(?))
"""
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
    # All keys in one parameter, sorted: neighbours in the table are read one after the other.
    found = connection.exec_driver_sql(_CURRENT, (stream, json_text(sorted(keys))))
    return {key: _Known(version_id, number, version, content) for key, version_id, number, version, content in found}


def _next_id(connection: Connection) -> int:
    # Numbers are given out here, so that rows can refer to each other without a round trip each. SQLite's own
    # counter is asked and not the greatest id: numbers of pruned versions must not come again, cursors rely on it.
    query = "SELECT seq FROM sqlite_sequence WHERE name = 'event_version'"
    return int(connection.exec_driver_sql(query).scalar() or 0) + 1


def _is_kept(connection: Connection, stream: str, key: str, content: str, rows: Sequence[tuple[Any, ...]]) -> bool:
    if any(row[2] == key and row[5] == content for row in rows):
        return True
    asked = {"of_stream": stream, "of_key": key, "content": content}
    return connection.execute(_KEPT, asked).scalar() is not None


def _write(connection: Connection, stream: str, known: dict[str, _Known], rows: list[tuple[Any, ...]], at: str) -> None:
    fresh: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    seen: list[tuple[Any, ...]] = []
    for key, now in known.items():
        if now.fresh:
            fresh.append((stream, key, now.version_id, now.number, at, at))
        elif now.changed:
            changed.append((now.version_id, now.number, at, stream, key))
        else:
            seen.append((at, stream, key))
    for sql, values in ((_NEW_VERSION, rows), (_NEW_EVENT, fresh), (_CHANGED, changed), (_SEEN, seen)):
        if values:
            connection.exec_driver_sql(sql, values)
