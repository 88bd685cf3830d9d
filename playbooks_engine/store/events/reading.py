"""Events read: one, its versions, those that match, those that changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from playbooks_engine.store import tables
from playbooks_engine.store.columns import json_text

_event, _version = tables.event, tables.event_version


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """An event as it is now: its current fields and the vendor's JSON."""

    stream: str
    key: str
    version_id: int
    number: int
    version: str | None
    versions: int
    first_seen: datetime
    last_seen: datetime
    fields: dict[str, Any]
    raw: Any


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """One content an event had."""

    id: int
    stream: str
    key: str
    number: int
    version: str | None
    hash: str
    fields: dict[str, Any]
    raw: Any
    stored_at: datetime
    was_current: bool


_CURRENT = _event.join(_version, _version.c.id == _event.c.current_version_id)
_EVENTS = select(
    _event.c.stream,
    _event.c.key,
    _version.c.id.label("version_id"),
    _version.c.number,
    _version.c.version,
    _event.c.versions,
    _event.c.first_seen,
    _event.c.last_seen,
    _version.c.fields,
    _version.c.raw,
).select_from(_CURRENT)


def event(connection: Connection, stream: str, key: str) -> EventRow | None:
    """The event as it is now."""
    rows = _events(connection, _EVENTS.where(_event.c.stream == stream, _event.c.key == key))
    return rows[0] if rows else None


def versions(connection: Connection, stream: str, key: str) -> list[VersionRow]:
    """All contents the event had, in order of storing."""
    query = select(_version).where(_version.c.stream == stream, _version.c.key == key)
    return _versions(connection, query.order_by(_version.c.number))


def version_by_id(connection: Connection, version_id: int) -> VersionRow | None:
    """One version, such as the one a run began with."""
    rows = _versions(connection, select(_version).where(_version.c.id == version_id))
    return rows[0] if rows else None


def list_events(
    connection: Connection,
    stream: str | None = None,
    limit: int = 50,
    before: EventRow | None = None,
    key: str | None = None,
) -> list[EventRow]:
    """Events, last seen first; `before` is the last row of the page before. `key` picks one key in any stream."""
    query = _EVENTS.where(*_of(stream, key))
    if before is not None:
        earlier = and_(
            _event.c.last_seen == before.last_seen,
            or_(
                _event.c.stream > before.stream,
                and_(_event.c.stream == before.stream, _event.c.key > before.key),
            ),
        )
        # The first of these says nothing new; with it the index is entered at its place and not read from its end.
        query = query.where(_event.c.last_seen <= before.last_seen)
        query = query.where(or_(_event.c.last_seen < before.last_seen, earlier))
    order = (_event.c.last_seen.desc(), _event.c.stream, _event.c.key)
    return _events(connection, query.order_by(*order).limit(limit))


def count_events(connection: Connection, stream: str | None = None, key: str | None = None) -> int:
    """How many events there are."""
    return connection.execute(select(func.count()).select_from(_event).where(*_of(stream, key))).scalar_one()


def find(
    connection: Connection,
    stream: str,
    match: Mapping[str, Any],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
) -> tuple[int, list[EventRow]]:
    """Events whose current fields have these values: how many, and the first `limit`, last seen first.

    A list field matches when the value is in it; `None` matches null and a missing field. `since` (included) and
    `until` (not) bound when they were last seen.
    """
    conditions = [_event.c.stream == stream]
    for name, value in match.items():
        conditions += [*_narrowed(stream, name, value), _has(name, value)]
    if since is not None:
        conditions.append(_event.c.last_seen >= since)
    if until is not None:
        conditions.append(_event.c.last_seen < until)
    order = (_event.c.last_seen.desc(), _event.c.key)
    # One reading for both, of the places alone: what the events hold is read of those that are given.
    places = select(_event.c.key, func.count().over().label("number")).select_from(_CURRENT).where(*conditions)
    found = connection.execute(places.order_by(*order).limit(limit)).all()
    if not found:
        return 0, []
    # Without an order of its own, for which SQLite would walk through all there are.
    rows = _events(connection, _EVENTS.where(_event.c.stream == stream, _event.c.key.in_([row.key for row in found])))
    by_key = {row.key: row for row in rows}
    return found[0].number, [by_key[row.key] for row in found]


