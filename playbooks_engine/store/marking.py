"""The mark beside a store: by it a store whose log went missing, or that an older copy replaced, is recognised.

While a store is used its newest rows stand in its log (`store.db-wal`), and the file alone does not say that it lacks
them. So the store counts (`PRAGMA user_version`): each process with its first write, and the service after each move
of the log into the file. The count is written to the disk with the rows, and then beside the store, in
`store.db-mark`. A store that counts less than its mark has lost something.

Seen is a loss that takes a count with it: all a process wrote since it opened the store, all since the service moved
the log last. Not seen is a log that is cut behind its last count, and any loss where the mark is gone too. A log that
another program moved into the file, as `sqlite3` does when it ends, is no loss and is not taken for one.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from playbooks_engine.errors import StoreUnusable

log = logging.getLogger(__name__)

_REPLACING = "replacing"


def mark_of(file: Path) -> Path:
    return Path(f"{file}-mark")


class Mark:
    """The count of one open store. Used under the lock of its writer."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._count = 0
        self.due = True
        """Whether the next transaction is to count; it must be a durable one."""

    def count(self, raw: sqlite3.Connection) -> None:
        """Count, in the transaction that is open."""
        self._count = counted(raw) + 1
        raw.execute(f"PRAGMA user_version={self._count}")

    def keep(self) -> None:
        """Write the count down beside the store; the transaction is on the disk."""
        self.due = False
        try:
            _write(self._file, str(self._count))
        except OSError as error:
            # The mark then tells less than it could; what was just stored is stored all the same.
            log.warning("The mark of the store %s cannot be written: %s", self._file, error.strerror)


def refuse_half(file: Path) -> None:
    """Raises StoreUnusable for a store that was being replaced when the process died, or whose log stands alone."""
    if _said(file) == _REPLACING:
        raise StoreUnusable(
            f"The store {file} was being replaced by a copy when the process ended.",
            hint="Do it again: playbooks restore FILE. What was there before stands beside it, as "
            f"{file.name}.before-restore-*",
        )
    left = Path(f"{file}-wal")
    if not file.exists() and left.exists() and left.stat().st_size:
        raise StoreUnusable(
            f"The store {file} is missing, and its log {left.name} is there.",
            hint="Nothing was changed. Put the store back beside its log, or a backup in its place: "
            "playbooks restore FILE. To begin with an empty store, move the log away.",
        )


def told(file: Path) -> int:
    """What the mark says; read it before the store, which may go on counting meanwhile. 0 where there is none."""
    said = _said(file)
    return int(said) if said.isdecimal() else 0


def counted(raw: sqlite3.Connection) -> int:
    (count,) = raw.execute("PRAGMA user_version").fetchone()
    return int(count)


def refuse_older(raw: sqlite3.Connection, file: Path, said: int) -> None:
    """Raises StoreUnusable for a store that has not counted as far as its mark says."""
    if counted(raw) < said:
        raise StoreUnusable(
            f"The store {file} is older than what was written to it last: its log {file.name}-wal is missing or cut "
            "off, or an older copy was put in its place.",
            hint="Nothing was changed. Put the log back beside it, or a backup in its place: playbooks restore FILE. "
            f"To go on with what there is, remove {mark_of(file)}",
        )


def say_replacing(file: Path) -> None:
    """From now on the store is refused, until `forget`."""
    _write(file, _REPLACING, durable=True)


def forget(file: Path) -> None:
    """The store begins anew, or is another one now: nothing is known of it."""
    mark_of(file).unlink(missing_ok=True)


def _said(file: Path) -> str:
    with suppress(OSError, UnicodeError):
        return mark_of(file).read_text(encoding="ascii").strip()
    return ""


def _write(file: Path, text: str, *, durable: bool = False) -> None:
    draft = file.with_name(f".{file.name}-mark.new-{os.getpid()}")
    handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        os.write(handle, text.encode())
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(mark_of(file))
