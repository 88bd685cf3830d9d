"""The service watches itself: it gives a sign of life while fetches, schedules, runs and store are as they should be.

With or without such a sign, the log says when they are not, and when they are again.

Whoever waits for the sign stands outside, such as a heartbeat of the vendor: a service that hangs, or that works and
gets nowhere, cannot tell that itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from playbooks_engine.errors import EngineError
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.settings import SignOfLife
from playbooks_engine.runtime.streams import fetched_sources
from playbooks_engine.runtime.triggers.holding import stale_after
from playbooks_engine.store import events, journal, schedules
from playbooks_engine.store.journal import Run
from playbooks_engine.store.schedules import ScheduleRow

log = logging.getLogger("playbooks.service")

LATE = timedelta(seconds=60)
"""What fell due so long ago, and has not begun, is late."""


WATCH_EVERY = 20.0
"""Seconds between two looks of a service that gives no sign of life."""


async def watch(engine: Engine) -> None:
    """Look until cancelled, for a service that gives no sign of life; what is late is logged once, as an error."""
    began = engine.clock.now()
    told = ""
    while True:
        why = "; ".join(stale(engine, began))
        if why and why != told:
            log.error("the service is behind: %s", why)
        elif told and not why:
            log.info("the service is no longer behind")
        told = why
        await engine.clock.sleep(WATCH_EVERY)


async def sign(engine: Engine, every: SignOfLife) -> None:
    """Give the sign until cancelled; why it is not given is logged once."""
    began = engine.clock.now()
    told = ""
    while True:
        why = "; ".join(stale(engine, began))
        if not why:
            why = await _given(engine, every)
        if why and why != told:
            log.error("no sign of life is given (%s): %s", every.call, why)
        elif told and not why:
            log.info("the sign of life is given again (%s)", every.call)
        told = why
        await engine.clock.sleep(every.every)


def stale(engine: Engine, began: datetime) -> list[str]:
    """What is not as it should be in a service that began then; nothing when it is well."""
    try:
        return list(_stale(engine, began))
    except EngineError as error:
        return [f"the store cannot be used: {error}"]


def _stale(engine: Engine, began: datetime) -> Iterator[str]:
    now = engine.clock.now()
    if (short := engine.database.room.short()) is not None:
        yield short.rstrip(".")
    with engine.database.transaction(patient=False):
        pass  # it can be written to
    with engine.database.reading() as connection:
        streams = {state.stream: state for state in events.stream_states(connection)}
        due, waiting = late(connection, now)
    for source in fetched_sources(engine):
        longest = stale_after(engine, source.name)
        state = streams.get(source.name)
        last = max(began, state.last_fetch_at) if state and state.last_fetch_at else began
        if now - last > longest:
            yield f"{source.name} has not been fetched since {_told(last)}"
    # A schedule fell due before the service was there to see it, too: then it is late from when the service began.
    if now - began > LATE:
        yield from (f"the schedule of {row.playbook} has been due since {_told(row.next_due)}" for row in due)
        yield from (f"run {run.id} has waited to begin since {_told(run.created_at)}" for run in waiting)


def late(connection: Connection, now: datetime) -> tuple[list[ScheduleRow], list[Run]]:
    """The schedules that are due for longer than LATE, and the oldest run that may begin and has not for as long."""
    waiting = [run for run in journal.claimable(connection, "", now, 1) if run.status == "queued"]
    return schedules.due(connection, now - LATE), [run for run in waiting if now - run.created_at > LATE]


async def _given(engine: Engine, every: SignOfLife) -> str:
    """Perform the command; why it failed, or nothing."""
    connection, _, name = every.call.partition(".")
    try:
        command = engine.calling.command(connection, name, every.with_)
        await engine.calling.call(connection, command, Actor("service", "sign of life"))
    except EngineError as error:
        return str(error)
    return ""


def _told(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment is not None else "it was set up"
