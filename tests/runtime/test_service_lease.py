"""One service per store."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime import holding
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.service_lease import NAME, ServiceLease
from playbooks_engine.store import journal, leases
from playbooks_engine.store.owners import Owner
from playbooks_engine.testing.clock import START, FakeClock


def hold_elsewhere(engine: Engine) -> None:
    with engine.database.transaction() as connection:
        leases.take(connection, NAME, Owner("elsewhere/1", 4821, "1"), START, LEASE, note="yesterday")


def test_the_one_who_holds_it_is_named(engine: Engine) -> None:
    hold_elsewhere(engine)
    with pytest.raises(StoreBusy, match="process 4821 on elsewhere, since yesterday"):
        ServiceLease.take(engine, lambda: None)


def test_it_is_free_once_its_time_is_over_or_it_was_given_up(engine: Engine, clock: FakeClock) -> None:
    hold_elsewhere(engine)
    asyncio.run(clock.advance(31))
    lease = ServiceLease.take(engine, lambda: None)
    lease.release()
    hold_elsewhere(engine)


def test_a_thread_renews_it_and_the_runs_of_this_process(
    engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "RENEW_EVERY", 0.01)
    with engine.database.transaction() as connection:
        digest = journal.keep_text(connection, "x")
        run = journal.start_run(connection, journal.NewRun(playbook="x", digest=digest), engine.owner, START, LEASE)
    lease = ServiceLease.take(engine, lambda: None)
    asyncio.run(clock.advance(20))
    wait_for(lambda: lease_of_run(engine, run.id) == START + timedelta(seconds=20) + LEASE)
    with engine.database.reading() as connection:
        held = leases.holder(connection, NAME)
    lease.release()
    assert held is not None
    assert held.until == START + timedelta(seconds=20) + LEASE


def test_who_lost_it_is_told(engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "RENEW_EVERY", 0.01)
    lost = threading.Event()
    lease = ServiceLease.take(engine, lost.set)
    with engine.database.transaction() as connection:
        held = leases.holder(connection, NAME)
        assert held is not None
        leases.release(connection, held)
    hold_elsewhere(engine)
    assert lost.wait(5)
    lease.release()
    with engine.database.reading() as connection:
        holder = leases.holder(connection, NAME)
    assert holder is not None
    assert holder.pid == 4821


def lease_of_run(engine: Engine, number: int) -> object:
    with engine.database.reading() as connection:
        run = journal.run_by_id(connection, number)
    assert run is not None
    return run.lease_until


def wait_for(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came true")
