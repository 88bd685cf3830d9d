"""A store that an older version wrote is opened, loses nothing, and its killed run goes on."""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connectors.opsgenie import connector
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine import __version__
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal
from playbooks_engine.store.database import Database

STORES = Path(__file__).parents[1] / "stores"
FILES = sorted(STORES.glob("v*.db.gz"))
PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: write}}
"""
STATES = {"queued", "waiting", "running", "succeeded", "succeeded_with_errors", "failed", "timed_out", "cancelled"}

Rows = dict[str, list[dict[str, object]]]


def _rows(file: Path) -> Rows:
    """Every row of every table, by column."""
    with closing(sqlite3.connect(file)) as raw:
        raw.row_factory = sqlite3.Row
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [dict(row) for row in raw.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - a table of ours
            for name in names
            if name not in ("alembic_version", "sqlite_sequence")
        }


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / ".playbooks").mkdir(mode=0o700)
    (tmp_path / ".playbooks" / "store.db").write_bytes(gzip.decompress(request.param.read_bytes()))
    return tmp_path


def test_there_is_a_store_of_this_version() -> None:
    assert f"v{__version__}.db.gz" in [path.name for path in FILES]


def test_no_row_is_lost_or_changed_by_opening_it(folder: Path) -> None:
    file = folder / ".playbooks" / "store.db"
    before = _rows(file)
    with Database.open(f"sqlite:///{file}") as database:
        assert database.faults() == []
    after = _rows(file)
    for name, rows in before.items():
        kept = [{column: row[column] for column in rows[0]} for row in after[name]] if rows else after[name]
        assert kept == rows, name
    assert {row["status"] for row in before["run"]} == STATES
    assert len(before["event"]) >= 2_000


def test_its_tables_are_those_of_a_new_store(folder: Path, tmp_path: Path) -> None:
    """While 0.1.0 is not released its schema may change, and the file is written anew: python tests/stores/write.py"""
    files = [folder / ".playbooks" / "store.db", tmp_path / "new.db"]
    columns = []
    for file in files:
        Database.open(f"sqlite:///{file}").close()
        with closing(sqlite3.connect(file)) as raw:
            found = raw.execute(
                'SELECT m.name, p.name, p.type, p."notnull", p.pk FROM sqlite_master m, pragma_table_info(m.name) p'
                " UNION SELECT m.name, i.name, '', 0, 0 FROM sqlite_master m, pragma_index_list(m.name) i"
                " WHERE m.type = 'table'"
            )
            columns.append(set(found))
    assert columns[0] == columns[1], "the schema changed: write the store anew with python tests/stores/write.py"


def test_the_run_that_was_killed_goes_on_and_repeats_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Simulator(seed={"alerts": [], "incidents": []}) as simulator:
        simulator.process_after(0)
        monkeypatch.setenv("TEST_OPS_KEY", simulator.key)
        (folder / "project.yml").write_text(PROJECT.format(url=simulator.url))

        async def go_on() -> tuple[list[journal.StepRow], journal.Run, list[journal.StepRow]]:
            async with Engine.open(folder, catalog=Catalog.of(connector)) as engine:
                with engine.database.reading() as connection:
                    (killed,) = journal.runs(connection, status="running")
                    before = journal.steps(connection, killed.id)
                with engine.database.transaction() as connection:
                    run = journal.claim(connection, killed.id, engine.owner, engine.clock.now(), LEASE)
                assert run is not None
                await execute(engine, run)
                with engine.database.reading() as connection:
                    ended = journal.run_by_id(connection, killed.id)
                    assert ended is not None
                    return before, ended, journal.steps(connection, killed.id)

        before, ended, after = asyncio.run(go_on())
        assert ended.status == "succeeded", ended.error
        done = [row for row in before if row.status == "succeeded"]
        assert [row.path for row in done] == ["schedules"]
        assert [row for row in after if row.path == "schedules"] == done
        assert [effect.action for effect in simulator.applied] == ["Create", "AddNote"]
        assert not [entry for entry in simulator.ledger if entry.path.startswith("/v2/schedules")]
