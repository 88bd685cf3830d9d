"""Waiting inside a run: it ends when the process stops, and who waits for another run needs no place meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.running.failing import GivenBack


@dataclass(eq=False)
class Place:
    """The place of one run among those executed at the same time."""

    waiting: int = 0
    """How many of its calls wait for another run."""


PLACE: ContextVar[Place | None] = ContextVar("place", default=None)


@contextmanager
def waiting_for_another() -> Iterator[None]:
    """Within this, the run needs no place: the one it waits for may have to get one first."""
    place = PLACE.get()
    if place is None:
        yield
        return
    place.waiting += 1
    try:
        yield
    finally:
        place.waiting -= 1


async def pause(clock: Clock, seconds: float, stopping: asyncio.Event | None) -> None:
    """Wait; raises GivenBack when the process stops before or meanwhile."""
    if stopping is None:
        await clock.sleep(seconds)
        return
    timer = asyncio.ensure_future(clock.sleep(seconds))
    stopped = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({timer, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        stopped.cancel()
    if stopping.is_set():
        raise GivenBack


async def together(works: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Await all; the first that breaks cancels the rest, and its exception is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as broken:
        raise broken.exceptions[0] from None
