"""Several parts of a run at once: branches, and the items of a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from playbooks_engine.runtime.running.halting import HALTS, gravest
from playbooks_engine.runtime.running.vigil import Vigil


async def in_turn(count: int, at_once: int, one: Callable[[int], Awaitable[bool]], vigil: Vigil) -> None:
    """Await `one` for each number below `count`, `at_once` at a time, until one of them returns False.

    What halts one of them is raised when those under way have ended. One that waits keeps its place: with
    `at_once=1`, the second does not begin while the first waits for a person.
    """
    numbers = iter(range(count))
    halted: list[BaseException] = []
    enough = False
    left = min(at_once, count)

    async def worker() -> None:
        nonlocal enough
        for number in numbers:
            if enough:
                return
            try:
                enough = not await one(number) or enough
            except HALTS as halt:
                halted.append(halt)
                return

    async def branch() -> None:
        nonlocal left
        await worker()
        left -= 1
        if left:
            vigil.joined()

    if left > 1:
        vigil.split(left)
        await together([branch() for _ in range(left)])
    else:
        await worker()
    if halted:
        raise gravest(halted)


async def together(works: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Await all; the first that breaks cancels the rest, and its exception is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as broken:
        raise broken.exceptions[0] from None
