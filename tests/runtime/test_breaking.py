"""A service that is down is asked now and then, and retries stop before they add to its trouble."""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_left
from typing import Any

import pytest

from playbooks_engine.errors import CommandFailed, ConnectionFailed, ServerError, TimedOut
from playbooks_engine.runtime.breaking import BUDGET, IN_A_ROW, PROBE_EVERY, RETRY, RETRY_AFTER_TIMEOUT, Breaker
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.transport import Transport, Undelivered
from playbooks_engine.sdk import Answer, Request
from playbooks_engine.testing.clock import FakeClock

FAILED = ServerError("The server answered 503.", status_code=503)
ME, PLAYBOOK = Actor("person", "me"), Actor("playbook", "nightly")
SILENT = TimedOut("No answer within 30 s.")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    return Breaker(clock, "ops")


def most_within(seconds: float, times: list[float]) -> list[int]:
    """How many lie in each window that begins with one of them."""
    return [bisect_left(times, begin + seconds) - place for place, begin in enumerate(times)]


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


async def test_an_hour_of_outage_with_a_hundred_who_wait(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begins, ends, every = 300.0, 3_900.0, 30.0
    left: list[float] = []
    done: list[float] = []

    async def exchange(self: Transport, request: Request) -> Answer:
        left.append(bench.clock.monotonic())
        if begins <= bench.clock.monotonic() < ends:
            raise Undelivered(ConnectionFailed("The service cannot be reached."), left=False)
        return Answer(200, {"content-type": "application/json"}, b'{"data": []}')

    monkeypatch.setattr(Transport, "exchange", exchange)
    async with bench.engine() as engine:
        command = engine.calling.command("ops", "get_schedules", {})

        async def waiting(number: int) -> None:
            await bench.clock.sleep(number * every / 100)
            while bench.clock.monotonic() < ends + 120:
                with contextlib.suppress(ConnectionFailed):
                    await engine.calling.call("ops", command, PLAYBOOK)
                    done.append(bench.clock.monotonic())
                await bench.clock.sleep(every)

        await asyncio.gather(*(waiting(number) for number in range(100)))
    during = [at - begins for at in left if begins <= at < ends]
    assert len(during) <= 400
    assert max(most_within(60.0, [at for at in during if at > 300])) <= 4
    back = [at for at in done if at >= ends]
    assert back[0] - ends <= PROBE_EVERY + 1
    assert len([at for at in back if at < ends + 60]) >= 100, "all of them within a minute"
    usual = max(most_within(1.0, [at for at in left if at < begins]))
    assert max(most_within(1.0, back)) <= 2 * usual


async def test_a_person_s_own_change_leaves_while_the_service_counts_as_down(bench: Any) -> None:
    async with bench.engine() as engine:
        fail(engine.calling.link("ops").breaker, IN_A_ROW)
        create = engine.calling.command("ops", "create_alert", {"message": "x"})
        for actor, name in ((PLAYBOOK, "create_alert"), (PLAYBOOK, "get_schedules"), (ME, "get_schedules")):
            command = create if name == "create_alert" else engine.calling.command("ops", name, {})
            with pytest.raises(ConnectionFailed, match="Nothing was sent"):
                await engine.calling.call("ops", command, actor)
        assert bench.simulator.ledger == []
        await engine.calling.call("ops", create, ME)
        await engine.calling.call("ops", create, PLAYBOOK)
    assert bench.applied == ["Create", "Create"]


async def test_answers_that_fail_count_and_refusals_do_not(bench: Any) -> None:
    async with bench.engine() as engine:
        breaker = engine.calling.link("ops").breaker
        for status, failures in ((500, 4), (404, 0), (503, 4)):
            bench.simulator.behave()
            bench.simulator.misbehave("error", times=100, status=status)
            with pytest.raises(CommandFailed):
                await engine.calling.call("ops", engine.calling.command("ops", "get_schedules", {}), ME)
            assert breaker._failures == failures
