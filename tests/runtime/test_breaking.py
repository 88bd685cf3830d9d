"""A service that is down is asked now and then, and retries stop before they add to its trouble."""

from __future__ import annotations

import pytest

from playbooks_engine.errors import ConnectionFailed, ServerError, TimedOut
from playbooks_engine.runtime.breaking import BUDGET, IN_A_ROW, PROBE_EVERY, RETRY, RETRY_AFTER_TIMEOUT, Breaker
from playbooks_engine.testing.clock import FakeClock

FAILED = ServerError("The server answered 503.", status_code=503)
SILENT = TimedOut("No answer within 30 s.")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    return Breaker(clock, "ops")


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed(FAILED)


def test_fewer_failures_in_a_row_hold_nothing_back(breaker: Breaker) -> None:
    for _ in range(10):
        fail(breaker, IN_A_ROW - 1)
        breaker.admit()
        breaker.answered()
    assert not breaker.open


async def test_a_service_that_is_down_gets_one_request_now_and_then(breaker: Breaker, clock: FakeClock) -> None:
    fail(breaker, IN_A_ROW)
    for _ in range(5):
        with pytest.raises(ConnectionFailed) as caught:
            breaker.admit()
        assert '"ops" is down' in caught.value.message
        assert caught.value.hint == "The last failure was: The server answered 503."
        await clock.advance(PROBE_EVERY)
        breaker.admit()
        breaker.failed(FAILED)


async def test_one_answer_and_all_may_leave_again(breaker: Breaker, clock: FakeClock) -> None:
    fail(breaker, 3 * IN_A_ROW)
    await clock.advance(PROBE_EVERY)
    breaker.admit()
    breaker.answered()
    for _ in range(100):
        breaker.admit()


@pytest.mark.parametrize(("cause", "price"), [(FAILED, RETRY), (SILENT, RETRY_AFTER_TIMEOUT)])
def test_retries_are_paid_for(breaker: Breaker, cause: ServerError, price: int) -> None:
    assert [breaker.may_retry(cause) for _ in range(BUDGET // price + 1)] == [True] * (BUDGET // price) + [False]
    for _ in range(price):
        breaker.answered()
    assert breaker.may_retry(cause)
    assert not breaker.may_retry(cause)


def test_the_budget_does_not_grow_beyond_its_size(breaker: Breaker) -> None:
    for _ in range(1_000):
        breaker.answered()
    assert sum(breaker.may_retry(FAILED) for _ in range(1_000)) == BUDGET // RETRY


def test_nothing_is_retried_while_the_service_is_down(breaker: Breaker) -> None:
    fail(breaker, IN_A_ROW)
    assert not breaker.may_retry(FAILED)
