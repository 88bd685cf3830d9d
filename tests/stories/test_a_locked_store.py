"""Another process locks the store for a while: runs wait, nobody is shown an error, nothing is lost, pages are read.

Two seconds here; thirty with `PLAYBOOKS_NIGHTLY=1`, as a slow backup tool might take.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.opsgenie import connector
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.attending import attend, begin
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.starting import start
from playbooks_engine.runtime.work import Work
from playbooks_engine.store import events, journal
from playbooks_engine.store.audit import audit_rows

LOCKED = 30.0 if os.environ.get("PLAYBOOKS_NIGHTLY") else 2.0
PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: write}}
    fetch: {{alerts: {{}}}}
"""
PLAYBOOK = """
connections: {ops: opsgenie}
steps:
  - {id: create, uses: ops.create_alert, with: {message: m}}
  - {id: note, uses: ops.add_note, with: {identifier: "${{ steps.create.output.alertId }}", note: noted}}
"""
LOCK = """
import sqlite3, sys, time
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
raw.execute("ROLLBACK")
"""


@contextmanager
def locked(file: Path, seconds: float = LOCKED) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, str(file), str(seconds)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        yield other
    assert other.returncode == 0


async def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


def runs_of(engine: Engine) -> list[journal.Run]:
    with engine.database.reading() as connection:
        return journal.runs(connection)


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator(seed={"alerts": [], "incidents": []}) as simulator:
        simulator.process_after(0)
        for number in range(30):
            simulator.has_alert(message=f"alert {number}")
        yield simulator


@pytest.fixture
def folder(tmp_path: Path, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEST_OPS_KEY", opsgenie.key)
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "project.yml").write_text(PROJECT.format(url=opsgenie.url))
    (tmp_path / "playbooks" / "p.yml").write_text(PLAYBOOK)
    return tmp_path


@pytest.mark.timeout(240)
def test_a_lock_of_another_process_is_waited_for_and_nothing_is_lost(
    folder: Path, opsgenie: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    took: list[float] = []

    async def look(engine: Engine) -> None:
        while True:
            began = time.monotonic()
            with engine.database.reading() as connection:
                journal.runs(connection)
            took.append(time.monotonic() - began)
            await asyncio.sleep(0.02)

    async def go() -> None:
        async with Engine.open(folder, catalog=Catalog.of(connector)) as engine:
            person = Actor("person", "anna")
            runs = [begin(engine, engine.library.playbook("p"), {}, person) for _ in range(5)]
            with locked(engine.database.file):
                looking = asyncio.ensure_future(look(engine))
                ended = await asyncio.gather(*(attend(engine, run) for run in runs))
                looking.cancel()
            fetched = await fetch(engine, "ops.alerts")
            engine.gathering.flush()
            with engine.database.reading() as connection:
                assert [one.status for one in ended if one is not None] == ["succeeded"] * 5
                assert {row.status for row in journal.runs(connection)} == {"succeeded"}
                assert all(
                    intent.outcome == "succeeded" for run in runs for intent in journal.intents(connection, run.id)
                )
                assert events.count_events(connection) == fetched.new == 35
                assert all(row.outcome for row in audit_rows(connection, limit=1_000))

    asyncio.run(go())
    assert [effect.action for effect in opsgenie.applied].count("Create") == 5
    assert [effect.action for effect in opsgenie.applied].count("AddNote") == 5
    assert not caplog.records
    assert sorted(took)[int(len(took) * 0.99)] < 1


@pytest.mark.timeout(240)
def test_a_command_that_finds_the_store_locked_waits_for_it(folder: Path) -> None:
    tool = [sys.executable, "-m", "playbooks_engine", "run", "p"]
    assert subprocess.run(tool, cwd=folder, capture_output=True).returncode == 0
    with locked(folder / ".playbooks" / "store.db"):
        ended = subprocess.run(tool, cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_after_a_lock_that_is_longer_than_anybody_waits_the_service_goes_on_by_itself(
    folder: Path, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a lock of five minutes, with a patience of half a second instead of forty."""
    monkeypatch.setattr("playbooks_engine.store.gathering.BUSY_TIMEOUT", timedelta(seconds=0.5))

    async def go() -> None:
        async with Engine.open(folder, catalog=Catalog.of(connector)) as engine:
            engine.database._busy = 0.5
            for _ in range(5):
                start(engine, engine.library.playbook("p"), {"kind": "person"}, {})
            stopping = asyncio.Event()
            working = asyncio.ensure_future(Work(engine).run_forever(stopping))
            await until(lambda: bool(opsgenie.ledger))
            with locked(engine.database.file, 3.0) as other:
                await until(lambda: other.poll() is not None)
            await until(lambda: {run.status for run in runs_of(engine)} == {"succeeded"})
            stopping.set()
            await working
            assert [run.status for run in runs_of(engine)] == ["succeeded"] * 5

    asyncio.run(go())
    done = [effect.action for effect in opsgenie.applied]
    assert (done.count("Create"), done.count("AddNote")) == (5, 5), "each change once"
