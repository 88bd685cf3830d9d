"""The store's file: opened, checked and migrated; one writing connection, readers beside it."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.store import location, marking, migrating, soundness
from playbooks_engine.store.failures import LeaseLost, StoreFull, busy, is_full, telling, told
from playbooks_engine.store.room import Room

log = logging.getLogger(__name__)

BUSY_TIMEOUT = timedelta(seconds=40)
"""How long a store that another process locks is waited for: one of thirty seconds is no error to anybody."""
PATIENCE = 0.1
"""Seconds the writing connection waits at a time while another process writes."""

Write = tuple[str, Sequence[Sequence[Any]], bool]
"""A statement's text, its rows, and whether a row left out means that a lease was lost."""


class Database:
    """An open store. `transaction()` writes, `reading()` reads; both give an SQLAlchemy connection.

    There is one writing connection, kept open and lent to one thread at a time; reading connections come from a
    small pool and may be used from any thread while a transaction runs.
    """

    def __init__(self, file: Path, *, checkpointing: bool, busy_timeout: timedelta) -> None:
        self.file = file
        self._checkpointing = checkpointing
        self._busy = busy_timeout.total_seconds()
        self.patience = min(PATIENCE, self._busy)
        self._patient = True
        self._engine = _engine(file, self._prepare, lambda: self._begin(self._patient))
        self._lock = threading.RLock()
        self._mark = marking.Mark(file)
        self.room = Room(file)
        self._writer, self._raw = self._open_writer()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        folder: Path | None = None,
        create: bool = True,
        checkpointing: bool = False,
        busy_timeout: timedelta = BUSY_TIMEOUT,
    ) -> Database:
        """Open the store at `url` (relative to `folder`), made first when it is absent and `create` says so.

        `checkpointing` is for the service alone: one process moves the log into the file, the others never do.
        """
        file = location.file_of(url, folder or Path())
        marking.refuse_half(file)
        if not file.exists():
            if not create:
                raise StoreUnusable(f"There is no store at {file} yet.", hint="Any run or fetch makes it.")
            marking.forget(file)
            location.make(file, _fill)
        said = marking.told(file)
        soundness.look(file)
        with closing(connect(file, busy_timeout)) as raw:
            soundness.check(raw, file)
            marking.refuse_older(raw, file, said)
        if checkpointing:
            location.sweep(file)
        database = cls(file, checkpointing=checkpointing, busy_timeout=busy_timeout)
        try:
            database._bring_up_to_date()
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def transaction(self, durable: bool = False, *, patient: bool = True) -> Iterator[Connection]:
        """All of it or nothing. With `durable` it is on the disk, not only with the system, when this returns.

        On an event loop, be impatient: StoreBusy then comes after a moment, before anything was done, so that the loop
        can go on and try again. Patience is BUSY_TIMEOUT, and the whole loop would stand still for it.
        """
        self._take(patient)
        try:
            with telling(self.file):
                self._refuse_nesting()
                self._patient = patient
                with self._counted(durable), self._writer.begin():
                    if self._mark.due:
                        self._mark.count(self._raw)
                    yield self._writer
        except StoreFull:
            self.room.give_up()  # whoever tries again finds room for it
            raise
        finally:
            self._lock.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment of the store, however long the reading takes; nothing can be written."""
        with telling(self.file), self._engine.connect() as connection:
            yield connection

    def write(self, batch: Iterable[Write], durable: bool = False, *, patient: bool = True) -> None:
        """Write rows of prepared statements in one transaction; the short way, for the hot paths.

        LeaseLost when a guarded statement left a row out; then nothing is written. Without patience StoreBusy comes
        after a moment, so that an event loop can go on and try again.
        """
        rows = list(batch)
        self._take(patient)
        try:
            self._refuse_nesting()
            try:
                self._write(rows, durable, patient)
            except sqlite3.OperationalError as error:
                if not is_full(error) or not self.room.give_up():
                    raise
                self._write(rows, durable, patient)
        except sqlite3.Error as error:
            failure = told(error, self.file)
            if failure is None:
                raise
            raise failure from error
        finally:
            self._lock.release()

    def _write(self, batch: Iterable[Write], durable: bool, patient: bool) -> None:
        raw = self._raw
        with self._counted(durable):
            try:
                self._begin(patient)
                if self._mark.due:
                    self._mark.count(raw)
                for sql, rows, guarded in batch:
                    if raw.executemany(sql, rows).rowcount < len(rows) and guarded:
                        raise LeaseLost
                raw.execute("COMMIT")
            finally:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")

    @contextmanager
    def _counted(self, durable: bool) -> Iterator[None]:
        """Around one transaction: on the disk at its end when that is asked, or when the store counts with it."""
        counting = self._mark.due
        durable = durable or counting
        if durable:
            self._raw.execute("PRAGMA synchronous=FULL")
        try:
            yield
            if counting:
                self._mark.keep()
        finally:
            if durable:
                self._raw.execute("PRAGMA synchronous=NORMAL")

    def _take(self, patient: bool) -> None:
        # A thread may hold the writer while it waits patiently for another process.
        if not self._lock.acquire(timeout=-1 if patient else self.patience):
            raise busy(self.file)

    def _begin(self, patient: bool) -> None:
        # The writer waits `patience` at a time; SQLite's own waiting cannot be shortened for one statement.
        for attempt in count(1):
            try:
                self._raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or not patient or attempt * self.patience >= self._busy:
                    raise
            else:
                return

    def _refuse_nesting(self) -> None:
        if self._writer.in_transaction():
            raise RuntimeError("a transaction was begun inside a transaction")

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    def checkpoint(self) -> None:
        """Move what the log holds into the file, as far as readers allow. Only the service does this.

        Then the store counts, in its log: a log that goes missing after this is missed.
        """
        with self._lock, telling(self.file):
            self._raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._mark.due = True
        self.write([])

    def look_for_room(self) -> bool:
        """Make the spare file where it can be made, and see whether a full disk has room again; only the service does.

        False while there is no room; whatever is new is refused until then.
        """
        if not self.room.make():
            return not self.room.full
        if self.room.full and self._grows():
            self.room.full = False
            log.info("there is room on the disk of the store again: %s", self.file)
        return not self.room.full

    def _grows(self) -> bool:
        # Undone each time: whether it would be stored is all that is asked.
        class Undone(Exception):
            pass

        try:
            with self.transaction(patient=False) as connection:
                connection.exec_driver_sql("INSERT INTO playbook_text VALUES ('', zeroblob(65536))")
                raise Undone
        except Undone:
            return True
        except StoreUnusable:
            return False

    def faults(self) -> list[str]:
        """What is wrong with the file, read whole; nothing when it is sound."""
        with telling(self.file), closing(connect(self.file)) as raw:
            return soundness.faults_of(raw)

    def close(self) -> None:
        with self._lock:
            self._writer.close()
            self._raw.close()
            self._engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            found = migrating.revision(connection)
        if found == migrating.HEAD:
            return
        migrating.refuse_newer(found, self.file)
        with self.transaction(durable=True) as connection:
            # Another process may have been faster between the look above and this lock, under which nobody writes.
            if migrating.revision(connection) != migrating.HEAD:
                migrating.copy(self.file)
                migrating.upgrade(connection)

    def _prepare(self, raw: sqlite3.Connection) -> None:
        raw.execute(f"PRAGMA busy_timeout={int(self._busy * 1000)}")
        raw.execute("PRAGMA synchronous=NORMAL")
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA temp_store=MEMORY")
        raw.execute("PRAGMA mmap_size=0")  # the WAL-reset bug of SQLite < 3.51.3 is worse with it
        raw.execute("PRAGMA query_only=ON")
        raw.execute(f"PRAGMA wal_autocheckpoint={1000 if self._checkpointing else 0}")

    def _open_writer(self) -> tuple[Connection, sqlite3.Connection]:
        with telling(self.file):
            writer = self._engine.connect().execution_options(writing=True)
            raw = writer.connection.driver_connection
            writer.detach()  # never back to the readers' pool
            assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - tells the type checker
            raw.execute("PRAGMA query_only=OFF")
            raw.execute(f"PRAGMA busy_timeout={int(self.patience * 1000)}")
        return writer, raw


def connect(file: Path, busy_timeout: timedelta = BUSY_TIMEOUT) -> sqlite3.Connection:
    """A plain connection to a store that is there.

    Raises StoreUnusable where it cannot be opened.
    """
    # rw, not rwc: a file that vanished is an error and never an empty store in its place.
    address = f"{file.absolute().as_uri()}?mode=rw"
    with telling(file):
        return sqlite3.connect(
            address,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=busy_timeout.total_seconds(),
        )


def _engine(
    file: Path, prepare: Callable[[sqlite3.Connection], None], begin_writing: Callable[[], None] | None = None
) -> Engine:
    def prepared() -> sqlite3.Connection:
        raw = connect(file)
        prepare(raw)
        return raw

    engine = create_engine(
        "sqlite://", creator=prepared, poolclass=QueuePool, pool_size=4, max_overflow=32, pool_use_lifo=True
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # sqlite3 by itself begins too late, and reads that turn into writes would lose updates.
        if not connection.get_execution_options().get("writing"):
            connection.exec_driver_sql("BEGIN")
        elif begin_writing is None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            begin_writing()

    return engine


def _fill(draft: Path) -> None:
    with closing(connect(draft)) as raw:
        raw.execute(f"PRAGMA application_id={soundness.APPLICATION_ID}")

    def prepare(raw: sqlite3.Connection) -> None:
        raw.execute("PRAGMA synchronous=FULL")

    engine = _engine(draft, prepare)
    try:
        with telling(draft):
            with engine.connect().execution_options(writing=True) as connection, connection.begin():
                migrating.upgrade(connection)
            with closing(connect(draft)) as raw:
                raw.execute("PRAGMA journal_mode=WAL")
    finally:
        engine.dispose()
