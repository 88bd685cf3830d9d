"""The service tends its store; while the disk is full nothing new begins, and what is due goes on afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import StoreUnusable
from playbooks_engine.runtime import tending
from playbooks_engine.runtime.attending import begin
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.starting import start
from playbooks_engine.runtime.tending import has_room, tend
from playbooks_engine.runtime.work import Work
from playbooks_engine.store import journal, marking, room
from playbooks_engine.store.database import connect
from playbooks_engine.store.room import spare_of
from playbooks_engine.testing.clock import FakeClock

NOTHING = "connections: {}\nsteps: [{id: a, uses: core.log, with: {message: m}}]\n"
PERSON = Actor("person", "anna")


@contextmanager
def little(monkeypatch: pytest.MonkeyPatch, left: int) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(room, "free", lambda file: left)
        yield


@pytest.fixture
def project_engine(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator
) -> Engine:
    return open_engine(write_project(opsgenie, nothing=NOTHING))


def tended(engine: Engine, clock: FakeClock, seconds: float) -> None:
    async def go() -> None:
        task = asyncio.ensure_future(tend(engine))
        await clock.advance(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())


def test_the_log_is_moved_and_counted_each_minute(project_engine: Engine, clock: FakeClock) -> None:
    before = marking.told(project_engine.database.file)
    tended(project_engine, clock, 125)
    assert marking.told(project_engine.database.file) == before + 3


def test_the_spare_file_is_made_when_the_service_begins(project_engine: Engine, clock: FakeClock) -> None:
    assert not spare_of(project_engine.database.file).exists()
    tended(project_engine, clock, 1)
    assert spare_of(project_engine.database.file).stat().st_size == room.SIZE


def test_a_full_disk_works_again_within_30_seconds_after_there_is_room(
    project_engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def go() -> None:
        task = asyncio.ensure_future(tend(project_engine))
        await clock.advance(1)
        with little(monkeypatch, 0):
            project_engine.database.room.give_up()
            await clock.advance(60)
            assert not has_room(project_engine)
        await clock.advance(tending.ROOM_EVERY)
        assert has_room(project_engine)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    told = [record.getMessage() for record in caplog.records if record.name == "playbooks.service"]
    assert len(told) == 2, "it is told once when it begins and once when it is over"
    assert "is full. Nothing new is begun" in told[0]
    assert "goes on" in told[1]


def test_nothing_new_begins_on_a_full_disk_and_the_reason_is_told(
    project_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = project_engine.library.playbook("nothing")
    with little(monkeypatch, room.SIZE - 1):
        for new in (
            lambda: start(project_engine, loaded, {"kind": "person"}, {}),
            lambda: begin(project_engine, loaded, {}, PERSON),
            lambda: asyncio.run(fetch(project_engine, "ops.alerts")),
        ):
            with pytest.raises(StoreUnusable, match="nearly full") as refused:
                new()
            assert "Make room" in (refused.value.hint or "")
    with project_engine.database.reading() as connection:
        assert journal.runs(connection) == []
    start(project_engine, loaded, {"kind": "person"}, {})


def test_a_queued_run_waits_for_room_and_is_then_executed(
    project_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(project_engine, project_engine.library.playbook("nothing"), {"kind": "person"}, {})
    work = Work(project_engine)
    with little(monkeypatch, 0):
        assert work._claimed(10) == []
    assert [run.id for run in work._claimed(10)] == [1]


def test_a_duty_that_fails_is_told_and_tried_again(
    project_engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    times: list[int] = []

    def fails() -> None:
        times.append(1)
        raise StoreUnusable("no")

    monkeypatch.setattr(project_engine.database, "checkpoint", fails)
    tended(project_engine, clock, 61)
    assert len(times) == 2
    assert "the checkpoint: no" in caplog.text


def test_it_is_pruned_after_a_minute_and_then_each_hour(
    project_engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[float] = []

    async def noted(engine: Engine) -> dict[str, int]:
        times.append(clock.monotonic())
        return {}

    monkeypatch.setattr(tending, "prune", noted)
    tended(project_engine, clock, 2 * 3_600)
    assert times == [60, 3_660]


def test_what_killed_processes_left_is_removed_when_a_service_opens_the_store(project_engine: Engine) -> None:
    file = project_engine.database.file
    left = file.with_name(".store.db.new-4194999")
    left.write_bytes(b"half")
    Engine.open(project_engine.project.folder).database.close()
    assert left.exists()
    Engine.open(project_engine.project.folder, checkpointing=True).database.close()
    assert not left.exists()
    connect(file).close()
