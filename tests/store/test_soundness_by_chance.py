"""Bits that turn and files that are cut off, by chance from a seed: refused in our words, or read as it was.

`PLAYBOOKS_NIGHTLY=1` tries 5,000 instead of 200.
"""

from __future__ import annotations

import os
import random
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.store import events, journal, marking
from playbooks_engine.store.database import Database, connect
from playbooks_engine.store.events import Arrival
from playbooks_engine.store.journal import NewRun
from playbooks_engine.store.tables import metadata

NOW = datetime(2026, 11, 22, tzinfo=UTC)
pytestmark = pytest.mark.timeout(1800)

TIMES = 5_000 if os.environ.get("PLAYBOOKS_NIGHTLY") else 200
PARTS = 10
State = dict[str, list[tuple[object, ...]]]


def _fill(database: Database) -> None:
    for number in range(20):
        arrivals = [Arrival(f"{number}-{n}", "1", {"n": n}, {"n": n, "text": f"{n}" * 60}) for n in range(20)]
        with database.transaction() as connection:
            events.store_page(connection, "ops.alerts", arrivals, NOW)
            digest = journal.keep_text(connection, f"text {number}")
            journal.add_run(connection, NewRun(playbook=f"p{number}", digest=digest), NOW)


def _state(database: Database) -> State:
    with database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, State]:
    folder = tmp_path_factory.mktemp("sound")
    with Database.open(f"sqlite:///{folder}/store.db") as database:
        _fill(database)
        state = _state(database)
    return (folder / "store.db").read_bytes(), state


def _harmed(content: bytes, chance: random.Random) -> tuple[bytes, int]:
    """The content with something wrong in it, and how many places are."""
    how = chance.choice(["bit", "bits", "bytes", "cut", "zeros", "moved"])
    harmed = bytearray(content)
    if how == "cut":
        return content[: chance.randrange(len(content))], 0
    if how in ("zeros", "moved"):
        page = chance.randrange(len(content) // 4096) * 4096
        other = chance.randrange(len(content) // 4096) * 4096
        harmed[page : page + 4096] = bytes(4096) if how == "zeros" else content[other : other + 4096]
        return bytes(harmed), 4096
    times = {"bit": 1, "bits": 8, "bytes": 3}[how]
    for _ in range(times):
        place = chance.randrange(len(content))
        harmed[place] ^= chance.randrange(1, 256) if how == "bytes" else 1 << chance.randrange(8)
    return bytes(harmed), times


def _read(file: Path) -> State | None:
    """All that the store holds; None when it is refused, in our words."""
    try:
        with Database.open(f"sqlite:///{file}", create=False) as database:
            return _state(database)
    except StoreUnusable:
        return None


def test_a_store_harmed_by_chance_is_refused_or_wrong_in_no_other_value_than_the_one_that_turned(
    tmp_path: Path, sound: tuple[bytes, State]
) -> None:
    content, state = sound
    outcomes = {"refused": 0, "as it was": 0, "a value turned": 0}
    for seed in range(TIMES):
        file = tmp_path / f"{seed}.db"
        harmed, places = _harmed(content, random.Random(seed))  # noqa: S311 - the same each time
        file.write_bytes(harmed)
        found = _read(file)
        if found is None:
            outcomes["refused"] += 1
            assert file.read_bytes() == harmed, f"seed {seed}: a refused store was changed"
        elif found == state:
            outcomes["as it was"] += 1
        else:
            outcomes["a value turned"] += 1
            for name, rows in state.items():
                wrong = set(map(repr, rows)) ^ set(map(repr, found[name]))
                assert len(found[name]) == len(rows), f"seed {seed}: {name} has more or fewer rows, in silence"
                assert len(wrong) <= 2 * places, f"seed {seed}: more than what turned is wrong in {name}"
        for left in tmp_path.iterdir():
            left.unlink()
    assert outcomes["refused"] > TIMES / 3, outcomes


def test_a_log_harmed_by_chance_leaves_whole_transactions_or_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    file = tmp_path / "store.db"
    states = []
    with Database.open(f"sqlite:///{file}") as database:
        database.checkpoint()
        for number in range(PARTS):
            with database.transaction() as connection:
                for half in "ab":
                    connection.exec_driver_sql(
                        "INSERT INTO playbook_text VALUES (?, ?)", (f"{number}{half}", "x" * 3000)
                    )
            states.append({f"{n}{half}" for n in range(number + 1) for half in "ab"})
        for end in ("", "-wal", "-mark"):
            shutil.copy(f"{file}{end}", kept / f"store.db{end}")
    log = (kept / "store.db-wal").read_bytes()
    refused = lost = 0
    for seed in range(TIMES):
        chance = random.Random(seed)  # noqa: S311 - the same each time
        again = tmp_path / f"{seed}"
        shutil.copytree(kept, again)
        harmed = log[: chance.randrange(len(log))] if seed % 2 else _harmed(log, chance)[0]
        (again / "store.db-wal").write_bytes(harmed)
        try:
            with Database.open(f"sqlite:///{again}/store.db", create=False) as database:
                with database.reading() as connection:
                    found = set(connection.exec_driver_sql("SELECT digest FROM playbook_text").scalars())
                assert found in (set(), *states), f"seed {seed}: a transaction is there by half"
                lost += found != states[-1]
        except StoreUnusable:
            refused += 1
        shutil.rmtree(again)
    assert refused
    assert lost, "SQLite leaves out the end of a log that is cut; if it tells now, so can we"


def test_a_text_that_is_no_text_any_more_is_told_as_damage(file: Path) -> None:
    with closing(connect(file)) as raw:
        raw.execute("INSERT INTO playbook_text VALUES ('a', CAST(x'ff00fe' AS TEXT))")
    with Database.open(f"sqlite:///{file}") as database, pytest.raises(StoreUnusable, match="is damaged"):
        _state(database)
    assert marking.told(file) == 0
