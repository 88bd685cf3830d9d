"""Failures of SQLite in the user's words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.store.failures import telling, told

FILE = Path("/somewhere/store.db")


def _error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("because")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_IOERR_FSYNC, "the disk reports an error"),
        (sqlite3.SQLITE_READONLY, "may only be read"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_CORRUPT_VTAB, "is damaged"),
        (sqlite3.SQLITE_NOTADB, "is damaged"),
    ],
)
def test_each_failure_names_the_file_and_what_to_do(code: int, words: str) -> None:
    failure = told(_error(code), FILE)
    assert isinstance(failure, StoreUnusable)
    assert words in failure.message
    assert str(FILE) in failure.message
    assert failure.hint


def test_a_locked_store_is_busy() -> None:
    assert isinstance(told(_error(sqlite3.SQLITE_BUSY_SNAPSHOT), FILE), StoreBusy)


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(sqlite3.OperationalError), telling(FILE):
        sqlite3.connect(":memory:").execute("SELEKT")


@pytest.mark.parametrize("statement", ["SELECT gone FROM sqlite_master", "SELECT * FROM gone"])
def test_a_column_or_table_that_is_gone_was_harmed(statement: str) -> None:
    """A flipped bit in the page that holds the schema reads as another name."""
    with pytest.raises(StoreUnusable, match="is damaged"), telling(FILE):
        sqlite3.connect(":memory:").execute(statement)


def test_text_that_is_no_text_was_harmed() -> None:
    with pytest.raises(StoreUnusable, match="is damaged"), telling(FILE):
        b"\xe1\x01".decode()
