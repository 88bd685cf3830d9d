"""What a run waits for: a time, or a person. When nothing of it is under way any more, it is laid down meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.running.pausing import waiting_for_another

if TYPE_CHECKING:
    from playbooks_engine.runtime.running.halting import Halt

SHORT = 5.0
"""Seconds that are waited with the run in hand; to lay it down and to take it up again costs about as much."""
LOOK = 2.0
"""Seconds between two looks whether a person has decided, while other branches keep the run in hand."""


class Parked(Exception):
    """The run waits for a time or a person: nothing of it is needed until then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"until {until.isoformat()}")
        self.until = until

    def at_latest(self, end: datetime) -> Parked:
        """The same, woken earlier when a time limit around it ends first."""
        return self if self.until <= end else Parked(end)


class Vigil:
    """Counts the branches of one run, sub-runs included, and those of them that wait.

    With `stays`, times are waited for with the run in hand: a person looks on. It is laid down for people only. What
    `always` waits for is waited for with the run in hand, too: it has a minute.
    """

    def __init__(self, *, stays: bool = False) -> None:
        self._stays = stays
        self._branches = 1
        self._waiting = 0
        self._staying = 0
        self._idle = asyncio.Event()

    def split(self, branches: int) -> None:
        """One branch becomes so many."""
        self._branches += branches - 1

    def joined(self) -> None:
        """A branch is over, and not the last of those it was split with."""
        self._branches -= 1
        self._look()

    async def wait(self, clock: Clock, until: datetime, halt: Halt, decided: Callable[[], bool] | None = None) -> None:
        """Return when the time has come, or what `decided` asks for; raises Parked when the whole run waits.

        Raises what halts the run, too.
        """
        person = decided is not None
        short = (until - clock.now()).total_seconds() <= SHORT
        stays = short or halt.winding_up or (self._stays and not person)
        self._waiting += 1
        self._staying += stays
        try:
            with waiting_for_another():
                while (left := (until - clock.now()).total_seconds()) > 0:
                    halt.check()
                    if decided is not None and decided():
                        return
                    self._look()
                    if self._idle.is_set() and not stays:
                        raise Parked(until)
                    seconds = min(left, LOOK) if person else left
                    await (halt.pause(clock, seconds) if stays else self._pause(clock, seconds, halt))
        finally:
            self._waiting -= 1
            self._staying -= stays
        halt.check()

    async def _pause(self, clock: Clock, seconds: float, halt: Halt) -> None:
        pause = asyncio.ensure_future(halt.pause(clock, seconds))
        idle = asyncio.ensure_future(self._idle.wait())
        try:
            await asyncio.wait({pause, idle}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            idle.cancel()
            if not pause.done():
                pause.cancel()
                with suppress(asyncio.CancelledError):
                    await pause
        if not pause.cancelled():
            pause.result()

    def _look(self) -> None:
        if self._waiting and self._waiting == self._branches and not self._staying:
            self._idle.set()


def later(moment: datetime, seconds: float) -> datetime:
    """So many seconds after a moment, at the latest when the calendar ends."""
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)
