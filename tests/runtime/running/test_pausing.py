"""Waiting inside a run."""

import asyncio

import pytest

from playbooks_engine.runtime.running.failing import GivenBack
from playbooks_engine.runtime.running.pausing import PLACE, Place, pause, together, waiting_for_another
from playbooks_engine.testing.clock import FakeClock


async def test_a_pause_ends_when_the_process_stops() -> None:
    stopping = asyncio.Event()
    task = asyncio.create_task(pause(FakeClock(), 3_600, stopping))
    await asyncio.sleep(0)
    stopping.set()
    with pytest.raises(GivenBack):
        await task


def test_who_waits_for_another_run_needs_no_place_meanwhile() -> None:
    place = Place()
    PLACE.set(place)
    with waiting_for_another():
        assert place.waiting == 1
    assert place.waiting == 0


async def test_the_first_of_several_that_breaks_ends_the_others() -> None:
    ended = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def breaks() -> None:
        await asyncio.sleep(0)
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await together([waits(), breaks()])
    assert ended == [True]
