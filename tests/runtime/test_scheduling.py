"""Schedules: each due time starts one run, or leaves a row that says why not."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadProject, StoreBusy
from playbooks_engine.runtime import scheduling
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store import journal, schedules, triggers
from playbooks_engine.testing.clock import START, FakeClock

Open = Callable[..., Engine]
Write = Callable[..., Path]

REPORT = """
name: report
on:
  schedule: {{every: {every}, catch_up: {catch_up}}}
steps:
  - id: say
    uses: core.log
    with: {{message: hello}}
"""


def report(every: str = "5m", catch_up: str = "last") -> str:
    return REPORT.format(every=every, catch_up=catch_up)


def tick(engine: Engine) -> int:
    watched = Watched(engine)
    watched.look()
    return scheduling.tick(engine, watched.armed)


def later(clock: FakeClock, **time: float) -> None:
    asyncio.run(clock.advance(timedelta(**time).total_seconds()))


def end_runs(engine: Engine) -> int:
    """Execute what may be executed now, without doing it; returns how many that were."""
    now = engine.clock.now()
    with engine.database.transaction() as connection:
        claimed = journal.claim_next(connection, "host:1:1", now, timedelta(seconds=30), 10_000)
        for run in claimed:
            journal.finish(connection, run.id, run.fence, "succeeded", None, None, now)
    return len(claimed)


def outcomes(engine: Engine) -> Counter[str]:
    with engine.database.reading() as connection:
        return Counter(slot.outcome for slot in schedules.slots(connection, "report", limit=10_000))


def decided(engine: Engine) -> Counter[str]:
    with engine.database.reading() as connection:
        return Counter(row.kind for row in triggers.decisions(connection, limit=10_000))


@pytest.fixture
def prepared(write_project: Write, open_engine: Open, opsgenie: Simulator) -> Callable[..., Engine]:
    def make(**trigger: str) -> Engine:
        engine = open_engine(write_project(opsgenie, report=report(**trigger)))
        assert tick(engine) == 0
        return engine

    return make


def test_a_slot_that_falls_due_starts_one_run(prepared: Callable[..., Engine], clock: FakeClock) -> None:
    engine = prepared()
    later(clock, minutes=4, seconds=59)
    assert tick(engine) == 0
    later(clock, seconds=2)
    assert tick(engine) == 1
    assert tick(engine) == 0
    due = START + timedelta(minutes=5)
    with engine.database.reading() as connection:
        (run,) = journal.runs(connection)
        (slot,) = schedules.slots(connection, "report")
        (row,) = schedules.schedules(connection)
        (decision,) = triggers.decisions(connection)
    assert (run.slot_of, run.slot, run.trigger) == ("report", due, {"kind": "schedule", "due": "2026-03-27T10:05:00Z"})
    assert (slot.due, slot.outcome, slot.run_id) == (due, "ran", run.id)
    assert (row.last_due, row.next_due) == (due, due + timedelta(minutes=5))
    assert (decision.kind, decision.slot, decision.run_id) == ("due", due, run.id)


@pytest.mark.parametrize(("catch_up", "runs"), [("none", 0), ("last", 1), ("all", 864)])
def test_after_three_days_down_it_catches_up_as_it_says(
    prepared: Callable[..., Engine], clock: FakeClock, catch_up: str, runs: int
) -> None:
    engine = prepared(catch_up=catch_up)
    later(clock, days=3, minutes=2)
    assert tick(engine) == runs
    assert tick(engine) == 0
    assert outcomes(engine) == Counter({"ran": runs, "missed": 864 - runs}) - Counter()
    assert decided(engine)["missed"] == 864 - runs
    with engine.database.reading() as connection:
        slots = [run.slot for run in reversed(journal.runs(connection, limit=1000))]
    assert slots == sorted(slot for slot in slots if slot)


@pytest.mark.parametrize("error", [BadProject("gone"), ZeroDivisionError()])
def test_an_error_in_one_playbook_stops_no_other(
    prepared: Callable[..., Engine], clock: FakeClock, write_project: Write, opsgenie: Simulator,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception,
) -> None:  # fmt: skip
    engine = prepared()
    write_project(opsgenie, report=report(), before=report().replace("name: report", "name: before"))
    tick(engine)
    later(clock, minutes=5)
    plain = scheduling._catch_up

    def broken(engine: Engine, loaded: Any, *rest: Any) -> int:
        if loaded.playbook.name == "before":
            raise error
        return plain(engine, loaded, *rest)

    monkeypatch.setattr(scheduling, "_catch_up", broken)
    assert tick(engine) == 1
    assert outcomes(engine) == {"ran": 1}
    assert "the schedule of before" in caplog.text
    monkeypatch.setattr(scheduling, "_catch_up", plain)
    assert tick(engine) == 1


def test_a_locked_store_is_told_soon_and_costs_no_slot(prepared: Callable[..., Engine], clock: FakeClock) -> None:
    engine = prepared()
    later(clock, minutes=5)
    with closing(sqlite3.connect(engine.database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreBusy):
            tick(engine)
        assert time.monotonic() - began < 2
    assert tick(engine) == 1


def test_runs_of_one_schedule_never_overlap(prepared: Callable[..., Engine], clock: FakeClock) -> None:
    engine = prepared()
    later(clock, minutes=5)
    assert tick(engine) == 1
    later(clock, minutes=5)
    assert tick(engine) == 0
    assert outcomes(engine) == {"ran": 1, "overlapped": 1}
    assert decided(engine)["overlapped"] == 1
    end_runs(engine)
    later(clock, minutes=5)
    assert tick(engine) == 1


def test_with_catch_up_all_slots_wait_in_order_and_run_one_at_a_time(
    prepared: Callable[..., Engine], clock: FakeClock
) -> None:
    engine = prepared(catch_up="all")
    later(clock, minutes=15)
    assert tick(engine) == 3
    later(clock, minutes=5)
    assert tick(engine) == 1
    assert [end_runs(engine) for _ in range(5)] == [1, 1, 1, 1, 0]
    assert outcomes(engine) == {"ran": 4}


def test_more_slots_than_can_be_caught_up_are_counted_together(
    prepared: Callable[..., Engine], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "MOST_CAUGHT_UP", 10)
    engine = prepared(catch_up="all")
    later(clock, hours=2)
    assert tick(engine) == 10
    with engine.database.reading() as connection:
        (decision,) = [row for row in triggers.decisions(connection) if row.kind == "missed"]
    told = "all slots from 2026-03-27T10:05:00Z until before 2026-03-27T11:15:00Z were missed"
    assert decision.reason.startswith(told)


@pytest.mark.parametrize("schedule", ["every: 1m", "cron: '* * * * *', timezone: Europe/Berlin"])
def test_a_year_of_downtime_is_dealt_with_in_seconds(
    prepared: Callable[..., Engine], clock: FakeClock, write_project: Write, opsgenie: Simulator, schedule: str
) -> None:
    engine = prepared()
    write_project(opsgenie, report=report().replace("every: 5m", schedule))
    tick(engine)
    later(clock, days=366)
    began = time.monotonic()
    assert tick(engine) == 1
    assert time.monotonic() - began < 10
    assert sum(outcomes(engine).values()) == 10_000


def test_the_last_slot_is_not_caught_up_after_a_day_unless_the_project_says_so(
    prepared: Callable[..., Engine], clock: FakeClock, open_engine: Open
) -> None:
    engine = prepared(every="7d")
    later(clock, days=8, minutes=1)
    assert tick(engine) == 0
    with engine.database.reading() as connection:
        assert "after 1d it is too late" in triggers.decisions(connection)[0].reason
    later(clock, days=7)
    project = engine.project.folder / "project.yml"
    project.write_text(project.read_text() + "catch_up_window: 3d\n")
    assert tick(open_engine(engine.project.folder)) == 1


def test_a_window_holds_for_all_slots_where_it_is_written(
    prepared: Callable[..., Engine], clock: FakeClock, open_engine: Open
) -> None:
    engine = prepared(catch_up="all")
    project = engine.project.folder / "project.yml"
    project.write_text(project.read_text() + "catch_up_window: 24h\n")
    later(clock, days=3)
    assert tick(open_engine(engine.project.folder)) == 289
    assert outcomes(engine) == {"ran": 289, "missed": 864 - 289}


def test_another_time_begins_anew_and_another_text_does_not(
    prepared: Callable[..., Engine], clock: FakeClock, write_project: Write, opsgenie: Simulator
) -> None:
    engine = prepared()
    later(clock, minutes=4)
    write_project(opsgenie, report=report().replace("hello", "good day"))
    tick(engine)
    later(clock, minutes=1)
    assert tick(engine) == 1
    later(clock, minutes=1)
    write_project(opsgenie, report=report("1h"))
    tick(engine)
    with engine.database.reading() as connection:
        (row,) = schedules.schedules(connection)
    assert row.next_due == START + timedelta(hours=1, minutes=6)


def test_a_schedule_that_is_gone_is_forgotten_and_a_broken_one_is_kept(
    prepared: Callable[..., Engine], clock: FakeClock, write_project: Write, opsgenie: Simulator
) -> None:
    engine = prepared()
    write_project(opsgenie, report=report() + "nonsense: [\n")
    later(clock, minutes=10)
    assert tick(engine) == 0
    write_project(opsgenie, report=report())
    assert tick(engine) == 1
    (write_project(opsgenie) / "playbooks" / "report.yml").unlink()
    tick(engine)
    with engine.database.reading() as connection:
        assert schedules.schedules(connection) == []


def test_a_clock_that_is_set_back_fires_no_slot_twice(prepared: Callable[..., Engine], clock: FakeClock) -> None:
    engine = prepared()
    later(clock, minutes=5)
    assert tick(engine) == 1
    end_runs(engine)
    clock.jump(-3600)
    assert tick(engine) == 0
    later(clock, hours=1)
    assert tick(engine) == 0


CHILD = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.scheduling import tick
from playbooks_engine.testing.clock import START, FakeClock

engine = Engine.open(Path(sys.argv[1]), clock=FakeClock(START + timedelta(minutes=5)))
watched = Watched(engine)
watched.look()
tick(engine, watched.armed)
"""


