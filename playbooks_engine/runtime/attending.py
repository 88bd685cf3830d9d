"""Runs that somebody waits for: begun or taken up by this process, held while they go on, given back when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playbooks_engine.errors import BadUsage
from playbooks_engine.language.inputs import accept_inputs
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import map_one
from playbooks_engine.runtime.finding import events_called, run_called
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.lanes import in_lane, refuse_busy
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.mappings import event_root
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.running.execution import Ended
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.runtime.running.notebook import Observer
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.runtime.starting import EventVersion, prepare, refuse_secrets
from playbooks_engine.store import journal, owners
from playbooks_engine.store.journal import LeaseLost, Run

LOOK = 1.0
"""Seconds between two looks whether a run is to be cancelled."""


@dataclass(frozen=True)
class Begin:
    """The event a run is begun with by hand: a stored version, or one that was handed over and is stored nowhere."""

    stream: str
    fields: Mapping[str, Any]
    raw: Any
    stored: EventVersion | None = None

    def root(self, engine: Engine) -> dict[str, Any]:
        """`event` as expressions see it."""
        return event_root(engine, self.stream, self.fields, self.raw)


def stored_event(engine: Engine, loaded: Loaded, key: str, bound: Mapping[str, str]) -> Begin:
    """The event with that key, tiny id or alias, as it is now.

    Raises BadUsage where the playbook takes none, there is none, or several have that name.
    """
    stream = _stream(loaded, bound)
    with engine.database.reading() as connection:
        rows = events_called(connection, key, stream)
    if len(rows) > 1:
        named = ", ".join(row.key for row in rows[:5])
        raise BadUsage(f'"{key}" is the name of several events of {stream}.', hint=f"Name one by its key: {named}")
    if not rows:
        raise BadUsage(
            f'{stream} has no stored event "{key}".',
            hint=f"See which there are with: playbooks events list --stream {stream}; "
            f"or fetch first: playbooks fetch {stream}",
        )
    row = rows[0]
    return Begin(stream, row.fields, row.raw, EventVersion(stream, row.key, row.version_id))


def given_event(engine: Engine, loaded: Loaded, document: Any, bound: Mapping[str, str]) -> Begin:
    """An event in the vendor's JSON, mapped like any other; raises BadUsage where it is none."""
    stream = _stream(loaded, bound)
    mapped = map_one(engine, stream, document)
    return Begin(stream, mapped.fields, mapped.raw)


def needs_event(loaded: Loaded) -> bool:
    """Whether only an event can start the playbook."""
    return loaded.playbook.event is not None and loaded.playbook.schedule is None


def begin(
    engine: Engine,
    loaded: Loaded,
    inputs: Mapping[str, Any],
    actor: Actor,
    *,
    event: Begin | None = None,
    bound: Mapping[str, str] | None = None,
) -> Run:
    """A new run, held by this process from the start. Raises InvalidInput for inputs that do not fit, StoreUnusable
    while the disk is full, BadUsage while another run has its concurrency key.
    """
    engine.database.room.refuse()
    accept_inputs(loaded.playbook, inputs, engine.clock.now())
    refuse_secrets(engine, loaded, inputs, bound or {})
    trigger: dict[str, Any] = {"kind": actor.kind, "name": actor.name}
    if event is not None and event.stored is None:
        trigger["event"] = {"stream": event.stream, "fields": dict(event.fields), "raw": event.raw}
    with engine.database.transaction() as connection:
        version = event.stored if event else None
        new = prepare(connection, loaded, engine.secrets.clean(trigger), inputs, event=version, bound=bound)
        new = in_lane(engine, connection, loaded, new, engine.clock.now())
        refuse_busy(connection, new)
        return journal.start_run(connection, new, engine.owner, engine.clock.now(), LEASE)


def take(engine: Engine, run_id: int) -> Run:
    """A run that nobody goes on with, taken up by this process; raises BadUsage that says why it cannot be."""
    with engine.database.transaction() as connection:
        run = run_called(connection, run_id, part="Go on with that one: playbooks runs resume {}")
        if run.status in journal.ENDED:
            raise BadUsage(
                f"Run {run_id} has ended already: {run.status}.", hint=f"Run it anew: playbooks run {run.playbook}"
            )
        taken = journal.claim(connection, run_id, engine.owner, engine.clock.now(), LEASE)
    if taken is None:
        raise BadUsage(
            f"Run {run_id} is being executed by {_holder(run)}.",
            hint="It goes on by itself. When that process dies, the run can be taken up.",
        )
    return taken


async def attend(
    engine: Engine, run: Run, *, halt: Halt | None = None, observer: Observer | None = None
) -> Ended | None:
    """Execute a run that this process holds; None when it was given back because `halt` asked for it.

    Its status is `waiting` when it waits for people; a service goes on with it, or `take`.

    Cancelled, it gives the run back at once: what was under way is looked up by whoever goes on. Either way it waits
    for a person, and no service goes on with what a person stopped. Raises LeaseLost when another process took the run
    over.
    """
    with engine.holding.kept():
        try:
            ended = await execute(engine, run, halt=halt or Halt(stays=True), observer=observer)
        except asyncio.CancelledError:
            engine.gathering.flush()
            with suppress(LeaseLost), engine.database.transaction() as connection:
                journal.release(connection, run.id, run.fence)
                journal.hold_back(connection, run.id)
            raise
        if ended is None:
            with engine.database.transaction() as connection:
                journal.hold_back(connection, run.id)
        return ended


async def call_off_when_asked(engine: Engine, run: Run, halt: Halt) -> None:
    """Tell the run when somebody asked to cancel it; to be cancelled when it has ended."""
    while not halt.called_off:
        await engine.clock.sleep(LOOK)
        with engine.database.reading() as connection:
            if run.id in journal.to_cancel(connection, engine.owner):
                halt.call_off()


def _stream(loaded: Loaded, bound: Mapping[str, str]) -> str:
    trigger = loaded.playbook.event
    if trigger is None:
        raise BadUsage(
            f"{loaded.playbook.name} takes no event: it has no `on: {{event: ...}}`.", hint="Leave --event out."
        )
    alias, _, stream = trigger.stream.partition(".")
    return f"{bound.get(alias, alias)}.{stream}"


def _holder(run: Run) -> str:
    owner = owners.owner_from(run.owner or "")
    return f"process {owner.pid} on {owner.host.partition('/')[0]}" if owner else "another process"
