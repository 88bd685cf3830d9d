"""A process that was paused for longer than its lease asks before a change leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime import holding, sending
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.records import Actor, Origin
from playbooks_engine.store import journal
from playbooks_engine.store.journal import LeaseLost, Run
from playbooks_engine.testing.clock import FakeClock

OTHER = "elsewhere/1:4821:1"


def begun(engine: Engine) -> Run:
    with engine.database.transaction() as connection:
        new = journal.NewRun(playbook="x", digest=journal.keep_text(connection, "x"))
        return journal.start_run(connection, new, engine.owner, engine.clock.now(), LEASE)


def taken_over(engine: Engine, run: Run) -> None:
    later = engine.clock.now() + timedelta(seconds=31)
    with engine.database.transaction() as connection:
        assert journal.claim(connection, run.id, OTHER, later, LEASE) is not None


def lease_of(engine: Engine, run: Run) -> Any:
    with engine.database.reading() as connection:
        found = journal.run_by_id(connection, run.id)
    assert found is not None
    return found.lease_until


def test_within_its_lease_a_process_does_not_ask(engine: Engine) -> None:
    run = begun(engine)
    engine.holding.renew()
    taken_over(engine, run)
    engine.holding.make_sure(run.id, run.fence)


def test_after_a_pause_a_run_that_somebody_took_is_lost(engine: Engine, clock: FakeClock) -> None:
    run = begun(engine)
    engine.holding.renew()
    asyncio.run(clock.advance(31))
    taken_over(engine, run)
    with pytest.raises(LeaseLost):
        engine.holding.make_sure(run.id, run.fence)


def test_after_a_pause_a_run_that_nobody_took_is_held_anew(engine: Engine, clock: FakeClock) -> None:
    run = begun(engine)
    engine.holding.renew()
    asyncio.run(clock.advance(31))
    engine.holding.make_sure(run.id, run.fence)
    assert lease_of(engine, run) == clock.now() + LEASE


def test_a_change_does_not_leave_after_the_run_was_taken_over(
    engine: Engine, clock: FakeClock, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(engine)
    passed: list[str] = []

    def paused(point: str) -> None:
        passed.append(point)
        if point == "before_send":
            taken_over(engine, run)

    monkeypatch.setattr(sending, "fault", paused)

    async def call() -> None:
        async with engine:
            command = engine.calling.command("ops", "create_alert", {"message": "one"})
            origin = Origin(run.id, "a", 1, run.fence, "key")
            await engine.calling.call("ops", command, Actor("playbook", "x", run.id, "a"), origin=origin)

    with pytest.raises(LeaseLost):
        asyncio.run(call())
    assert passed[-1] == "before_send"
    assert not [entry for entry in opsgenie.ledger if entry.method == "POST"]


def test_the_thread_renews_and_outlives_a_store_that_fails(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(holding, "RENEW_EVERY", 0.01)
    turns: list[int] = []

    def renew() -> bool:
        turns.append(len(turns))
        if len(turns) == 1:
            raise OSError("the disk is gone")
        return len(turns) < 3

    with engine.holding.kept(renew):
        wait_for(lambda: len(turns) == 3)
    assert "the disk is gone" in caplog.text


def wait_for(true: Callable[[], bool]) -> None:
    async def wait() -> None:
        async with asyncio.timeout(10):
            while not true():  # noqa: ASYNC110 - what is waited for happens in a thread
                await asyncio.sleep(0.005)

    asyncio.run(wait())
