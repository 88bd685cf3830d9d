"""Event triggers: an event that enters a condition starts one run, once per occurrence."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadProject, StoreBusy
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.triggers import evaluate, looking
from playbooks_engine.store import events, journal, triggers
from playbooks_engine.store.events import Arrival

Open = Callable[..., Engine]
Write = Callable[..., Path]

CHASE = """
name: chase
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and event.priority == 'P1'
connections: {ops: opsgenie}
steps:
  - id: note
    uses: core.log
    with: {message: "${{ event.message }}"}
"""


def arrive(engine: Engine, key: str, version: int = 1, **fields: object) -> None:
    """An event as a fetch would store it."""
    with engine.database.transaction() as connection:
        arrival = Arrival(
            key, f"{version:020d}", {"status": "open", "priority": "P1", **fields}, {"v": version, **fields}
        )
        events.store_page(connection, "ops.alerts", [arrival], engine.clock.now())


def fetched(engine: Engine) -> None:
    """The stream's first fetch is over."""
    with engine.database.transaction() as connection:
        events.stream_fetched(connection, "ops.alerts", engine.clock.now())


def look(engine: Engine) -> int:
    watched = Watched(engine)
    watched.look()
    return asyncio.run(evaluate(engine, watched.armed))


def runs_of(engine: Engine) -> list[str]:
    """The events that started runs, oldest first."""
    with engine.database.reading() as connection:
        return [run.event_key or "" for run in reversed(journal.runs(connection, limit=1000))]


def decided(engine: Engine) -> list[tuple[str, str | None]]:
    with engine.database.reading() as connection:
        return [(row.kind, row.event_key) for row in reversed(triggers.decisions(connection, limit=1000))]


@pytest.fixture
def chasing(write_project: Write, open_engine: Open, opsgenie: Simulator) -> Engine:
    """A project whose trigger has taken its baseline on an empty store."""
    engine = open_engine(write_project(opsgenie, chase=CHASE))
    fetched(engine)
    look(engine)
    return engine


def test_an_event_that_matches_starts_one_run_with_its_version_and_the_frozen_text(chasing: Engine) -> None:
    arrive(chasing, "a", message="down")
    assert look(chasing) == 1
    assert look(chasing) == 0
    with chasing.database.reading() as connection:
        (run,) = journal.runs(connection)
        version = events.event(connection, "ops.alerts", "a")
        assert version is not None
        assert (run.status, run.event_stream, run.event_key) == ("queued", "ops.alerts", "a")
        assert run.event_version_id == version.version_id
        assert run.trigger == {"kind": "event", "stream": "ops.alerts", "key": "a"}
        assert journal.text_of(connection, run.digest) == CHASE
        (match,) = triggers.event_matches(connection, "chase")
        assert (match.matching, match.run_id) == (True, run.id)
        assert triggers.decisions(connection)[0].run_id == run.id


def test_an_update_that_still_matches_starts_nothing(chasing: Engine) -> None:
    arrive(chasing, "a")
    look(chasing)
    arrive(chasing, "a", 2, count=2)
    assert look(chasing) == 0


def test_leaving_the_condition_arms_it_again_and_entering_it_is_a_new_occurrence(chasing: Engine) -> None:
    arrive(chasing, "a")
    look(chasing)
    arrive(chasing, "a", 2, status="closed")
    assert look(chasing) == 0
    arrive(chasing, "a", 3, status="open")
    assert look(chasing) == 1
    assert decided(chasing)[1:] == [("matched", "a"), ("rearmed", "a"), ("matched", "a")]


def test_what_came_and_went_between_two_looks_is_told_in_order(chasing: Engine) -> None:
    arrive(chasing, "a")
    arrive(chasing, "a", 2, status="closed")
    arrive(chasing, "a", 3, status="open")
    arrive(chasing, "b", priority="P5")
    assert look(chasing) == 2
    assert decided(chasing)[1:] == [("matched", "a"), ("rearmed", "a"), ("matched", "a")]


def test_a_late_older_version_decides_nothing(chasing: Engine) -> None:
    arrive(chasing, "a", 5, status="closed")
    look(chasing)
    arrive(chasing, "a", 2)
    assert look(chasing) == 0


