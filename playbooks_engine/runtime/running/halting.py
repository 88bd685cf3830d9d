"""What ends a run before its last step: the process stops, a person cancels it, `core.stop`, or it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.running.vigil import Parked, Vigil


class GivenBack(Exception):
    """The process stops: the run is given back for another one to go on with."""


class CalledOff(Exception):
    """A person cancelled the run."""


class RunStopped(Exception):
    """`core.stop` ended the run."""


class TimeOver(Exception):
    """The run was taken up again after the time of what goes on here: nothing of it begins any more."""


HALTS = (GivenBack, Parked, CalledOff, RunStopped, TimeOver)
"""What a step raises that is no failure: the run goes no further, and `always` runs where it is for good."""

_WINDING_UP: ContextVar[bool] = ContextVar("winding_up", default=False)
_TOO_LATE: ContextVar[bool] = ContextVar("too_late", default=False)


@contextmanager
def winding_up() -> Iterator[None]:
    """Within this, only a stop of the process halts the run: `always` runs however a run ends."""
    winding, late = _WINDING_UP.set(True), _TOO_LATE.set(False)
    try:
        yield
    finally:
        _WINDING_UP.reset(winding)
        _TOO_LATE.reset(late)


@contextmanager
def too_late() -> Iterator[None]:
    """Within this, what was finished is gone through, nothing further begins, and what is due of `always` runs."""
    token = _TOO_LATE.set(True)
    try:
        yield
    finally:
        _TOO_LATE.reset(token)


class Halt:
    """Asks one run to halt. A run inside another one halts with it: it is cancelled where `core.stop` ends that one.

    `vigil` is what both wait for; `stays` is for a person who looks on (see Vigil).
    """

    def __init__(self, outer: Halt | None = None, *, stays: bool = False) -> None:
        self.vigil: Vigil = outer.vigil if outer else Vigil(stays=stays)
        self._process: asyncio.Event = outer._process if outer else asyncio.Event()
        self._person: asyncio.Event = outer._person if outer else asyncio.Event()
        self._stop = asyncio.Event()
        self._around: tuple[asyncio.Event, ...] = (*outer._around, outer._stop) if outer else ()
        self._outer = outer
        self._time_is_over = 0
        self._over_since: datetime | None = None

    def give_back(self) -> None:
        """The process stops."""
        self._process.set()

    def call_off(self) -> None:
        """A person cancels the run."""
        self._person.set()

    def stop(self) -> None:
        """`core.stop` was reached."""
        self._stop.set()

    @property
    def called_off(self) -> bool:
        return self._person.is_set()

    @contextmanager
    def time_is_over(self) -> Iterator[None]:
        """Within this, what is cancelled is cancelled by a time limit, not because the process stops."""
        self._time_is_over += 1
        try:
            yield
        finally:
            self._time_is_over -= 1

    @property
    def out_of_time(self) -> bool:
        """Whether what is cancelled now is cancelled by a time limit, of this run or of one that waits for it."""
        return self._time_is_over > 0 or (self._outer is not None and self._outer.out_of_time)

    @property
    def over_since(self) -> datetime | None:
        """Since when `always` has its time: when a limit of this run or one around it ended, or one of them halted."""
        above = self._outer.over_since if self._outer is not None else None
        return max(filter(None, (self._over_since, above)), default=None)

    @over_since.setter
    def over_since(self, moment: datetime) -> None:
        self._over_since = moment

    @property
    def winding_up(self) -> bool:
        """Whether `always` runs here, however the run ends."""
        return _WINDING_UP.get()

    def check(self) -> None:
        """Return when the run may go on; raises what halts it."""
        if self._process.is_set():
            raise GivenBack
        self.check_time()
        if _WINDING_UP.get():
            return
        if self._person.is_set() or any(stop.is_set() for stop in self._around):
            raise CalledOff
        if self._stop.is_set():
            raise RunStopped

    def check_time(self) -> None:
        """Return where there is time; what is under way already needs no more than that to go on."""
        if _TOO_LATE.get():
            raise TimeOver

    async def pause(self, clock: Clock, seconds: float) -> None:
        """Wait; raises what halts the run before or meanwhile."""
        self.check()
        asked = [self._process]
        if not _WINDING_UP.get():
            asked += [self._person, self._stop, *self._around]
        waits = [asyncio.ensure_future(clock.sleep(seconds)), *(asyncio.ensure_future(one.wait()) for one in asked)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self.check()


def gravest(halted: list[BaseException]) -> BaseException:
    """Of all that halted parts of a run, what halts the whole of it; of several waits the one that ends first."""
    for kind in (CalledOff, RunStopped, GivenBack, TimeOver):
        for one in halted:
            if isinstance(one, kind):
                return one
    return min((one for one in halted if isinstance(one, Parked)), key=lambda one: one.until)
