"""Group commit: what is written in one turn of the event loop is committed together.

A step waits for its own row to be stored before the next one begins. Alone that costs a commit a step; when many runs
go on at once, all that was ready in one turn of the loop shares one commit. It happens on the loop's own thread: a
hand-over to a writer thread cost a quarter of the speed on SQLite.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from types import coroutine
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.sql.expression import ClauseElement

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.store.database import BUSY_TIMEOUT, Database, Write
from playbooks_engine.store.prepared import Prepared

log = logging.getLogger(__name__)

Task = asyncio.Task[Any] | None

ALONE_AFTER = 8
"""So many commits in a row with rows of one task only, and that task commits at once, saving a turn of the loop."""

AGAIN_AFTER = 0.05
"""Seconds until a store that another process holds is tried again."""


@dataclass(slots=True)
class _Batch:
    """What goes into one commit: rows by statement, in order of first appearance, and who waits for them."""

    rows: dict[ClauseElement, list[Mapping[str, Any]]] = field(default_factory=dict)
    tasks: dict[ClauseElement, list[Task]] = field(default_factory=dict)
    guarded: set[ClauseElement] = field(default_factory=set)
    waiters: list[tuple[Task, asyncio.Future[None]]] = field(default_factory=list)
    durable: bool = False


class Gathering:
    """Rows on their way into the store.

    Every statement takes one row, and may be repeated or reordered against other statements of the same turn: rows
    go in grouped by statement. A row belongs to the task that added it: when it is refused, that task is told at its
    next `committed()`, and the rows of others are kept. When nothing of a turn could be stored, every task with a row
    in it is told. A row that no task added, such as one of a callback, is told of at the next `flush()`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch = _Batch()
        self._prepared: dict[ClauseElement, Prepared] = {}
        self._scheduled: asyncio.AbstractEventLoop | None = None
        self._lost: WeakKeyDictionary[asyncio.Task[Any], Exception] = WeakKeyDictionary()
        self._lost_outside: Exception | None = None
        self._last: Task = None
        self._alone = 0
        self._tries = 0

    def add(self, statement: ClauseElement, row: Mapping[str, Any], *, guarded: bool = False) -> None:
        """Gather a row; it is committed at the end of this turn of the loop, awaited or not.

        `guarded`: the statement writes nothing when the row's fence is old, which is LeaseLost.
        """
        batch = self._batch
        task = _current()
        if task is not self._last:
            self._last = task
            self._alone = 0
        rows = batch.rows.get(statement)
        if rows is None:
            batch.rows[statement] = [row]
            batch.tasks[statement] = [task]
            if guarded:
                batch.guarded.add(statement)
        else:
            rows.append(row)
            batch.tasks[statement].append(task)
        self._schedule()

    async def committed(self, durable: bool = False) -> None:
        """Return when all gathered so far is stored (`durable`: and on the disk); raise what kept it from that."""
        task = _current()
        self._raise_earlier(task)
        batch = self._batch
        if not batch.rows:
            return
        batch.durable |= durable
        future = asyncio.get_running_loop().create_future()
        batch.waiters.append((task, future))
        if self._alone >= ALONE_AFTER and task is self._last and len(batch.waiters) == 1 and not self._tries:
            self._commit()
            await _turn()  # a run of quick steps must not keep the loop from everybody else
        else:
            self._schedule()
        await future

    def flush(self, durable: bool = False) -> None:
        """Commit what is gathered now; raise what kept it, or earlier rows of this task, from being stored."""
        failure = None
        if self._batch.rows:
            self._batch.durable |= durable
            failure = self._commit(patient=True)
        failure, self._lost_outside = failure or self._lost_outside, None
        self._raise_earlier(_current())
        if failure is not None:
            raise failure

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # no loop is running; whoever adds without one calls flush()
        # A loop that ended before its turn came will never commit; the next one does.
        if self._scheduled is not loop:
            self._scheduled = loop
            loop.call_soon(self._commit)

    def _raise_earlier(self, task: Task) -> None:
        if task is not None and task in self._lost:
            raise self._lost.pop(task)

    def _commit(self, patient: bool = False) -> Exception | None:
        batch, self._batch = self._batch, _Batch()
        self._scheduled = None
        if not batch.rows:
            return None
        self._alone += 1
        refused: dict[Task, Exception] = {}
        failure: Exception | None = None
        try:
            refused = self._write(batch, patient)
        except StoreBusy as error:
            if not patient and self._try_later(batch):
                return None
            failure = error
        except Exception as error:  # whatever it was, those who wait are told
            failure = error
        self._tries = 0
        self._tell(batch, failure, refused)
        return failure

    def _try_later(self, batch: _Batch) -> bool:
        """Another process holds the store: the loop goes on meanwhile, and what comes in joins the batch."""
        self._tries += 1
        if self._tries * (AGAIN_AFTER + self._database.patience) > BUSY_TIMEOUT.total_seconds():
            return False
        self._batch = batch
        self._scheduled = asyncio.get_running_loop()
        self._scheduled.call_later(AGAIN_AFTER, self._commit)
        return True

    def _tell(self, batch: _Batch, failure: Exception | None, refused: dict[Task, Exception]) -> None:
        waiting = set()
        for task, future in batch.waiters:
            if future.done():  # its task was cancelled meanwhile, and is told should it wait once more
                continue
            waiting.add(task)
            told = failure or refused.get(task)
            if told is None:
                future.set_result(None)
            else:
                future.set_exception(told)
        if failure is not None:
            refused = {task: failure for tasks in batch.tasks.values() for task in tasks}
        for task, lost in refused.items():
            if task not in waiting:
                self._keep(task, lost)

    def _keep(self, task: Task, error: Exception) -> None:
        log.warning("A row was not stored: %s", error)
        if task is None:
            self._lost_outside = self._lost_outside or error
        else:
            self._lost.setdefault(task, error)

    def _write(self, batch: _Batch, patient: bool) -> dict[Task, Exception]:
        """Write all rows in one transaction; when some are refused, again one by one, leaving those out."""
        try:
            self._database.write(self._prepare(batch), batch.durable, patient=patient)
        except StoreUnusable:
            raise  # locked, full, damaged: no row would fare better alone
        except Exception:  # found out below, row by row
            return self._write_singly(batch)
        return {}

    def _prepare(self, batch: _Batch) -> list[Write]:
        return [(*self._ready(statement, rows), statement in batch.guarded) for statement, rows in batch.rows.items()]

    def _ready(self, statement: ClauseElement, rows: list[Mapping[str, Any]]) -> tuple[str, Sequence[Sequence[Any]]]:
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = Prepared(statement, self._database.dialect, list(rows[0]))
        return prepared.sql, [prepared.parameters(row) for row in rows]

    def _write_singly(self, batch: _Batch) -> dict[Task, Exception]:
        # Each row its own transaction: this is rare, and a row that fails takes nothing with it.
        refused: dict[Task, Exception] = {}
        for statement, rows in batch.rows.items():
            guarded = statement in batch.guarded
            for row, task in zip(rows, batch.tasks[statement], strict=True):
                try:
                    self._database.write([(*self._ready(statement, [row]), guarded)], batch.durable)
                except StoreUnusable:
                    raise
                except Exception as error:  # one run's row must not cost another run its own
                    refused[task] = error
        return refused


@coroutine
def _turn() -> Generator[None]:
    """Let everybody else have a turn of the loop; no time is involved."""
    yield


def _current() -> Task:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
