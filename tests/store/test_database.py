"""The store's file: made whole, kept private, shared without losing updates."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.store.database import Database


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_store_is_private_and_alone_in_its_folder(tmp_path: Path) -> None:
    with Database.open("sqlite:///.playbooks/store.db", folder=tmp_path) as database:
        assert _mode(tmp_path / ".playbooks") == 0o700
        with database.transaction() as connection:
            connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('a', 'b')")
        assert {_mode(path) for path in (tmp_path / ".playbooks").iterdir()} == {0o600}
    assert {path.name for path in (tmp_path / ".playbooks").iterdir()} == {"store.db", "store.db-mark"}


def test_an_absent_store_is_not_made_when_that_is_not_wanted(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="There is no store"):
        Database.open("sqlite:///store.db", folder=tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1), ("temp_store", 2), ("mmap_size", 0)],
)
def test_every_connection_has_the_settings(database: Database, pragma: str, value: object) -> None:
    database.write([])  # the first is to be on the disk, with the store's mark
    with database.transaction() as writing, database.reading() as reading:
        assert writing.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
        assert reading.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_only_the_service_checkpoints(file: Path) -> None:
    for checkpointing, pages in ((False, 0), (True, 1000)):
        with (
            Database.open(f"sqlite:///{file}", checkpointing=checkpointing) as database,
            database.transaction() as connection,
        ):
            assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == pages


def test_a_checkpoint_moves_the_log_into_the_file(database: Database) -> None:
    size = database.file.stat().st_size
    with database.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('a', ?)", ("x" * 100_000,))
    assert database.file.stat().st_size == size
    database.checkpoint()
    assert database.file.stat().st_size > size


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnusable, match="may only be read"), database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM run")


def test_a_reader_sees_one_moment(database: Database) -> None:
    count = "SELECT count(*) FROM playbook_text"
    with database.reading() as reading:
        assert reading.exec_driver_sql(count).scalar() == 0
        with database.transaction() as writing:
            writing.exec_driver_sql("INSERT INTO playbook_text VALUES ('a', 'b')")
        assert reading.exec_driver_sql(count).scalar() == 0
    with database.reading() as reading:
        assert reading.exec_driver_sql(count).scalar() == 1


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with suppress(ZeroDivisionError), database.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('a', 'b')")
        raise ZeroDivisionError
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM playbook_text").scalar() == 0


def test_a_transaction_inside_a_transaction_is_refused(database: Database) -> None:
    with (
        database.transaction(),
        pytest.raises(RuntimeError, match="inside a transaction"),
        database.transaction(),
    ):
        pass


@pytest.mark.parametrize("durable", [False, True])
def test_a_durable_commit_waits_for_the_disk(database: Database, durable: bool) -> None:
    pragma = "PRAGMA synchronous"
    database.write([])
    with database.transaction(durable) as connection:
        assert connection.exec_driver_sql(pragma).scalar() == (2 if durable else 1)
    with database.transaction() as connection:
        assert connection.exec_driver_sql(pragma).scalar() == 1


def test_threads_read_while_one_writes(database: Database) -> None:
    seen: list[int] = []

    def read() -> None:
        with database.reading() as connection:
            seen.append(connection.exec_driver_sql("SELECT count(*) FROM run").scalar_one())

    with database.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('a', 'b')")
        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == [0] * 8


def test_a_locked_store_is_busy_and_works_again_afterwards(file: Path) -> None:
    with Database.open(f"sqlite:///{file}", busy_timeout=timedelta(seconds=0.2)) as database:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy, match="locked by another process"), database.transaction():
                pass
            with pytest.raises(StoreBusy, match="locked by another process"):
                database.write([("DELETE FROM lease", [()], False)])
        with database.transaction() as connection:
            connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('a', 'b')")


def test_the_impatient_are_told_at_once_that_the_store_is_locked(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database, closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreBusy, match="locked by another process"), database.transaction(patient=False):
            pass
        assert time.monotonic() - began < 1
        other.execute("ROLLBACK")
        with database.transaction(patient=False) as connection:
            connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('a', 'b')")


def test_the_impatient_do_not_wait_behind_a_thread_that_waits_patiently(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database, closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        patient = threading.Thread(target=lambda: database.write([("DELETE FROM lease", [()], False)]))
        patient.start()
        began = time.monotonic()
        with pytest.raises(StoreBusy, match="locked by another process"), database.transaction(patient=False):
            pass
        with pytest.raises(StoreBusy, match="locked by another process"):
            database.write([("DELETE FROM lease", [()], False)], patient=False)
        assert time.monotonic() - began < 2
        other.execute("ROLLBACK")
        patient.join()
        with database.transaction(patient=False) as connection:
            connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('a', 'b')")


def test_a_store_that_vanished_is_not_replaced(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database:
        file.unlink()
        with suppress(StoreUnusable), database.reading() as connection:
            connection.exec_driver_sql("SELECT 1 FROM run")
        assert not file.exists()


def test_a_full_disk_is_told_and_loses_nothing_stored(database: Database) -> None:
    insert = "INSERT INTO playbook_text VALUES (?, ?)"
    with database.transaction() as connection:
        connection.exec_driver_sql(insert, ("kept", "text"))
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with database.transaction() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
    with pytest.raises(StoreUnusable, match="the disk is full"), database.transaction() as connection:
        connection.exec_driver_sql(insert, ("lost", "x" * 100_000))
    with database.transaction() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        assert connection.exec_driver_sql("SELECT digest FROM playbook_text").scalars().all() == ["kept"]
        connection.exec_driver_sql(insert, ("again", "x" * 100_000))


COUNT_UP = """
import sys
from playbooks_engine.store.database import Database
with Database.open("sqlite:///" + sys.argv[1]) as database:
    for _ in range(100):
        with database.transaction() as connection:
            (number,) = connection.exec_driver_sql("SELECT fence FROM lease WHERE name = 'count'").one()
            connection.exec_driver_sql("UPDATE lease SET fence = ? WHERE name = 'count'", (number + 1,))
