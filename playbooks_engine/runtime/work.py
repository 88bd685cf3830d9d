"""Handing out runs: this process claims what waits in the store and executes it, several at a time.

On one machine that is a group of asyncio tasks; the seam is here, so that another engine may hand out run ids instead.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from playbooks_engine.errors import EngineError, OutcomeUnknown, StoreUnusable
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.execution import Ended
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.runtime.running.pausing import PLACE, Place
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal
from playbooks_engine.store.journal import LeaseLost, Run

AT_ONCE = 20
"""Runs executed at the same time."""
MOST = 10 * AT_ONCE
"""Runs held at the same time, those included that wait for another one and need no place."""
LOOK = 1.0
"""Seconds between two looks for runs that somebody else queued, or that a dead process left."""
GRACE = 30.0
"""Seconds that steps under way get to finish when the process stops."""

LOOK_THERE = "Look in the service whether it happened before you run it again."

log = logging.getLogger("playbooks.work")


class Work:
    """Executes queued runs until told to stop. `wake` it after queueing one, so that it does not wait to be found."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wake = asyncio.Event()
        self._stopping = False
        self._tasks: dict[asyncio.Task[None], Run] = {}
        self._halts: dict[int, Halt] = {}
        self._places: dict[asyncio.Task[None], Place] = {}
        self._stranded: list[Run] = []

    def wake(self) -> None:
        self._wake.set()

    async def run_forever(self, stopping: asyncio.Event) -> None:
        """Claim and execute until `stopping`; then steps under way finish or are given back within GRACE."""
        stopped = asyncio.ensure_future(stopping.wait())
        try:
            while not stopping.is_set():
                self._wake.clear()
                self._hand_out()
                self._call_off()
                await self._next_look(stopped)
        finally:
            stopped.cancel()
            await self._give_back()

    def _hand_out(self) -> None:
        busy = sum(1 for place in self._places.values() if not place.waiting)
        free = max(0, min(AT_ONCE - busy, MOST - len(self._tasks)))
        if not free and not self._stranded:
            return
        try:
            claimed = self._claimed(free)
        except StoreUnusable as error:
            log.error("no run can be taken now, and it is tried again: %s", error)
            return
        for run in claimed:
            place = Place()
            task = asyncio.create_task(self._execute(run, place), name=f"run {run.id}")
            self._tasks[task] = run
            self._places[task] = place
            task.add_done_callback(self._done)

    def _call_off(self) -> None:
        """Tell the runs that somebody asked to cancel."""
        if not self._halts:
            return
        with self._engine.database.reading() as connection:
            asked = journal.to_cancel(connection, self._engine.owner)
        for run_id in asked & self._halts.keys():
            self._halts[run_id].call_off()

    def _claimed(self, free: int) -> list[Run]:
        """What can be taken now. Looking comes first: it needs no lock, and most of the time there is nothing."""
        engine = self._engine
        if engine.database.room.short():
            free = 0  # what is under way needs the room that is left
        with engine.database.reading() as connection:
            found = journal.claimable(connection, engine.owner, engine.clock.now(), free)
        if not found and not self._stranded:
            return []
        with engine.database.transaction(patient=False) as connection:
            for run in self._stranded:
                with suppress(LeaseLost):
                    journal.release(connection, run.id, run.fence)
            claimed = journal.claim_next(connection, engine.owner, engine.clock.now(), LEASE, free)
        self._stranded.clear()
        return claimed

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task], self._places[task]
        self._wake.set()

    async def _execute(self, run: Run, place: Place) -> None:
        """One run; whatever happens to it stays its own affair."""
        PLACE.set(place)
        halt = self._halts[run.id] = Halt()
        if self._stopping:
            halt.give_back()
        log.info("run %s of %s begins", run.id, run.playbook)
        try:
            ended = await execute(self._engine, run, halt=halt)
        except LeaseLost:
            log.warning("run %s was taken over by another process", run.id)
        except StoreUnusable as error:
            log.error("run %s is given back, because the store failed: %s", run.id, error)
            self._stranded.append(run)
        except EngineError as error:
            log.error("run %s cannot go on: %s", run.id, error)
            self._fail(run, error)
        except Exception as error:
            log.exception("run %s broke; this is a defect of the engine", run.id)
            self._fail(run, EngineError(f"The engine broke: {type(error).__name__}."))
        else:
            log.info("run %s of %s %s", run.id, run.playbook, _told(ended))
        finally:
            del self._halts[run.id]

    def _fail(self, run: Run, error: EngineError) -> None:
        """A run that cannot go on ends with all its sub-runs, so that nothing is ever stuck."""
        engine = self._engine
        message = engine.secrets.redact(error.message)
        failure = {"step": "", "command": "", "type": "invalid_input", "message": message, "hint": error.hint}
        unknown = OutcomeUnknown(f"The run broke while this was under way: {message}", hint=LOOK_THERE).as_json()
        try:
            engine.gathering.flush()
            with engine.database.transaction() as connection:
                journal.give_up(connection, run.id, run.fence, failure, unknown, engine.clock.now())
        except LeaseLost:
            log.warning("run %s was taken over by another process", run.id)
        except StoreUnusable as unusable:
            log.error("run %s is given back, because the store failed: %s", run.id, unusable)
            self._stranded.append(run)

    async def _next_look(self, stopped: asyncio.Future[Any]) -> None:
        woken: asyncio.Future[Any] = asyncio.ensure_future(self._wake.wait())
        timer: asyncio.Future[Any] = asyncio.ensure_future(self._engine.clock.sleep(LOOK))
        try:
            await asyncio.wait({woken, timer, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            timer.cancel()

    async def _give_back(self) -> None:
        self._stopping = True
        for halt in self._halts.values():
            halt.give_back()
        await self._let_end()
        # What a failed store left to us: once more, and otherwise whoever comes next takes it when our lease is over.
        with suppress(StoreUnusable):
            self._claimed(0)

    async def _let_end(self) -> None:
        if not self._tasks:
            return
        left = dict(self._tasks)
        _, pending = await asyncio.wait(set(left), timeout=GRACE)
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending)
        engine = self._engine
        engine.gathering.flush()
        for task in pending:
            # Its open intents stay: whoever takes the run up looks what became of them.
            with suppress(LeaseLost), engine.database.transaction() as connection:
                journal.release(connection, left[task].id, left[task].fence)


def _told(ended: Ended | None) -> str:
    if ended is None:
        return "was given back"
    return "waits" if ended.status == "waiting" else ended.status
