"""A store that lacks what was written last is refused; one whose log another program moved into it is not."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.store import marking
from playbooks_engine.store.database import Database, connect

WRITE_AND_DIE = """
import os, signal, sys
from playbooks_engine.store.database import Database
database = Database.open("sqlite:///" + sys.argv[1])
with database.transaction() as connection:
    connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('acknowledged', '')")
os.kill(os.getpid(), signal.SIGKILL)
"""


def _killed(file: Path) -> Path:
    """A store whose writer was killed; returns its log."""
    ended = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(file)], check=False)
    assert ended.returncode == -signal.SIGKILL
    log = Path(f"{file}-wal")
    assert log.stat().st_size
    return log


def _texts(file: Path) -> list[str]:
    with Database.open(f"sqlite:///{file}") as database, database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT digest FROM playbook_text").scalars())


def test_a_store_whose_log_went_missing_is_refused_by_name(file: Path) -> None:
    _killed(file).unlink()
    Path(f"{file}-shm").unlink()
    before = file.read_bytes()
    with pytest.raises(StoreUnusable, match="is missing or cut off") as refused:
        Database.open(f"sqlite:///{file}")
    assert str(file) in refused.value.message
    assert "playbooks restore FILE" in (refused.value.hint or "")
    assert file.read_bytes() == before


def test_a_store_whose_log_was_cut_before_the_last_count_is_refused(file: Path) -> None:
    log = _killed(file)
    os.truncate(log, 32)
    Path(f"{file}-shm").unlink()
    with pytest.raises(StoreUnusable, match="is missing or cut off"):
        Database.open(f"sqlite:///{file}")


def test_an_older_copy_in_the_place_of_a_store_is_refused_until_the_mark_is_removed(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path / "older.db")
    with Database.open(f"sqlite:///{file}") as database:
        database.write([])
    shutil.copy(tmp_path / "older.db", file)
    with pytest.raises(StoreUnusable, match="is older than what was written to it last"):
        Database.open(f"sqlite:///{file}")
    marking.mark_of(file).unlink()
    Database.open(f"sqlite:///{file}").close()


def test_a_killed_writer_is_no_reason_to_refuse(file: Path) -> None:
    _killed(file)
    assert _texts(file) == ["acknowledged"]


def test_a_log_that_another_program_moved_into_the_file_is_not_missed(file: Path) -> None:
    log = _killed(file)
    with closing(sqlite3.connect(file)) as other:
        other.execute("SELECT count(*) FROM run").fetchone()
    assert not log.exists()
    assert _texts(file) == ["acknowledged"]


def test_a_log_that_goes_missing_after_the_service_moved_it_is_missed(file: Path) -> None:
    program = WRITE_AND_DIE.replace("os.kill(", "database.checkpoint(); os.kill(")
    assert subprocess.run([sys.executable, "-c", program, str(file)], check=False).returncode == -signal.SIGKILL
    Path(f"{file}-wal").unlink()
    Path(f"{file}-shm").unlink()
    with pytest.raises(StoreUnusable, match="is missing or cut off"):
        Database.open(f"sqlite:///{file}")


def test_a_store_counts_once_a_process_and_again_after_each_checkpoint(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database, closing(connect(file)) as raw:
        assert marking.counted(raw) == 0
        for _ in range(3):
            database.write([])
            with database.transaction():
                pass
        assert marking.counted(raw) == marking.told(file) == 1
        database.checkpoint()
        assert marking.counted(raw) == marking.told(file) == 2


def test_the_count_is_on_the_disk_before_the_mark_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Database.open(f"sqlite:///{file}") as database:
        said: list[str] = []
        database._raw.set_trace_callback(said.append)
        keep = marking.Mark.keep
        monkeypatch.setattr(marking.Mark, "keep", lambda mark: (said.append("mark"), keep(mark)))
        database.write([])
    assert said.index("PRAGMA synchronous=FULL") < said.index("COMMIT") < said.index("mark")


def test_a_transaction_that_fails_does_not_move_the_mark(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database:
        with pytest.raises(ZeroDivisionError), database.transaction():
            raise ZeroDivisionError
        assert marking.told(file) == 0
        database.write([])
        assert marking.told(file) == 1
    Database.open(f"sqlite:///{file}").close()


def test_a_log_without_its_store_is_refused_and_no_empty_store_is_laid_beside_it(file: Path) -> None:
    log = _killed(file)
    file.unlink()
    before = log.read_bytes()
    with pytest.raises(StoreUnusable, match="is missing, and its log"):
        Database.open(f"sqlite:///{file}")
    assert not file.exists()
    assert log.read_bytes() == before


def test_who_moves_a_store_away_begins_with_an_empty_one(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database:
        database.write([])
    file.unlink()
    assert _texts(file) == []


def test_a_mark_that_says_nothing_is_none(file: Path) -> None:
    marking.mark_of(file).write_bytes(b"\xff\xfe nonsense")
    assert marking.told(file) == 0
    Database.open(f"sqlite:///{file}").close()


def test_a_mark_that_cannot_be_written_costs_no_row(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    marking.mark_of(file).mkdir()
    with Database.open(f"sqlite:///{file}") as database, database.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('kept', '')")
    assert _texts(file) == ["kept"]
    assert "cannot be written" in caplog.text
