"""Rate limits: no faster than the service takes it, no slower than it allows, each domain by itself."""

import asyncio
from typing import Any

import pytest

from playbooks_engine.errors import Forbidden, RateLimited
from playbooks_engine.runtime.throttling import LONGEST_WAIT, PATIENCE, Throttle


class JumpingClock:
    """Sleeping is over at once, and the time has passed."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def now(self) -> Any:
        raise AssertionError("the throttle measures; it has no use for the time of day")

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def throttle(clock: JumpingClock) -> Throttle:
    made = Throttle(clock)
    made._random.seed(7)  # the same jitter each time
    return made


async def waited(throttle: Throttle, clock: JumpingClock, name: str = "alert") -> float:
    began = clock.time
    await throttle.turn(name)
    return clock.time - began


async def test_nothing_waits_before_the_service_complained(throttle: Throttle, clock: JumpingClock) -> None:
    assert [await waited(throttle, clock) for _ in range(1_000)] == [0.0] * 1_000


@pytest.mark.parametrize(("times", "least"), [(1, 0.2), (2, 0.4), (3, 0.8), (4, 1.6), (12, 300.0), (40, 300.0)])
def test_refusals_in_a_row_wait_longer_each_time(throttle: Throttle, times: int, least: float) -> None:
    for _ in range(times):
        wait = throttle.refused("alert", None)
    assert least <= wait <= least * 1.25


@pytest.mark.parametrize(("period", "least"), [(1.0, 1.0), (60.0, 60.0), (300.0, 300.0)])
def test_the_window_that_overflowed_is_waited_out(throttle: Throttle, period: float, least: float) -> None:
    assert least <= throttle.refused("alert", period) <= least * 1.25


@pytest.mark.parametrize("period", [0.0, -5.0, 301.0, 1e9, float("inf"), float("nan")])
async def test_a_window_that_makes_no_sense_is_ignored(throttle: Throttle, clock: JumpingClock, period: float) -> None:
    assert throttle.refused("alert", period) <= 0.25
    throttle.answered("alert", throttled=True, period=period)
    assert await waited(throttle, clock) <= LONGEST_WAIT


async def test_one_domain_does_not_hold_up_another(throttle: Throttle, clock: JumpingClock) -> None:
    throttle.refused("alert", 60.0)
    assert await waited(throttle, clock, "search") == 0.0
    assert await waited(throttle, clock, "alert") >= 60.0


async def test_a_wait_longer_than_the_patience_fails_at_once_with_what_was_refused(
    throttle: Throttle, clock: JumpingClock
) -> None:
    throttle.refused("alert", 200.0)
    began = clock.time
    with pytest.raises(RateLimited) as caught:
        await throttle.turn("alert")
    assert (caught.value.status_code, clock.time) == (429, began)
    with pytest.raises(Forbidden):
        await throttle.turn("alert", Forbidden("the service's own words"))


async def test_patience_counts_all_of_the_waits(throttle: Throttle, clock: JumpingClock) -> None:
    began = clock.time
    throttle.refused("alert", 60.0)

    async def refuse_again() -> None:
        while True:
            throttle.refused("alert", 60.0)
            await asyncio.sleep(0)

    again = asyncio.create_task(refuse_again())
    with pytest.raises(RateLimited):
        await throttle.turn("alert")
    again.cancel()
    assert clock.time - began <= PATIENCE


async def test_success_forgets_the_refusals(throttle: Throttle) -> None:
    for _ in range(5):
        throttle.refused("alert", None)
    throttle.answered("alert", throttled=False, period=None)
    assert throttle.refused("alert", None) <= 0.25


async def test_a_word_that_the_bucket_is_empty_holds_the_next_request_back(
    throttle: Throttle, clock: JumpingClock
) -> None:
    await throttle.turn("alert")
    throttle.answered("alert", throttled=True, period=1.0)
    assert await waited(throttle, clock) == pytest.approx(1.0)


class Bucket:
    """A service's window of so many requests a second."""

    def __init__(self, clock: JumpingClock, size: int, period: float) -> None:
        self.clock, self.size, self.period = clock, size, period
        self.taken: list[float] = []
        self.refused = 0

    def take(self, others: int = 0) -> bool:
        self.taken = [at for at in self.taken if at > self.clock.time - self.period]
        if len(self.taken) + others >= self.size:
            self.refused += 1
            return False
        self.taken.append(self.clock.time)
        return True


async def send(throttle: Throttle, bucket: Bucket, others: int = 0) -> None:
    while True:
        left = await throttle.turn("alert")
        if bucket.take(others):
            throttle.answered("alert", throttled=False, period=bucket.period)
            return
        throttle.refused("alert", bucket.period, left)


@pytest.mark.parametrize(("size", "period"), [(10, 1.0), (300, 60.0)])
async def test_after_the_first_refusal_there_are_few_more_and_nine_tenths_of_what_is_allowed_leave(
    throttle: Throttle, clock: JumpingClock, size: int, period: float
) -> None:
    bucket = Bucket(clock, size, period)
    for _ in range(size + 1):
        await send(throttle, bucket)
    began, known = clock.time, bucket.refused
    windows = 20
    for _ in range(size * windows):
        await send(throttle, bucket)
    took = clock.time - began
    assert bucket.refused - known <= 3
    assert took <= windows * period / 0.9


async def test_a_window_that_others_filled_does_not_slow_us_for_ever(throttle: Throttle, clock: JumpingClock) -> None:
    """The very first request met a full window: that says nothing of how many we may send."""
    bucket = Bucket(clock, 100, 60.0)
    await throttle.turn("alert")
    assert not bucket.take(others=100)
    throttle.refused("alert", 60.0)
    await send(throttle, bucket)
    began = clock.time
    for _ in range(50):
        await send(throttle, bucket)
    assert clock.time - began < 60


async def test_a_limit_that_was_learned_is_forgotten_after_a_while(throttle: Throttle, clock: JumpingClock) -> None:
    bucket = Bucket(clock, 5, 1.0)
    for _ in range(7):
        await send(throttle, bucket)
    bucket.size = 1_000  # somebody raised it
    clock.time += 3_600
    began = clock.time
    for _ in range(500):
        await send(throttle, bucket)
    assert clock.time == began


def test_the_wait_before_another_attempt_doubles_and_is_spread(throttle: Throttle) -> None:
    for attempt, full in ((1, 0.4), (2, 0.8), (3, 1.6)):
        waits = {throttle.backoff(attempt) for _ in range(50)}
        assert full / 2 <= min(waits)
        assert max(waits) <= full
        assert len(waits) > 1
