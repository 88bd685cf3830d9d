"""The journal alone, steps that do nothing, beside raw sqlite3 with one commit a step: `python tests/speed/journal.py`.

Every step is recorded before the next one of its run begins. Ratios count; steps a second depend on the machine.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from playbooks_engine.store.database import Database
from playbooks_engine.store.gathering import Gathering
from playbooks_engine.store.journal import Journal, NewRun, Run, StepRow, keep_text, start_run

RUNS, STEPS, ROUNDS = 1_000, 10, 3
NOW = datetime(2026, 11, 22, 15, 27, 17, 123456, tzinfo=UTC)
OUTPUT = {"ok": True, "count": 3}


def raw(folder: Path, each: int) -> float:
    """Steps a second of a loop around sqlite3; `each` steps share a commit."""
    connection = sqlite3.connect(folder / f"raw-{each}.db", isolation_level=None)
    for setting in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=0", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute(
        "CREATE TABLE step (run_id INTEGER, path TEXT, status TEXT, output TEXT, started_at TEXT, ended_at TEXT, "
        "PRIMARY KEY (run_id, path))"
    )
    begun = perf_counter()
    done = 0
    for run in range(RUNS):
        for step in range(STEPS):
            if done % each == 0:
                connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT INTO step VALUES (?, ?, 'succeeded', ?, ?, ?)",
                (run, f"step_{step}", json.dumps(OUTPUT), NOW.isoformat(), NOW.isoformat()),
            )
            done += 1
            if done % each == 0:
                connection.execute("COMMIT")
    took = perf_counter() - begun
    connection.close()
    return RUNS * STEPS / took


def ours(folder: Path, at_once: int, whole: bool = False) -> float:
    """Steps a second of the journal; with `whole` the beginning and the end of each run are counted in."""

    async def everything() -> float:
        with Database.open("sqlite:///ours.db", folder=folder) as database:
            journal = Journal(Gathering(database))

            def begin() -> Run:
                with database.transaction() as connection:
                    digest = keep_text(connection, "name: speed") if not digests else digests[0]
                    digests.append(digest)
                    new = NewRun(playbook="speed", digest=digest)
                    return start_run(connection, new, "host:1:1", NOW, timedelta(seconds=30))

            digests: list[str] = []
            begun_before = [] if whole else [begin() for _ in range(RUNS)]
            left = iter(range(RUNS))

            async def worker() -> None:
                for number in left:
                    run = begin() if whole else begun_before[number]
                    await steps_of(journal, run)
                    if whole:
                        journal.finish(run.id, run.fence, "succeeded", None, None, NOW)
                        await journal.committed()

            begun = perf_counter()
            await asyncio.gather(*(worker() for _ in range(at_once)))
            took = perf_counter() - begun
            with database.reading() as connection:
                stored = connection.exec_driver_sql("SELECT count(*) FROM step").scalar()
            assert stored == RUNS * STEPS
            return RUNS * STEPS / took

    return asyncio.run(everything())


async def steps_of(journal: Journal, run: Run) -> None:
    for number in range(STEPS):
        path = f"step_{number}"
        row = StepRow(
            run_id=run.id,
            path=path,
            step_id=path,
            status="succeeded",
            output=OUTPUT,
            attempts=1,
            started_at=NOW,
            ended_at=NOW,
        )
        journal.step(row, run.fence)
        await journal.committed()


def whole_runs(folder: Path, at_once: int) -> float:
    return ours(folder, at_once, whole=True)


def measured(way: Callable[[Path, int], float], argument: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return way(Path(folder), argument)


def main() -> None:
    ways = {
        "raw sqlite3, one commit a step": (raw, 1),
        "raw sqlite3, one commit for 50": (raw, 50),
        "journal, one run at a time": (ours, 1),
        "journal, fifty runs at once": (ours, 50),
        "one at a time, run begun and ended": (whole_runs, 1),
        "fifty at once, run begun and ended": (whole_runs, 50),
    }
    # Rounds go through all ways in turn, so that a noisy minute of the machine meets them all.
    figures: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (way, argument) in ways.items():
            figures[name].append(measured(way, argument))
    base = median(figures["raw sqlite3, one commit a step"])
    for name, values in figures.items():
        print(f"{name:36} {median(values):>9,.0f} steps/s   {median(values) / base:5.2f} x raw")


if __name__ == "__main__":
    sys.exit(main())
