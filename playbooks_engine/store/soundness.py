"""Is this file a whole store of ours? A damaged one is refused, and never replaced by an empty one.

What can be seen: SQLite keeps no checksum of its pages, so a look through the file (integrity_check) finds what breaks
its structure: a head, a page, a row, a key that cannot be, a file that is cut off. A bit that turns inside a text or a
number is not found by it; that value is then wrong, and nothing beside it. Of these, a time or a JSON that cannot be
read is told when it is read, and contents of events and texts of playbooks are compared with their sha256 by `playbooks
doctor`. The log has checksums: what follows damage in it is left out by SQLite, whole transactions at a time, and
`marking` tells when that takes too much.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.store.failures import damaged, telling

APPLICATION_ID = 0x504C4259
"""PRAGMA application_id of a store: the letters PLBY."""

_MAGIC = b"SQLite format 3\x00"
_SMALL = 4 * 1024 * 1024
"""Up to this size the whole file is checked each time it is opened: a few milliseconds."""


def look(file: Path) -> None:
    """What the first hundred bytes and the length tell, without opening it as a database."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            head = opened.read(100)
    except OSError as error:
        raise StoreUnusable(f"The store {file} cannot be read: {error.strerror}.") from error
    if not size:
        raise damaged(file, "the file is empty (0 bytes), which no store ever is")
    if not head.startswith(_MAGIC):
        raise StoreUnusable(
            f"The store {file} is not a store: it is not an SQLite file.",
            hint="Nothing was changed. Correct `store:` in project.yml, put a copy of the store back in its place, "
            "or move the file away.",
        )
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    log = Path(f"{file}-wal")
    # While there is a log the newest pages may be in it, and the file may be shorter than its head says.
    if (not log.exists() or not log.stat().st_size) and size < page * pages:
        raise damaged(file, f"it is cut off; {size} of {page * pages} bytes are there")


def check(connection: sqlite3.Connection, file: Path, *, whole: bool | None = None) -> None:
    """That it is ours, and sound: all of it when it is small (or when asked), else its head and its tables."""
    with telling(file):
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if application != APPLICATION_ID or "alembic_version" not in tables:
            raise StoreUnusable(
                f"The store {file} is an SQLite file of something else.",
                hint="Nothing was changed. Correct `store:` in project.yml, or move the file away.",
            )
        if whole or (whole is None and file.stat().st_size <= _SMALL):
            faults = faults_of(connection)
            if faults:
                raise damaged(file, faults[0])


def faults_of(connection: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with the whole file; nothing when it is sound."""
    try:
        lines = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        return [str(error)]  # too damaged even to be checked
    return [] if lines == ["ok"] else lines
