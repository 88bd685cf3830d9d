"""A clock that only a test moves."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from itertools import count
from types import coroutine
from typing import Any

START = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)

TURNS = 50
"""Turns of the loop that whoever was woken gets before time goes on."""


class FakeClock:
    """Time stands still until a test says `await clock.advance(seconds)`; sleepers then wake in order, on time."""

    def __init__(self, start: datetime = START) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a time with a zone")
        self._start = start.astimezone(UTC)
        self._elapsed = 0.0
        self._jumped = timedelta()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now(self) -> datetime:
        return self._start + self._jumped + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await _turn()
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._numbers), future))
        await future

    @property
    def sleeping(self) -> int:
        """How many are asleep."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Let so much time pass. Who falls due in it wakes at its time, and may fall asleep and wake again."""
        until = self._elapsed + seconds
        await _turns()
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, future = heapq.heappop(self._sleepers)
            if future.done():  # cancelled meanwhile
                continue
            self._elapsed = max(self._elapsed, due)
            future.set_result(None)
            await _turns()
        self._elapsed = max(self._elapsed, until)
        await _turns()

    @property
    def next_due(self) -> float | None:
        """When (as `monotonic` counts) the next sleeper wakes; None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():  # cancelled meanwhile
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def wake_next(self) -> None:
        """Let time go on to the next sleeper, and wake it; `settle` then lets it do what it can."""
        if (due := self.next_due) is not None:
            heapq.heappop(self._sleepers)[2].set_result(None)
            self.go_to(due)

    def go_to(self, moment: float) -> None:
        """Let time go on to a moment, as `monotonic` counts, at which nobody is due before."""
        self._elapsed = max(self._elapsed, moment)

    async def settle(self) -> None:
        """Return when nobody can do anything before time goes on, or something from outside comes in."""
        ready: Any = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # nothing public tells it
        await _turn()
        while ready:
            await _turn()

    def jump(self, seconds: float) -> None:
        """Set the time of day forward or back, as a person or NTP does: nobody wakes, and durations are unharmed."""
        self._jumped += timedelta(seconds=seconds)


async def _turns() -> None:
    for _ in range(TURNS):
        await _turn()


@coroutine
def _turn() -> Generator[None]:
    """Let everybody else have a turn of the loop; no time is involved."""
    yield