def test_events_that_match_when_the_trigger_is_new_are_its_baseline(
    write_project: Write, open_engine: Open, opsgenie: Simulator
) -> None:
    engine = open_engine(write_project(opsgenie, chase=CHASE))
    arrive(engine, "a")
    arrive(engine, "b", priority="P5")
    fetched(engine)
    assert look(engine) == 0
    assert decided(engine) == [("baseline", None)]
    with engine.database.reading() as connection:
        assert "1 of 2 stored events" in triggers.decisions(connection)[0].reason
    arrive(engine, "a", 2, count=2)
    arrive(engine, "c")
    look(engine)
    assert runs_of(engine) == ["c"]


def test_what_the_first_fetch_brings_belongs_to_the_baseline(
    write_project: Write, open_engine: Open, opsgenie: Simulator
) -> None:
    engine = open_engine(write_project(opsgenie, chase=CHASE))
    assert look(engine) == 0
    arrive(engine, "a")
    assert look(engine) == 0
    fetched(engine)
    assert look(engine) == 0
    assert decided(engine) == [("baseline", None)]


def test_others_get_their_turn_while_a_baseline_is_taken(
    write_project: Write, open_engine: Open, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playbooks_engine.runtime.triggers.looking.BATCH", 10)
    engine = open_engine(write_project(opsgenie, chase=CHASE))
    for number in range(45):
        arrive(engine, f"k{number}")
    fetched(engine)
    watched = Watched(engine)
    watched.look()
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            if turns == 2:
                arrive(engine, "meanwhile")
            await asyncio.sleep(0)

    async def main() -> None:
        task = asyncio.create_task(other())
        assert await evaluate(engine, watched.armed) == 0
        task.cancel()

    asyncio.run(main())
    assert turns >= 5
    with engine.database.reading() as connection:
        assert "45 of 45 stored events" in triggers.decisions(connection)[0].reason
    look(engine)
    assert runs_of(engine) == ["meanwhile"]


@pytest.mark.parametrize("error", [BadProject("gone"), ZeroDivisionError()])
def test_an_error_in_one_playbook_stops_no_other(
    chasing: Engine, write_project: Write, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, error: Exception,
) -> None:  # fmt: skip
    write_project(opsgenie, chase=CHASE, before=CHASE.replace("name: chase", "name: before"))
    look(chasing)
    arrive(chasing, "a")
    plain = looking.consider

    def broken(engine: Engine, loaded: Any, trigger: Any) -> Any:
        if loaded.playbook.name == "before":
            raise error
        return plain(engine, loaded, trigger)

    monkeypatch.setattr(looking, "consider", broken)
    assert look(chasing) == 1
    assert "the events of before" in caplog.text
    monkeypatch.setattr(looking, "consider", plain)
    assert look(chasing) == 1


def test_a_locked_store_is_told_soon_and_costs_no_event(chasing: Engine) -> None:
    arrive(chasing, "a")
    with closing(sqlite3.connect(chasing.database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreBusy):
            look(chasing)
        assert time.monotonic() - began < 2
    assert look(chasing) == 1


def test_existing_fire_starts_a_run_for_each_that_matches_already(
    write_project: Write, open_engine: Open, opsgenie: Simulator
) -> None:
    text = CHASE.replace("from: ops.alerts", "from: ops.alerts\n    existing: fire")
    engine = open_engine(write_project(opsgenie, chase=text))
    arrive(engine, "a")
    arrive(engine, "b")
    fetched(engine)
    assert look(engine) == 2
    assert look(engine) == 0
    assert sorted(runs_of(engine)) == ["a", "b"]


def test_another_condition_has_a_new_baseline_and_other_steps_have_not(
    chasing: Engine, write_project: Write, opsgenie: Simulator
) -> None:
    arrive(chasing, "low", priority="P2")
    look(chasing)
    write_project(opsgenie, chase=CHASE.replace("id: note", "id: other"))
    look(chasing)
    assert decided(chasing) == [("baseline", None)]
    write_project(opsgenie, chase=CHASE.replace("'P1'", "'P2'"))
    assert look(chasing) == 0
    assert decided(chasing) == [("baseline", None)] * 2


def test_an_event_that_cannot_be_judged_is_a_decision_and_stops_no_other(
    write_project: Write, open_engine: Open, opsgenie: Simulator
) -> None:
    engine = open_engine(write_project(opsgenie, chase=CHASE.replace("event.priority == 'P1'", "event.count > 3")))
    fetched(engine)
    look(engine)
    arrive(engine, "a", count=4)
    arrive(engine, "b", count="many")
    arrive(engine, "c", count=5)
    assert look(engine) == 2
    assert runs_of(engine) == ["a", "c"]
    with engine.database.reading() as connection:
        (failed,) = [row for row in triggers.decisions(connection) if row.kind == "failed"]
    assert failed.event_key == "b"
    assert "could not be judged" in failed.reason


def test_a_condition_sees_times_as_times_and_the_vendors_own_json(
    write_project: Write, open_engine: Open, opsgenie: Simulator
) -> None:
    where = "event.created_at > ago('1h') and event.raw.v == 1"
    engine = open_engine(write_project(opsgenie, chase=CHASE.replace("event.priority == 'P1'", where)))
    fetched(engine)
    look(engine)
    arrive(engine, "new", created_at="2026-03-27T09:30:00Z")
    arrive(engine, "old", created_at="2026-03-27T08:30:00Z")
    look(engine)
    assert runs_of(engine) == ["new"]


def test_many_at_once_are_all_started(chasing: Engine) -> None:
    with chasing.database.transaction() as connection:
        page = [Arrival(f"k{n:04}", "1", {"status": "open", "priority": "P1"}, {"n": n}) for n in range(1200)]
        events.store_page(connection, "ops.alerts", page, chasing.clock.now())
    assert look(chasing) == 1200
    assert len(set(runs_of(chasing))) == 1000


def test_a_broken_file_starts_nothing_and_misses_nothing_once_it_is_mended(
    chasing: Engine, write_project: Write, opsgenie: Simulator
) -> None:
    write_project(opsgenie, chase=CHASE + "nonsense: [\n")
    arrive(chasing, "a")
    assert look(chasing) == 0
    write_project(opsgenie, chase=CHASE)
    assert look(chasing) == 1


def test_a_playbook_that_is_gone_is_forgotten_and_begins_anew_when_it_returns(
    chasing: Engine, write_project: Write, opsgenie: Simulator
) -> None:
    (write_project(opsgenie) / "playbooks" / "chase.yml").unlink()
    look(chasing)
    arrive(chasing, "a")
    write_project(opsgenie, chase=CHASE)
    assert look(chasing) == 0
    assert [kind for kind, _ in decided(chasing)] == ["baseline", "baseline"]


def test_runs_for_one_event_are_handed_out_one_at_a_time(chasing: Engine) -> None:
    for version, status in enumerate(("open", "closed", "open"), start=1):
        arrive(chasing, "a", version, status=status)
    arrive(chasing, "b")
    assert look(chasing) == 3
    now = chasing.clock.now()
    with chasing.database.transaction() as connection:
        lease = timedelta(seconds=30)
        first = journal.claim_next(connection, "host:1:1", now, lease, 10)
        assert [run.event_key for run in first] == ["a", "b"]
        assert journal.claim_next(connection, "host:1:1", now, lease, 10) == []
        journal.finish(connection, first[0].id, first[0].fence, "succeeded", None, None, now)
        assert [run.event_key for run in journal.claim_next(connection, "host:1:1", now, lease, 10)] == ["a"]


CHILD = """
import asyncio, sys
from pathlib import Path
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.triggers import evaluate
from playbooks_engine.testing.clock import FakeClock

async def main():
    async with Engine.open(Path(sys.argv[1]), clock=FakeClock()) as engine:
        watched = Watched(engine)
        watched.look()
        await evaluate(engine, watched.armed)

asyncio.run(main())
"""


def test_a_trigger_killed_as_it_claims_neither_loses_nor_doubles_a_run(chasing: Engine) -> None:
    for key in "abc":
        arrive(chasing, key)
    environment = {**os.environ, "PLAYBOOKS_FAULTS": "event_claimed:1:kill"}
    command = [sys.executable, "-c", CHILD, str(chasing.project.folder)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert runs_of(chasing) == []
    assert look(chasing) == 3
    assert runs_of(chasing) == ["a", "b", "c"]
