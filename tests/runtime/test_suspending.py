"""A playbook that fails the same way again and again is paused, told once, and goes on by itself."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime import scheduling, suspending
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.settings import Pausing
from playbooks_engine.runtime.triggers import evaluate
from playbooks_engine.store import events, journal, triggers
from playbooks_engine.store.events import Arrival
from playbooks_engine.store.notifications import notifications
from playbooks_engine.testing.clock import FakeClock

TEXT = """
name: note
on:
  event: {from: ops.alerts}
  schedule: {every: 5m}
connections: {ops: opsgenie}
steps:
  - id: say
    uses: core.log
    with: {message: hello}
"""
AUTH = {"type": "auth", "message": "Could not authenticate (request 17)", "status_code": 401, "step": "say"}


class Bad:
    """A playbook whose runs end as the test says."""

    def __init__(self, engine: Engine, clock: FakeClock) -> None:
        self.engine = engine
        self.clock = clock
        self.number = 0
        with engine.database.transaction() as connection:
            events.stream_fetched(connection, "ops.alerts", clock.now())
        self.look()

    def look(self) -> int:
        watched = Watched(self.engine)
        watched.look()
        started = asyncio.run(evaluate(self.engine, watched.armed))
        suspending.look(self.engine, watched.armed)
        return started

    def tick(self) -> int:
        watched = Watched(self.engine)
        watched.look()
        return scheduling.tick(self.engine, watched.armed)

    def event(self, number: int = 1) -> int:
        """Events come; how many runs they start."""
        with self.engine.database.transaction() as connection:
            for _ in range(number):
                self.number += 1
                arrival = Arrival(f"k{self.number}", "1", {}, {"n": self.number})
                events.store_page(connection, "ops.alerts", [arrival], self.clock.now())
        return self.look()

    def end(self, status: str = "failed", **error: Any) -> None:
        """Every run that can be taken ends like this."""
        now = self.clock.now()
        with self.engine.database.transaction() as connection:
            for run in journal.claim_next(connection, "host:1:1", now, timedelta(seconds=30), 100):
                told = {**AUTH, **error} if status == "failed" else None
                journal.finish(connection, run.id, run.fence, status, None, told, now)

    def fail(self, times: int) -> None:
        for number in range(times):
            self.event()
            self.end(message=f"Could not authenticate (request {number})")
        self.look()

    def told(self, *kinds: str) -> list[str]:
        with self.engine.database.reading() as connection:
            rows = triggers.decisions(connection, limit=1000)
        return [row.kind for row in reversed(rows) if row.kind in kinds]

    @property
    def messages(self) -> list[str]:
        with self.engine.database.reading() as connection:
            return [row.title for row in reversed(notifications(connection))]

    def wait(self, **time: float) -> None:
        asyncio.run(self.clock.advance(timedelta(**time).total_seconds()))


@pytest.fixture
def bad(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator, clock: FakeClock
) -> Bad:
    folder = write_project(opsgenie, note=TEXT)
    project = folder / "project.yml"
    project.write_text(project.read_text() + "pause: {after: 3, retry: 15m}\n")
    return Bad(open_engine(folder), clock)


def test_after_so_many_identical_failures_it_starts_nothing_and_that_is_told_once(bad: Bad) -> None:
    bad.fail(2)
    assert bad.event() == 1
    bad.end()
    bad.look()
    bad.look()
    assert bad.event(3) == 0
    assert bad.told("paused", "suppressed") == ["paused", "suppressed", "suppressed", "suppressed"]
    assert bad.messages == ["Playbook note is paused"]
    with bad.engine.database.reading() as connection:
        suppressed = triggers.decisions(connection, kind="suppressed", limit=1)[0]
    assert "failed in the same way (Status Code: 401. Message: Could not authenticate" in suppressed.reason
    assert "one run is let through every 15m" in suppressed.reason


def test_a_run_that_succeeds_ends_it(bad: Bad) -> None:
    bad.fail(3)
    with bad.engine.database.transaction() as connection:
        loaded = bad.engine.library.playbook("note")
        new = journal.NewRun(playbook="note", digest=journal.keep_text(connection, loaded.playbook.text))
        journal.add_run(connection, new, bad.clock.now())
    bad.end("succeeded")
    bad.look()
    assert bad.event() == 1
    assert bad.told("paused", "resumed") == ["paused", "resumed"]
    assert bad.messages == ["Playbook note is paused", "Playbook note goes on"]


def test_an_edit_ends_it(bad: Bad) -> None:
    bad.fail(3)
    path = bad.engine.project.folder / "playbooks" / "note.yml"
    path.write_text(TEXT.replace("hello", "good day"))
    assert bad.event() == 1
    assert bad.told("paused", "resumed") == ["paused", "resumed"]


def test_one_run_is_let_through_now_and_then_to_see(bad: Bad) -> None:
    bad.fail(3)
    bad.wait(minutes=14)
    assert bad.event() == 0
    bad.wait(minutes=1)
    assert bad.event(3) == 1
    assert bad.event() == 0
    bad.end()
    assert bad.event() == 0
    bad.wait(minutes=15)
    assert bad.event() == 1
    bad.end("succeeded")
    bad.look()
    assert bad.event(2) == 2
    assert bad.told("paused", "resumed") == ["paused", "resumed"]


def test_failures_that_differ_pause_nothing(bad: Bad) -> None:
    for error in ({"type": "timeout"}, {"message": "no such alert"}, {"step": "other"}, {"status_code": 500}) * 2:
        assert bad.event() == 1
        bad.end(**error)
    bad.event()
    bad.end("succeeded")
    bad.fail(2)
    assert bad.event() == 1


def test_a_schedule_leaves_its_slots_out(bad: Bad) -> None:
    bad.tick()
    bad.fail(3)
    bad.wait(minutes=5)
    assert bad.tick() == 0
    assert bad.told("suppressed") == ["suppressed"]
    bad.wait(minutes=10)
    assert bad.tick() == 1


def test_zero_pauses_nothing(bad: Bad) -> None:
    object.__setattr__(bad.engine.project, "pausing", Pausing(after=0))
    bad.fail(10)
    assert bad.event() == 1