def test_a_schedule_killed_as_it_claims_neither_loses_nor_doubles_its_slot(
    prepared: Callable[..., Engine], clock: FakeClock
) -> None:
    engine = prepared()
    environment = {**os.environ, "PLAYBOOKS_FAULTS": "schedule_claimed:1:kill"}
    command = [sys.executable, "-c", CHILD, str(engine.project.folder)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert outcomes(engine) == {}
    later(clock, minutes=5)
    assert tick(engine) == 1
    assert outcomes(engine) == {"ran": 1}


def test_a_process_that_sets_up_late_skips_no_slot(
    prepared: Callable[..., Engine], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = prepared()
    later(clock, minutes=11)
    with monkeypatch.context() as patch:
        patch.setattr(schedules, "schedules", lambda _: [])  # it read before the other one set up
        watched = Watched(engine)
        watched.look()
        late = scheduling._set_up
        patch.setattr(scheduling, "_set_up", lambda *given: (patch.undo(), late(*given)))
        scheduling.tick(engine, watched.armed)
    assert tick(engine) == 1
    assert outcomes(engine) == {"ran": 1, "missed": 1}


def test_two_processes_deal_with_each_slot_once(
    prepared: Callable[..., Engine], clock: FakeClock, open_engine: Open
) -> None:
    engine = prepared()
    other = open_engine(engine.project.folder)
    later(clock, minutes=5)
    assert tick(engine) + tick(other) == 1
