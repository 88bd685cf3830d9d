"""Time limits of steps and runs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.running.failing import OutOfTime
from playbooks_engine.runtime.running.halting import Halt, TimeOver, too_late
from playbooks_engine.runtime.running.vigil import Parked, later


class Timing:
    """Ends what takes longer than it may."""

    def __init__(self, clock: Clock, halt: Halt, started_at: datetime) -> None:
        self._clock = clock
        self._halt = halt
        self._started_at = started_at
        self._halted = False

    @property
    def over_since(self) -> datetime:
        """When a time limit ended last, or the run halted."""
        return self._halt.over_since or self._started_at

    def halted(self) -> None:
        """The run was cancelled or stopped: from the first time this is said, `always` has its time."""
        if not self._halted:
            self._halted, self._halt.over_since = True, self._clock.now()

    async def within(self, limit: float | None, began: datetime, work: Coroutine[Any, Any, None]) -> None:
        """Await the work for what is left of `limit` seconds since `began`; then it is cancelled: OutOfTime.

        What waits for longer than that is woken when the limit ends.
        """
        if limit is None:
            await work
            return
        left = limit - (self._clock.now() - began).total_seconds()
        if left <= 0:
            await self._gone_through(work)
            return
        task = asyncio.ensure_future(work)
        timer = asyncio.ensure_future(self._clock.sleep(left))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                _result(task, later(began, limit))
                return
            self._halt.over_since = self._clock.now()
            with self._halt.time_is_over():
                task.cancel()
                await asyncio.wait({task})
            raise OutOfTime
        finally:
            timer.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def _gone_through(self, work: Coroutine[Any, Any, None]) -> None:
        """Gone on with after its time: what was finished is gone through, and nothing gets to leave."""
        self._halt.over_since = self._clock.now()
        try:
            with too_late():
                await work
        except TimeOver:
            raise OutOfTime from None


def _result(task: asyncio.Future[None], end: datetime) -> None:
    try:
        task.result()
    except Parked as parked:
        raise parked.at_latest(end) from None
