"""From one schema to the next: all of it or nothing, and never back."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.faults import FaultRaised
from playbooks_engine.store import migrating
from playbooks_engine.store.database import Database
from playbooks_engine.store.tables import metadata

EVERY = bool(os.environ.get("PLAYBOOKS_NIGHTLY"))


def _words(file: Path) -> dict[str, str]:
    """What each table and index was made with, comments included."""
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
    with closing(sqlite3.connect(file)) as connection:
        return {name: " ".join(sql.replace(",", " , ").split()) for name, sql in connection.execute(query)}


def test_the_migrations_make_what_the_tables_say(file: Path, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/tables.db")
    metadata.create_all(engine)
    engine.dispose()
    assert _words(file) == _words(tmp_path / "tables.db")


def test_the_head_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", "playbooks_engine.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrating.HEAD]


def test_the_file_explains_itself(file: Path) -> None:
    assert "/* one of" not in _words(file)["run"]
    assert "/* counts up at each claim; a row written with an older number is refused */" in _words(file)["run"]


def test_a_store_of_a_newer_version_is_refused(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(StoreUnusable, match="written by a newer version") as refused:
        Database.open(f"sqlite:///{file}")
    assert "pip install --upgrade" in (refused.value.hint or "")
    assert file.read_bytes() == before


def test_alembic_is_not_imported_when_there_is_nothing_to_do(file: Path) -> None:
    program = (
        "import sys; from playbooks_engine.store.database import Database; "
        f"Database.open('sqlite:///{file}').close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


MAKE = """
import sys
from playbooks_engine.store.database import Database
Database.open("sqlite:///" + sys.argv[1]).close()
"""
MAKE_UP_TO_DATE = """
import sys
from sqlalchemy import event
from playbooks_engine.faults import fault
from playbooks_engine.store import database, migrating

# A second schema that does not exist yet: two statements on top of the first, run as a script would be.
migrating.HEAD = "0002"

def upgrade(connection):
    event.listen(connection, "before_cursor_execute", lambda *_: fault("migration_statement"))
    connection.exec_driver_sql("ALTER TABLE lease ADD COLUMN extra TEXT")
    connection.exec_driver_sql("CREATE TABLE extra (id INTEGER)")
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")

migrating.upgrade = upgrade
database.Database.open("sqlite:///" + sys.argv[1]).close()
"""


def _killed_at(statement: int, program: str, file: Path) -> bool:
    faults = {**os.environ, "PLAYBOOKS_FAULTS": f"migration_statement:{statement}:kill"}
    ended = subprocess.run([sys.executable, "-c", program, str(file)], env=faults, check=False)
    assert ended.returncode in (0, -signal.SIGKILL)
    return ended.returncode != 0


@pytest.mark.parametrize("statement", range(1, 37) if EVERY else [1, 2, 17, 36])
def test_a_store_killed_while_it_is_made_does_not_exist(tmp_path: Path, statement: int) -> None:
    file = tmp_path / "store.db"
    assert _killed_at(statement, MAKE, file)
    assert not file.exists()
    with Database.open(f"sqlite:///{file}") as database:
        assert database.faults() == []


def test_a_store_that_fails_at_any_statement_while_it_is_made_does_not_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 0

    def fault(point: str) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise FaultRaised(point)

    monkeypatch.setattr(migrating, "fault", fault)
    for statement in count(1):
        left = statement
        with suppress(FaultRaised):
            Database.open("sqlite:///store.db", folder=tmp_path).close()
            break
        assert list(tmp_path.iterdir()) == []
    assert statement > 36


def test_a_store_killed_while_it_is_upgraded_is_the_old_one(file: Path) -> None:
    old = _words(file)
    statement = 1
    while _killed_at(statement, MAKE_UP_TO_DATE, file):
        assert _words(file) == old
        statement += 1
    assert statement == 4
    assert _words(file) != old
    assert "extra" in _words(file)


def test_a_copy_is_made_before_an_upgrade(file: Path) -> None:
    old = _words(file)
    subprocess.run([sys.executable, "-c", MAKE_UP_TO_DATE, str(file)], check=True)
    copy = file.with_name("store.db.before-0002")
    assert _words(copy) == old
    assert copy.stat().st_mode & 0o777 == 0o600


def test_the_copy_is_of_the_moment_of_the_upgrade_although_one_was_made_before(file: Path) -> None:
    assert _killed_at(2, MAKE_UP_TO_DATE, file)
    with Database.open(f"sqlite:///{file}") as database, database.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('written since', '')")
    assert not _killed_at(99, MAKE_UP_TO_DATE, file)
    with closing(sqlite3.connect(file.with_name("store.db.before-0002"))) as copy:
        assert copy.execute("SELECT digest FROM playbook_text").fetchall() == [("written since",)]


def test_no_row_is_lost_by_an_upgrade(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database, database.transaction() as connection:
        for number in range(100):
            connection.exec_driver_sql("INSERT INTO playbook_text VALUES (?, 'x')", (str(number),))
    assert not _killed_at(99, MAKE_UP_TO_DATE, file)
    with closing(sqlite3.connect(file)) as upgraded:
        assert upgraded.execute("SELECT count(*) FROM playbook_text").fetchone() == (100,)
