"""Handing out runs: this process claims what waits in the store and executes it, several at a time.

On one machine that is a group of asyncio tasks; the seam is here, so that another engine may hand out run ids instead.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from playbooks_engine.errors import EngineError, StoreUnusable
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal
from playbooks_engine.store.journal import LeaseLost, Run

AT_ONCE = 20
"""Runs executed at the same time."""
LOOK = 1.0
"""Seconds between two looks for runs that somebody else queued, or that a dead process left."""
GRACE = 30.0
"""Seconds that steps under way get to finish when the process stops."""

log = logging.getLogger("playbooks.work")


class Work:
    """Executes queued runs until told to stop. `wake` it after queueing one, so that it does not wait to be found."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], Run] = {}

    def wake(self) -> None:
        self._wake.set()

    async def run_forever(self, stopping: asyncio.Event) -> None:
        """Claim and execute until `stopping`; then steps under way finish or are given back within GRACE."""
        stopped = asyncio.ensure_future(stopping.wait())
        try:
            while not stopping.is_set():
                self._wake.clear()
                self._hand_out()
                await self._next_look(stopped)
        finally:
            stopped.cancel()
            await self._give_back()

    def _hand_out(self) -> None:
        free = AT_ONCE - len(self._tasks)
        if free <= 0:
            return
        engine = self._engine
        try:
            with engine.database.transaction() as connection:
                claimed = journal.claim_next(connection, engine.owner, engine.clock.now(), LEASE, free)
        except StoreUnusable as error:
            log.error("no run can be taken now, and it is tried again: %s", error)
            return
        for run in claimed:
            task = asyncio.create_task(self._execute(run), name=f"run {run.id}")
            self._tasks[task] = run
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        self._wake.set()

    async def _execute(self, run: Run) -> None:
        """One run; whatever happens to it stays its own affair."""
        log.info("run %s of %s begins", run.id, run.playbook)
        try:
            ended = await execute(self._engine, run, stopping=self._stopping)
        except LeaseLost:
            log.warning("run %s was taken over by another process", run.id)
        except EngineError as error:
            log.error("run %s cannot go on: %s", run.id, error)
            self._fail(run, error)
        except Exception as error:
            log.exception("run %s broke; this is a defect of the engine", run.id)
            self._fail(run, EngineError(f"The engine broke: {type(error).__name__}."))
        else:
            log.info("run %s of %s %s", run.id, run.playbook, ended.status if ended else "was given back")

    def _fail(self, run: Run, error: EngineError) -> None:
        """A run that cannot go on ends, so that it is never stuck."""
        engine = self._engine
        message = engine.secrets.redact(error.message)
        failure = {"step": "", "command": "", "type": "invalid_input", "message": message, "hint": error.hint}
        with suppress(EngineError), engine.database.transaction() as connection:
            journal.finish(connection, run.id, run.fence, "failed", None, failure, engine.clock.now())

    async def _next_look(self, stopped: asyncio.Future[Any]) -> None:
        woken: asyncio.Future[Any] = asyncio.ensure_future(self._wake.wait())
        timer: asyncio.Future[Any] = asyncio.ensure_future(self._engine.clock.sleep(LOOK))
        try:
            await asyncio.wait({woken, timer, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            timer.cancel()

    async def _give_back(self) -> None:
        self._stopping.set()
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
