"""What can go wrong with a store, told so that a person knows what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from playbooks_engine.errors import EngineError, StoreBusy, StoreUnusable


class LeaseLost(EngineError):
    """Another process has taken this over; what was under way here must not be recorded any more."""


class StoreFull(StoreUnusable):
    """The disk of the store is full."""


def damaged(file: Path, why: str) -> StoreUnusable:
    return StoreUnusable(
        f"The store {file} is damaged: {why}.",
        hint=f"Nothing was changed. Put a backup in its place: playbooks restore FILE. To begin with an empty store, "
        f"move {file.name} away, with its -wal file.",
    )


def is_full(error: sqlite3.Error) -> bool:
    """Whether that is what a full disk leads to."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


def busy(file: Path) -> StoreUnusable:
    kind, message, hint = _CODES[sqlite3.SQLITE_BUSY]
    return kind(message.format(file=file), hint=hint.format(file=file))


_CODES: dict[int, tuple[type[StoreUnusable], str, str]] = {
    sqlite3.SQLITE_BUSY: (
        StoreBusy,
        "The store {file} is locked by another process.",
        "Nothing was recorded. Try again when the other process is done; `fuser {file}` shows who has it open.",
    ),
    sqlite3.SQLITE_FULL: (
        StoreFull,
        "The store {file} cannot grow: the disk is full.",
        "Nothing is lost that was recorded before. Make room and try again.",
    ),
    sqlite3.SQLITE_IOERR: (
        StoreUnusable,
        "The store {file} cannot be read or written: the disk reports an error ({why}).",
        "Look at the disk; keep the store on a local one.",
    ),
    sqlite3.SQLITE_READONLY: (
        StoreUnusable,
        "The store {file} may only be read.",
        "Its file and its folder must be writable for the user who runs this.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreUnusable,
        "The store {file} cannot be opened.",
        "Its file and its folder must be readable and writable for the user who runs this.",
    ),
}
_CODES[sqlite3.SQLITE_LOCKED] = _CODES[sqlite3.SQLITE_BUSY]
_CODES[sqlite3.SQLITE_PROTOCOL] = _CODES[sqlite3.SQLITE_BUSY]
_CODES[sqlite3.SQLITE_PERM] = _CODES[sqlite3.SQLITE_CANTOPEN]


def told(error: sqlite3.Error, file: Path) -> StoreUnusable | None:
    """The same failure in the user's words; None when it is a fault of ours and deserves its traceback."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the number only refines it
    # Every statement is tried against the whole schema by the tests: what is missing, or no JSON,
    # was harmed in the file.
    gone = code == sqlite3.SQLITE_ERROR and str(error).startswith(("no such column", "no such table", "malformed JSON"))
    if gone or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "decode to UTF-8" in str(error):
        return damaged(file, str(error))
    if code not in _CODES:
        return None
    kind, message, hint = _CODES[code]
    return kind(message.format(file=file, why=error), hint=hint.format(file=file))


@contextmanager
def telling(file: Path) -> Iterator[None]:
    """Failures of the database inside come out as StoreUnusable and StoreBusy."""
    try:
        yield
    except DBAPIError as error:
        failure = told(error.orig, file) if isinstance(error.orig, sqlite3.Error) else None
        if failure is None:
            raise
        raise failure from error
    except sqlite3.Error as error:
        failure = told(error, file)
        if failure is None:
            raise
        raise failure from error
    except UnicodeDecodeError as error:  # whatever we wrote is UTF-8
        raise damaged(file, str(error)) from error
