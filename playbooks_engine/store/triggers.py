"""Event triggers: how far each has looked, which events match it now, and what was decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from playbooks_engine.faults import fault
from playbooks_engine.store import tables
from playbooks_engine.store.columns import json_text

_trigger, _match, _decision = tables.event_trigger, tables.event_match, tables.decision


@dataclass(frozen=True, kw_only=True)
class EventTrigger:
    """How far a playbook's event trigger has looked: versions up to `cursor` were considered."""

    playbook: str
    stream: str
    digest: str
    cursor: int


@dataclass(frozen=True, kw_only=True)
class EventMatch:
    """Whether an event matches a trigger now, and the run this occurrence started.

    An occurrence that is held has not fired yet: `held` seconds of its hold time were counted, up to `held_to`.
    """

    playbook: str
    stream: str
    key: str
    matching: bool
    since: datetime
    run_id: int | None = None
    held: float | None = None
    held_to: datetime | None = None
    tried_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """Something a trigger decided: matched, held, dropped, rearmed, failed, unread, baseline, suppressed, overlapped,
    missed, paused, resumed.

    `saw`: the text and value of each part that the condition read.
    """

    at: datetime
    playbook: str
    kind: str
    reason: str
    stream: str | None = None
    event_key: str | None = None
    event_version_id: int | None = None
    slot: datetime | None = None
    run_id: int | None = None
    saw: list[list[Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class Decision(NewDecision):
    """A decision as it was stored."""

    id: int


def event_triggers(connection: Connection) -> list[EventTrigger]:
    """All event triggers, by playbook."""
    query = select(_trigger).order_by(_trigger.c.playbook)
    return [EventTrigger(**row._mapping) for row in connection.execute(query)]


def event_trigger(connection: Connection, playbook: str) -> EventTrigger | None:
    row = connection.execute(select(_trigger).where(_trigger.c.playbook == playbook)).one_or_none()
    return EventTrigger(**row._mapping) if row else None


def set_event_trigger(connection: Connection, row: EventTrigger) -> None:
    """Remember a trigger that is new or was edited, with its first cursor."""
    statement = upsert(_trigger).on_conflict_do_update(index_elements=["playbook"], set_=row.__dict__)
    connection.execute(statement, row.__dict__)


def forget_event_trigger(connection: Connection, playbook: str) -> None:
    """The playbook has no event trigger any more, or begins anew with a baseline: its matches go too."""
    connection.execute(delete(_trigger).where(_trigger.c.playbook == playbook))
    connection.execute(delete(_match).where(_match.c.playbook == playbook))


def move_cursor(connection: Connection, playbook: str, seen: int, to: int) -> bool:
    """Versions up to `to` were considered, beginning after `seen`.

    False when another process has moved it meanwhile: undo the transaction, the matches were judged twice.
    """
    mine = (_trigger.c.playbook == playbook) & (_trigger.c.cursor == seen)
    moved = connection.execute(update(_trigger).where(mine).values(cursor=to)).rowcount == 1
    fault("event_claimed")
    return moved


def event_match(connection: Connection, playbook: str, stream: str, key: str) -> EventMatch | None:
    """How the event stands with this trigger; None when it never matched."""
    wanted = (_match.c.playbook == playbook) & (_match.c.stream == stream) & (_match.c.key == key)
    row = connection.execute(select(_match).where(wanted)).one_or_none()
    return EventMatch(**row._mapping) if row else None


def event_matches(
    connection: Connection, playbook: str, *, matching_only: bool = False, keys: Collection[str] | None = None
) -> list[EventMatch]:
    """The events that match a trigger, or once did; of all, or of those with these keys."""
    query = select(_match).where(_match.c.playbook == playbook).order_by(_match.c.stream, _match.c.key)
    if keys is not None:
        asked = func.json_each(json_text(sorted(keys))).table_valued("value")
        query = query.where(_match.c.key.in_(select(asked.c.value)))
    if matching_only:
        query = query.where(_match.c.matching.is_(True))
    return [EventMatch(**row._mapping) for row in connection.execute(query)]


def set_event_matches(connection: Connection, rows: Iterable[EventMatch]) -> None:
    """Remember how events stand with their triggers now."""
    values = [row.__dict__ for row in rows]
    if values:
        connection.execute(_SET_MATCH, values)


_new_match = upsert(_match)
_SET_MATCH = _new_match.on_conflict_do_update(
    index_elements=["playbook", "stream", "key"],
    set_={name: _new_match.excluded[name] for name in ("matching", "since", "run_id", "held", "held_to", "tried_at")},
)


def held_matches(connection: Connection, playbook: str, stream: str) -> list[EventMatch]:
    """The events that match a trigger and have not fired yet, those that are held longest first."""
    waiting = (_match.c.playbook == playbook) & (_match.c.stream == stream) & _match.c.held.is_not(None)
    query = select(_match).where(waiting, _match.c.matching.is_(True)).order_by(_match.c.since, _match.c.key)
    return [EventMatch(**row._mapping) for row in connection.execute(query)]


def change_held(connection: Connection, before: EventMatch, after: EventMatch) -> bool:
    """Put an occurrence that is held into another state; False when it is not as it was any more."""
    same = and_(*(_match.c[name].is_not_distinct_from(value) for name, value in before.__dict__.items()))
    changed = connection.execute(update(_match).where(same).values(after.__dict__)).rowcount == 1
    fault("event_claimed")
    return changed


def decide(connection: Connection, rows: Iterable[NewDecision]) -> None:
    """Write down what was decided, in the transaction that does it."""
    values = [row.__dict__ for row in rows]
    if values:
        connection.execute(insert(_decision), values)


def decisions(
    connection: Connection,
    *,
    playbook: str | None = None,
    kind: str | None = None,
    stream: str | None = None,
    event_key: str | None = None,
    limit: int = 50,
    before: int | None = None,
) -> list[Decision]:
    """Decisions, newest first; `before` is the number to go on from."""
    query = select(_decision).order_by(_decision.c.id.desc()).limit(limit)
    asked = {
        _decision.c.playbook: playbook,
        _decision.c.kind: kind,
        _decision.c.stream: stream,
        _decision.c.event_key: event_key,
    }
    query = query.where(*[column == value for column, value in asked.items() if value is not None])
    if before is not None:
        query = query.where(_decision.c.id < before)
    return [Decision(**row._mapping) for row in connection.execute(query)]
