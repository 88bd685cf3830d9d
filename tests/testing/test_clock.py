"""A clock that only a test moves."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from playbooks_engine.testing.clock import START, FakeClock


def test_sleepers_wake_in_order_and_see_the_time_they_asked_for() -> None:
    clock = FakeClock()
    woke: list[tuple[str, float]] = []

    async def sleeper(name: str, *pauses: float) -> None:
        for pause in pauses:
            await clock.sleep(pause)
            woke.append((name, clock.monotonic()))

    async def go() -> None:
        tasks = [asyncio.create_task(sleeper("a", 3, 1)), asyncio.create_task(sleeper("b", 2, 2, 100))]
        await clock.advance(10)
        assert clock.sleeping == 1
        tasks[1].cancel()
        await clock.advance(1000)
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(go())
    assert woke == [("b", 2.0), ("a", 3.0), ("b", 4.0), ("a", 4.0)]
    assert clock.now() == START + timedelta(seconds=1010)


def test_nothing_moves_by_itself_and_no_sleep_only_lets_others_go_on() -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))

    async def go() -> None:
        await clock.sleep(0)
        await clock.sleep(-1)

    asyncio.run(go())
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_jump_of_the_time_of_day_wakes_nobody_and_harms_no_duration() -> None:
    clock = FakeClock()
    clock.jump(-3600)
    assert clock.now() == START - timedelta(hours=1)
    assert clock.monotonic() == 0


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        FakeClock(datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused


def test_time_goes_on_to_the_next_sleeper_only_when_nobody_else_can_do_anything() -> None:
    clock = FakeClock()
    seen: list[tuple[str, float]] = []

    async def work(name: str, seconds: float) -> None:
        for _ in range(200):  # many turns without any time
            await clock.sleep(0)
        seen.append((name, clock.monotonic()))
        await clock.sleep(seconds)
        seen.append((name, clock.monotonic()))

    async def go() -> None:
        tasks = [asyncio.create_task(work("a", 60)), asyncio.create_task(work("b", 5))]
        given_up = asyncio.create_task(clock.sleep(1))
        await clock.settle()
        assert clock.next_due == 1
        given_up.cancel()
        await clock.settle()
        assert clock.next_due == 5
        while clock.next_due is not None:
            clock.wake_next()
            await clock.settle()
        assert all(task.done() for task in tasks)
        clock.wake_next()  # nobody sleeps: nothing happens
        clock.go_to(30)  # and time never goes back

    asyncio.run(go())
    assert seen == [("a", 0), ("b", 0), ("b", 5), ("a", 60)]
    assert clock.monotonic() == 60
