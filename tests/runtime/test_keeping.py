"""Storing while another process has the store: it waits, the loop goes on, and nothing is done twice."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime.clock import SystemClock
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.keeping import keep
from playbooks_engine.store import events

Write = Callable[..., Path]


@contextmanager
def held(engine: Engine) -> Iterator[sqlite3.Connection]:
    """Another process in the middle of a change."""
    with closing(sqlite3.connect(engine.database.file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other


@pytest.fixture
def real(write_project: Write, opsgenie: Simulator) -> Iterator[Engine]:
    """On the machine's own clock."""
    engine = Engine.open(write_project(opsgenie), clock=SystemClock())
    yield engine
    engine.database.close()


async def heartbeat(longest: list[float]) -> None:
    """How long the loop stood still at most."""
    last = time.monotonic()
    while True:
        await asyncio.sleep(0.01)
        longest[0], last = max(longest[0], time.monotonic() - last), time.monotonic()


def test_it_is_done_once_the_store_is_free_and_the_loop_goes_on_meanwhile(real: Engine) -> None:
    done: list[int] = []
    longest = [0.0]

    def note(connection: Connection) -> int:
        done.append(1)
        return 7

    async def go() -> int:
        beating = asyncio.ensure_future(heartbeat(longest))
        with held(real) as other:
            keeping = asyncio.ensure_future(keep(real, note))
            await asyncio.sleep(1.0)
            assert not done
            other.execute("ROLLBACK")
            result = await keeping
        beating.cancel()
        return result

    assert asyncio.run(go()) == 7
    assert done == [1]
    assert longest[0] < 0.6


def test_its_patience_ends(real: Engine) -> None:
    with held(real), pytest.raises(StoreBusy):
        asyncio.run(keep(real, lambda connection: None, patience=0.3))


def test_a_fetch_waits_for_a_locked_store_and_holds_up_nobody(real: Engine, opsgenie: Simulator) -> None:
    longest = [0.0]

    async def go() -> int:
        await fetch(real, "ops.alerts")  # imports what it needs
        opsgenie.has_alert(created_at=real.clock.now(), updated_at=real.clock.now())
        beating = asyncio.ensure_future(heartbeat(longest))
        with held(real) as other:
            fetching = asyncio.ensure_future(fetch(real, "ops.alerts"))
            await asyncio.sleep(1.0)
            assert not fetching.done()
            other.execute("ROLLBACK")
            fetched = await fetching
        beating.cancel()
        await real.calling.close()
        return fetched.new

    assert asyncio.run(go()) == 1
    assert longest[0] < 0.6
    with real.database.reading() as connection:
        assert events.count_events(connection) == 1