"""


def test_processes_that_read_then_write_lose_no_update(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database, database.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO lease (name, fence) VALUES ('count', 0)")
    counters = [subprocess.Popen([sys.executable, "-c", COUNT_UP, str(file)]) for _ in range(3)]
    assert [counter.wait(60) for counter in counters] == [0, 0, 0]
    with Database.open(f"sqlite:///{file}") as database, database.reading() as connection:
        assert connection.exec_driver_sql("SELECT fence FROM lease WHERE name = 'count'").scalar() == 300


WRITE_ON = """
import sys
from playbooks_engine.store.database import Database
with Database.open("sqlite:///" + sys.argv[1]) as database:
    number = 0
    while True:
        with database.transaction() as connection:
            for half in "ab":
                connection.exec_driver_sql("INSERT INTO playbook_text VALUES (?, ?)", (f"{number}{half}", "x" * 500))
        print(number, flush=True)
        number += 1
"""


def test_a_killed_writer_loses_nothing_it_had_committed(file: Path) -> None:
    for _ in range(2):
        with Database.open(f"sqlite:///{file}") as database, database.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM playbook_text")
        writer = subprocess.Popen([sys.executable, "-c", WRITE_ON, str(file)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        with writer.stdout:
            said = [writer.stdout.readline() for _ in range(50)]
            os.kill(writer.pid, signal.SIGKILL)
            said += writer.stdout.readlines()
        writer.wait()
        acknowledged = int([line for line in said if line.endswith("\n")][-1])
        with Database.open(f"sqlite:///{file}") as database, database.reading() as connection:
            digests = set(connection.exec_driver_sql("SELECT digest FROM playbook_text").scalars())
            assert database.faults() == []
        assert {f"{number}{half}" for number in range(acknowledged + 1) for half in "ab"} <= digests
        assert len(digests) % 2 == 0


def test_a_plain_fault_of_ours_is_not_dressed_up(database: Database) -> None:
    with pytest.raises(OperationalError), database.reading() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
