"""What halts a run, and what `always` is spared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from playbooks_engine.runtime.running.halting import CalledOff, GivenBack, Halt, RunStopped, gravest, winding_up
from playbooks_engine.runtime.running.vigil import Parked
from playbooks_engine.testing.clock import START, FakeClock

ASKED: list[tuple[Callable[[Halt], None], type[Exception]]] = [
    (Halt.give_back, GivenBack),
    (Halt.call_off, CalledOff),
    (Halt.stop, RunStopped),
]


@pytest.mark.parametrize(("ask", "halts"), ASKED)
async def test_a_pause_ends_when_the_run_is_halted(ask: Callable[[Halt], None], halts: type[Exception]) -> None:
    halt = Halt()
    task = asyncio.create_task(halt.pause(FakeClock(), 3_600))
    await asyncio.sleep(0)
    assert not task.done()
    ask(halt)
    with pytest.raises(halts):
        await task
    with pytest.raises(halts):
        halt.check()


def test_a_run_that_nobody_halts_goes_on() -> None:
    Halt().check()


async def test_only_the_process_ends_what_always_does() -> None:
    halt, clock = Halt(), FakeClock()
    halt.call_off()
    halt.stop()
    with winding_up():
        halt.check()
        task = asyncio.create_task(halt.pause(clock, 10))
        await clock.advance(10)
        await task
        halt.give_back()
        with pytest.raises(GivenBack):
            halt.check()


def test_a_run_inside_another_one_halts_with_it_and_not_the_other_way_round() -> None:
    outer = Halt()
    inner = Halt(outer)
    inner.stop()
    outer.check()
    with pytest.raises(RunStopped):
        inner.check()
    outer.call_off()
    with pytest.raises(CalledOff):
        inner.check()


def test_the_time_of_the_run_that_waits_is_the_time_of_the_run_inside() -> None:
    outer = Halt()
    inner = Halt(outer)
    with inner.time_is_over():
        assert inner.out_of_time
        assert not outer.out_of_time
    with outer.time_is_over():
        assert inner.out_of_time
    assert not inner.out_of_time


def test_a_run_that_is_given_back_is_not_laid_down_for_a_time() -> None:
    given_back = GivenBack()
    assert gravest([Parked(START), given_back]) is given_back
