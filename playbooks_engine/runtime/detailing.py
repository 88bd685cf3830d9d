"""Events read one by one, for what the service's lists leave out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playbooks_engine.errors import NotFound
from playbooks_engine.language.mapping import FieldMapping, MappedEvent
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.streams import Source
from playbooks_engine.store import events
from playbooks_engine.store.events import EventRow, content_hash

AT_ONCE = 10
"""Events of a page that are read at the same time; the connection's limits hold all the same."""


@dataclass
class Detailed:
    """The events of a page with all that the service knows of them, and what that took."""

    events: list[MappedEvent] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    requests: int = 0


async def in_detail(
    engine: Engine, stream: Source, mapping: FieldMapping, listed: list[MappedEvent], actor: Actor
) -> Detailed:
    """Each event of a page whose content is new, read by itself; one that is stored as it is listed stays as it is.

    An event that is gone by now, or whose detail cannot be mapped, is kept as it was listed. Raises CommandFailed.
    """
    found = Detailed()
    with engine.database.reading() as connection:
        rows = {event.key: events.event(connection, stream.name, event.key) for event in listed}
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(event: MappedEvent) -> MappedEvent:
        row = rows[event.key]
        if row is not None and _is_known(engine, stream, event, row):
            return MappedEvent(event.key, row.version, row.fields, row.raw)
        async with turn:
            return await _read(engine, stream, mapping, event, actor, found)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(event)) for event in listed]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    found.events = [task.result() for task in tasks]
    return found


def _is_known(engine: Engine, stream: Source, event: MappedEvent, row: EventRow) -> bool:
    """Whether what is stored, without what lists leave out, is what is listed."""
    if not isinstance(row.raw, Mapping):
        return False
    bare = {name: value for name, value in row.raw.items() if name not in stream.stream.unlisted}
    if len(bare) == len(row.raw):
        return False  # stored before details were asked for
    listed = engine.secrets.without(event.raw)
    if event.version is not None and event.version == row.version:
        # A key that we do not know to be left out makes no difference then.
        bare = {name: value for name, value in bare.items() if name in listed}
    return content_hash(bare) == content_hash(listed)


async def _read(
    engine: Engine, stream: Source, mapping: FieldMapping, event: MappedEvent, actor: Actor, found: Detailed
) -> MappedEvent:
    assert stream.stream.refresh is not None  # noqa: S101 - project.yml was checked for it
    found.requests += 1
    try:
        called = await engine.calling.call(stream.connection, stream.stream.refresh(event.key), actor)
    except NotFound:
        return event
    item: Any = called.result.output if called.result is not None else None
    try:
        whole = mapping.event(item)
        if whole.key != event.key:
            raise ValueError("it is about another event")
    except ValueError as error:
        found.bad.append(f"the detail of event {event.key}: {error}")
        return event
    return whole
