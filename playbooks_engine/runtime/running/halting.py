"""What ends a run before its last step: the process stops, a person cancels it, `core.stop`, or it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.running.vigil import Parked, Vigil


class GivenBack(Exception):
    """The process stops: the run is given back for another one to go on with."""


class CalledOff(Exception):
    """A person cancelled the run."""


class RunStopped(Exception):
    """`core.stop` ended the run."""


HALTS = (GivenBack, Parked, CalledOff, RunStopped)
"""What a step raises that is no failure: the run goes no further, and `always` runs where it is for good."""

_WINDING_UP: ContextVar[bool] = ContextVar("winding_up", default=False)


@contextmanager
def winding_up() -> Iterator[None]:
    """Within this, only a stop of the process halts the run: `always` runs however a run ends."""
    token = _WINDING_UP.set(True)
    try:
        yield
    finally:
        _WINDING_UP.reset(token)


class Halt:
    """Asks one run to halt. A run inside another one halts with it, and by its own `core.stop` alone.

    `vigil` is what both wait for; `stays` is for a person who looks on (see Vigil).
    """

    def __init__(self, outer: Halt | None = None, *, stays: bool = False) -> None:
        self.vigil: Vigil = outer.vigil if outer else Vigil(stays=stays)
        self._process: asyncio.Event = outer._process if outer else asyncio.Event()
        self._person: asyncio.Event = outer._person if outer else asyncio.Event()
        self._stop = asyncio.Event()
        self._outer = outer
        self._time_is_over = 0

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
    def winding_up(self) -> bool:
        """Whether `always` runs here, however the run ends."""
        return _WINDING_UP.get()

    def check(self) -> None:
        """Return when the run may go on; raises what halts it."""
        if self._process.is_set():
            raise GivenBack
        if _WINDING_UP.get():
            return
        if self._person.is_set():
            raise CalledOff
        if self._stop.is_set():
            raise RunStopped

    async def pause(self, clock: Clock, seconds: float) -> None:
        """Wait; raises what halts the run before or meanwhile."""
        asked = [self._process] if _WINDING_UP.get() else [self._process, self._person, self._stop]
        waits = [asyncio.ensure_future(clock.sleep(seconds)), *(asyncio.ensure_future(one.wait()) for one in asked)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self.check()


def gravest(halted: list[BaseException]) -> BaseException:
    """Of all that halted parts of a run, what halts the whole of it; of several waits the one that ends first."""
    for kind in (CalledOff, RunStopped):
        for one in halted:
            if isinstance(one, kind):
                return one
    waits = [one for one in halted if isinstance(one, Parked)]
    if len(waits) < len(halted):
        return next(one for one in halted if not isinstance(one, Parked))
    return min(waits, key=lambda one: one.until)
