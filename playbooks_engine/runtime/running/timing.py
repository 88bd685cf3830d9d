"""Time limits of steps and runs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.running.failing import OutOfTime
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.runtime.running.vigil import Parked, later


class Timing:
    """Ends what takes longer than it may; `over_since` is when that happened last."""

    def __init__(self, clock: Clock, halt: Halt, started_at: datetime) -> None:
        self._clock = clock
        self._halt = halt
        self.over_since = started_at
        self._halted = False

    def halted(self) -> None:
        """The run was cancelled or stopped: from the first time this is said, `always` has its time."""
        if not self._halted:
            self._halted, self.over_since = True, self._clock.now()

    async def within(self, limit: float | None, began: datetime, work: Coroutine[Any, Any, None]) -> None:
        """Await the work for what is left of `limit` seconds since `began`; then it is cancelled: OutOfTime.

        What waits for longer than that is woken when the limit ends.
        """
        if limit is None:
            await work
            return
        left = limit - (self._clock.now() - began).total_seconds()
        task = asyncio.ensure_future(work)
        timer = asyncio.ensure_future(self._clock.sleep(max(left, 0.0)))
        try:
            if left > 0:
                await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            else:
                # Gone on with after its time: what was finished is gone through, and nothing gets to leave.
                await self._clock.sleep(0)
            if task.done():
                _result(task, left, later(began, limit))
                return
            self.over_since = self._clock.now()
            with self._halt.time_is_over():
                task.cancel()
                await asyncio.wait({task})
            raise OutOfTime
        finally:
            timer.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait({task})


def _result(task: asyncio.Future[None], left: float, end: datetime) -> None:
    try:
        task.result()
    except Parked as parked:
        if left <= 0:
            raise OutOfTime from None
        raise parked.at_latest(end) from None
