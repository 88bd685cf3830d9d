"""What project.yml says is kept for so long goes afterwards; what a `once` or a budget still counts stays."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from aged import contents_of, keys_of, run, runs_of, store

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.project import inspect
from playbooks_engine.runtime.retaining import ages_of, next_rows, prune
from playbooks_engine.store import journal
from playbooks_engine.testing.clock import START, FakeClock

ONCE = """
connections: {{ops: opsgenie}}
steps:
  - {{id: hourly, uses: ops.create_alert, once: {{key: a, within: {within}}}, with: {{message: m}}}}
  - {{id: ever, uses: ops.create_alert, once: b, with: {{message: m}}}}
"""
DAY = timedelta(days=1)


def pruned(engine: Engine, clock: FakeClock) -> dict[str, int]:
    async def go() -> dict[str, int]:
        pruning = asyncio.ensure_future(prune(engine))
        while not pruning.done():
            await clock.advance(1)
        return pruning.result()

    return asyncio.run(go())


def with_settings(folder: Path, text: str) -> Path:
    project = folder / "project.yml"
    project.write_text(f"{project.read_text()}\n{text}\n")
    return folder


def test_by_default_only_checks_fetches_and_messages_grow_old(engine: Engine) -> None:
    ages = ages_of(engine)
    assert (ages.events, ages.runs, ages.audit) == (None, None, None)
    assert ages.health == START - 90 * DAY


def test_what_is_older_than_the_project_says_goes(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator, clock: FakeClock
) -> None:
    folder = with_settings(write_project(opsgenie), "retention: {events: 30d, runs: 7d, audit: 400d}")
    engine = open_engine(folder)
    store(engine.database, START - 31 * DAY, "old", "changed")
    store(engine.database, START - 29 * DAY, "changed", content=1)
    with engine.database.transaction() as connection:
        run(connection, START - 8 * DAY)
        young = run(connection, START - 6 * DAY)
    assert pruned(engine, clock) == {"events": 1, "versions": 1, "runs": 1}
    assert keys_of(engine.database) == {"changed"}
    assert contents_of(engine.database, "changed") == [1]
    assert runs_of(engine.database) == {young}


def test_a_once_key_counts_as_long_as_its_playbook_says(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator, clock: FakeClock
) -> None:
    folder = with_settings(
        write_project(opsgenie, chase=ONCE.format(within="1h"), late=ONCE.format(within="30d")),
        "retention: {runs: 7d}",
    )
    engine = open_engine(folder)
    kept = set()
    with engine.database.transaction() as connection:
        for playbook in ("chase", "late", "gone"):
            for step in ("hourly", "ever"):
                number = run(connection, START - 8 * DAY, playbook=playbook)
                row = journal.once_claim(
                    connection, playbook=playbook, step=step, connection_name="ops", key="a", run_id=number,
                    path=step, now=START - 8 * DAY,
                )  # fmt: skip
                journal.once_done(connection, row, None, None, START - 8 * DAY)
                if (playbook, step) != ("chase", "hourly"):
                    kept.add(number)
    assert pruned(engine, clock) == {"keys": 1, "runs": 1}
    assert runs_of(engine.database) == kept


def test_calls_stay_for_as_long_as_a_budget_counts_them(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator
) -> None:
    folder = with_settings(write_project(opsgenie), "retention: {audit: 1d}\nlimits: {ops.create_alert: 10 per 7d}")
    assert ages_of(open_engine(folder)).audit == START - 7 * DAY


def test_while_another_process_holds_the_store_it_ends_and_goes_on_the_next_time(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator, clock: FakeClock
) -> None:
    engine = open_engine(with_settings(write_project(opsgenie), "retention: {events: 1d}"))
    store(engine.database, START - 31 * DAY, "old")
    with closing(sqlite3.connect(engine.database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert pruned(engine, clock) == {}
    assert pruned(engine, clock) == {"events": 1}


def test_batches_grow_while_they_are_quick_and_shrink_when_one_is_slow() -> None:
    assert (next_rows(200, 0.001), next_rows(200, 0.02), next_rows(200, 0.04)) == (400, 200, 100)
    assert (next_rows(2_000, 0.001), next_rows(10, 1.0)) == (2_000, 10)


def test_less_than_a_day_and_unknown_things_are_refused(
    write_project: Callable[..., Path], engine: Engine, opsgenie: Simulator
) -> None:
    for text in ("retention: {events: 1h}", "retention: {eventz: 9d}", "retention: 9d", "retention: {runs: soon}"):
        folder = with_settings(write_project(opsgenie), text)
        found = inspect(folder, engine.catalog).findings
        assert [one.code for one in found if one.severity == "error"], text
    folder = with_settings(write_project(opsgenie), "retention: {health: null, events: 1d}")
    assert inspect(folder, engine.catalog).findings == ()