def changes(connection: Connection, stream: str, after_id: int, limit: int = 1000) -> list[VersionRow]:
    """Versions of a stream that became current after a cursor, in order."""
    query = select(_version).where(
        _version.c.stream == stream, _version.c.id > after_id, _version.c.was_current.is_(True)
    )
    return _versions(connection, query.order_by(_version.c.id).limit(limit))


def latest_id(connection: Connection, stream: str | None = None) -> int:
    """The newest version's id, of one stream or of all: where a new cursor begins."""
    query = select(func.max(_version.c.id))
    if stream is not None:
        query = query.where(_version.c.stream == stream)
    return connection.execute(query).scalar() or 0


LATELY = 10_000
"""Versions that are looked at for the newest; those stored lately hold it."""


def newest_version(connection: Connection, stream: str) -> str | None:
    """The greatest vendor's version among those stored last, or a little less than the greatest of all."""
    last = select(_version.c.version).where(_version.c.stream == stream).order_by(_version.c.id.desc()).limit(LATELY)
    return connection.execute(select(func.max(last.subquery().c.version))).scalar()


def created_since(
    connection: Connection, stream: str, created: str, since: datetime
) -> list[tuple[str, str | None, str]]:
    """Key, version and time of creation of the events last seen since then, as the service writes that time.

    `created` is its key in the service's JSON. Events without one are left out.
    """
    at = func.json_extract(_version.c.raw, bindparam("path", "$." + _quoted(created)))
    query = select(_event.c.key, _version.c.version, at).join(_version, _version.c.id == _event.c.current_version_id)
    query = query.where(_event.c.stream == stream, _event.c.last_seen >= since, at.is_not(None))
    return [(key, version, when) for key, version, when in connection.execute(query)]


def _of(stream: str | None, key: str | None) -> list[ColumnElement[bool]]:
    asked = {_event.c.stream: stream, _event.c.key: key}
    return [column == value for column, value in asked.items() if value is not None]


_FIELDS: ColumnElement[str] = func.coalesce(_version.c.fields, "{}", type_=Text)


def _narrowed(stream: str, name: str, value: Any) -> list[ColumnElement[bool]]:
    """What each event with that value fulfils, and is faster to see than the value itself.

    A field that events are asked for by name has an index; a text is somewhere in the text of the fields.
    """
    if name in tables.FOUND_BY and isinstance(value, str | int | float) and not isinstance(value, bool):
        of_stream = select(_version.c.key).where(_version.c.stream == stream)
        field: ColumnElement[Any] = literal_column(tables.field_of(name))
        # A list begins so; whether the value is among its items is seen afterwards.
        lists = of_stream.where(field >= "[", field < "\\")
        return [_event.c.key.in_(of_stream.where(field == value).union_all(lists))]
    if isinstance(value, str):
        return [func.instr(_FIELDS, json_text(value)) > 0]
    return []


def _has(name: str, value: Any) -> ColumnElement[bool]:
    """That a top-level field is the value, or is a list that holds it. Names and values travel as parameters."""
    fields = _FIELDS
    path = literal("$." + _quoted(name))
    kind = func.json_type(fields, path)
    if value is None:
        return or_(kind.is_(None), kind == "null")
    if isinstance(value, bool):
        wanted: Any = "true" if value else "false"
        held = func.json_each(fields, path).table_valued("type", name="held")
        return or_(kind == wanted, and_(kind == "array", exists().where(held.c.type == wanted)))
    if not isinstance(value, str | int | float):
        raise ValueError(f"events can be found by text, numbers, booleans and null, not by {value!r}")
    wanted = bindparam(None, value)
    held = func.json_each(fields, path).table_valued("value", "type", name="held")
    plain = held.c.type.not_in(("true", "false"))
    return case(
        (kind == "array", exists().where(held.c.value == wanted, plain)),
        (kind.in_(("true", "false", "object")), False),
        else_=func.json_extract(fields, path) == wanted,
    )


def _quoted(name: str) -> str:
    # SQLite reads a quoted name up to the next quotation mark and knows no way to write one inside it.
    if '"' in name:
        raise ValueError(f"a field's name may not hold a quotation mark: {name!r}")
    return f'"{name}"'


def _events(connection: Connection, query: Select[Any]) -> list[EventRow]:
    return [EventRow(**row._mapping) for row in connection.execute(query)]


def _versions(connection: Connection, query: Select[Any]) -> list[VersionRow]:
    return [VersionRow(**row._mapping) for row in connection.execute(query)]
