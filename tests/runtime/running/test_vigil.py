"""A run waits with the run in hand for as long as something of it is under way, and is laid down when nothing is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from playbooks_engine.runtime.running.halting import CalledOff, Halt, winding_up
from playbooks_engine.runtime.running.vigil import SHORT, Parked, later
from playbooks_engine.testing.clock import START, FakeClock

HOUR = 3_600.0


def waiting(halt: Halt, clock: FakeClock, seconds: float, **how: object) -> asyncio.Task[None]:
    return asyncio.create_task(halt.vigil.wait(clock, later(clock.now(), seconds), halt, **how))  # type: ignore[arg-type]


async def test_a_run_of_which_nothing_is_under_way_is_laid_down_at_once() -> None:
    halt, clock = Halt(), FakeClock()
    with pytest.raises(Parked) as parked:
        await halt.vigil.wait(clock, START + timedelta(hours=1), halt)
    assert parked.value.until == START + timedelta(hours=1)
    assert clock.sleeping == 0


async def test_a_short_time_is_waited_for_with_the_run_in_hand() -> None:
    halt, clock = Halt(), FakeClock()
    task = waiting(halt, clock, SHORT)
    await clock.advance(SHORT)
    await task


async def test_a_branch_waits_in_hand_until_the_last_of_the_others_has_ended() -> None:
    halt, clock = Halt(), FakeClock()
    halt.vigil.split(3)
    task = waiting(halt, clock, HOUR)
    await clock.advance(10)
    halt.vigil.joined()
    await clock.advance(10)
    assert not task.done()
    halt.vigil.joined()
    with pytest.raises(Parked):
        await task


async def test_a_branch_whose_time_comes_meanwhile_goes_on() -> None:
    halt, clock = Halt(), FakeClock()
    halt.vigil.split(2)
    task = waiting(halt, clock, HOUR)
    await clock.advance(HOUR)
    await task


async def test_who_looks_on_waits_for_times_and_not_for_people() -> None:
    halt, clock = Halt(stays=True), FakeClock()
    task = waiting(halt, clock, HOUR)
    await clock.advance(HOUR)
    await task
    with pytest.raises(Parked):
        await halt.vigil.wait(clock, later(clock.now(), HOUR), halt, lambda: False)


async def test_a_decision_ends_the_wait() -> None:
    halt, clock = Halt(), FakeClock()
    halt.vigil.split(2)
    decided = False
    task = waiting(halt, clock, HOUR, decided=lambda: decided)
    await clock.advance(60)
    assert not task.done()
    decided = True
    await clock.advance(2)
    await task
    assert clock.sleeping == 0


async def test_a_run_that_is_cancelled_waits_no_longer() -> None:
    halt, clock = Halt(), FakeClock()
    halt.vigil.split(2)
    task = waiting(halt, clock, HOUR)
    await clock.advance(1)
    halt.call_off()
    with pytest.raises(CalledOff):
        await task
    with pytest.raises(CalledOff):
        await halt.vigil.wait(clock, clock.now(), halt)


async def test_what_always_waits_for_is_waited_for_in_hand() -> None:
    halt, clock = Halt(), FakeClock()
    halt.call_off()
    with winding_up():
        task = waiting(halt, clock, 30)
        await clock.advance(30)
        await task


def test_a_time_limit_around_it_wakes_it_earlier() -> None:
    parked = Parked(START + timedelta(hours=1))
    assert parked.at_latest(START).until == START
    assert parked.at_latest(START + timedelta(hours=2)) is parked


def test_the_calendar_ends() -> None:
    assert later(START, 1e12).year == 9999


async def test_a_short_wait_beside_others_keeps_the_run_in_hand_until_it_is_over() -> None:
    halt, clock = Halt(), FakeClock()
    halt.vigil.split(2)
    long, short = waiting(halt, clock, HOUR), waiting(halt, clock, SHORT)
    await clock.advance(SHORT - 1)
    assert not long.done()
    await clock.advance(1)
    await short
    assert not long.done()
    halt.vigil.joined()
    with pytest.raises(Parked):
        await long
