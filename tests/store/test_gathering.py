"""Group commit: rows of one turn share a commit, and each task hears of its own."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, update

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.store import tables
from playbooks_engine.store.database import Database
from playbooks_engine.store.failures import LeaseLost, StoreFull
from playbooks_engine.store.gathering import ALONE_AFTER, Gathering

NEW = insert(tables.playbook_text)
GUARDED = update(tables.lease).where(tables.lease.c.name == bindparam("held")).values(note=bindparam("note"))


class Watched(Gathering):
    """Counts commits and whether they waited for the disk."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.commits: list[bool] = []
        write = database.write

        def counted(batch: Any, durable: bool = False, **more: Any) -> None:
            self.commits.append(durable)
            write(batch, durable, **more)

        database.write = counted  # type: ignore[method-assign]


def _row(digest: str) -> dict[str, Any]:
    return {"digest": digest, "text": "x"}


def _stored(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.exec_driver_sql("SELECT digest FROM playbook_text").scalars())


def test_rows_of_many_tasks_share_a_commit(database: Database) -> None:
    gathering = Watched(database)

    async def one(number: int) -> None:
        gathering.add(NEW, _row(str(number)))
        await gathering.committed()
        assert str(number) in _stored(database)

    async def main() -> None:
        await asyncio.gather(*(one(number) for number in range(50)))

    asyncio.run(main())
    assert gathering.commits == [False]


def test_a_commit_waits_for_the_disk_when_anybody_asked(database: Database) -> None:
    gathering = Watched(database)

    async def one(durable: bool) -> None:
        gathering.add(NEW, _row(str(durable)))
        await gathering.committed(durable)

    async def main() -> None:
        await asyncio.gather(one(False), one(True))
        await one_more()

    async def one_more() -> None:
        gathering.add(NEW, _row("later"))
        await gathering.committed()

    asyncio.run(main())
    assert gathering.commits == [True, False]


def test_rows_nobody_waits_for_are_stored_too(database: Database) -> None:
    gathering = Gathering(database)

    async def main() -> None:
        for number in range(ALONE_AFTER * 3):
            gathering.add(NEW, _row(str(number)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert str(number) in _stored(database)

    asyncio.run(main())


def test_a_lone_task_does_not_keep_the_loop_from_others(database: Database) -> None:
    gathering = Gathering(database)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def main() -> None:
        task = asyncio.create_task(other())
        for number in range(50):
            gathering.add(NEW, _row(str(number)))
            await gathering.committed()
        task.cancel()

    asyncio.run(main())
    assert turns >= 50


def test_nothing_gathered_is_committed_at_once(database: Database) -> None:
    gathering = Watched(database)
    asyncio.run(gathering.committed())
    gathering.flush()
    assert gathering.commits == []


def test_flush_needs_no_loop(database: Database) -> None:
    gathering = Gathering(database)
    gathering.add(NEW, _row("a"))
    gathering.flush(durable=True)
    assert _stored(database) == {"a"}


def test_rows_of_one_statement_go_in_together_and_in_order(database: Database) -> None:
    gathering = Gathering(database)
    rename = update(tables.playbook_text).where(tables.playbook_text.c.digest == bindparam("old"))
    rename = rename.values(text=bindparam("new"))
    gathering.add(NEW, _row("a"))
    gathering.add(rename, {"old": "a", "new": "first"})
    gathering.add(NEW, _row("b"))
    gathering.add(rename, {"old": "a", "new": "second"})
    gathering.flush()
    with database.reading() as connection:
        texts = connection.exec_driver_sql("SELECT digest, text FROM playbook_text ORDER BY digest").all()
    assert [tuple(row) for row in texts] == [("a", "second"), ("b", "x")]


def test_a_refused_row_is_told_to_its_task_and_costs_nobody_else(database: Database) -> None:
    gathering = Gathering(database)
    told: dict[str, Exception] = {}

    async def one(name: str, statement: Any, row: dict[str, Any]) -> None:
        gathering.add(NEW, _row(name))
        gathering.add(statement, row, guarded=statement is GUARDED)
        try:
            await gathering.committed()
        except Exception as error:
            told[name] = error

    async def main() -> None:
        await asyncio.gather(
            one("good", NEW, _row("good too")),
            one("old fence", GUARDED, {"held": "nobody", "note": "x"}),
            one("twice", NEW, _row("good")),
            one("last", NEW, _row("last too")),
        )

    asyncio.run(main())
    assert set(told) == {"old fence", "twice"}
    assert isinstance(told["old fence"], LeaseLost)
    assert {"good", "good too", "last", "last too"} <= _stored(database)


def test_a_refused_row_nobody_waits_for_is_told_at_the_next_wait(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    gathering = Gathering(database)

    async def main() -> None:
        gathering.add(GUARDED, {"held": "nobody", "note": "x"}, guarded=True)
        for _ in range(3):
            await asyncio.sleep(0)
        with pytest.raises(LeaseLost):
            await gathering.committed()
        await gathering.committed()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "A row was not stored" in caplog.text


@contextmanager
def _full(database: Database) -> Iterator[None]:
    with database.transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    yield
    with database.transaction() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")


def test_a_failed_commit_is_told_to_everybody_in_it(database: Database) -> None:
    gathering = Gathering(database)

    async def one(name: str) -> None:
        gathering.add(NEW, {"digest": name, "text": "x" * 50_000})
        await gathering.committed()

    async def main() -> list[BaseException | None]:
        return await asyncio.gather(one("a"), one("b"), return_exceptions=True)

    with _full(database):
        assert [type(told) for told in asyncio.run(main())] == [StoreFull, StoreFull]
    gathering.add(NEW, _row("works again"))
    gathering.flush()
    assert _stored(database) == {"works again"}


def test_a_failed_commit_nobody_waited_for_is_told_at_the_next_wait(database: Database) -> None:
    gathering = Gathering(database)

    async def main() -> None:
        gathering.add(NEW, {"digest": "a", "text": "x" * 50_000})
        for _ in range(3):
            await asyncio.sleep(0)
        with pytest.raises(StoreUnusable):
            await gathering.committed()

    with _full(database):
        asyncio.run(main())


def test_a_failed_commit_is_told_to_those_in_it_who_did_not_wait_and_to_nobody_else(
    database: Database,
) -> None:
    gathering = Gathering(database)
    added = asyncio.Event()

    async def silent() -> None:
        gathering.add(NEW, _row("silent"))
        await added.wait()
        await asyncio.sleep(0)
        await gathering.committed()

    async def waiting() -> None:
        gathering.add(NEW, {"digest": "waiting", "text": "x" * 50_000})
        added.set()
        await gathering.committed()

    async def unrelated() -> None:
        await asyncio.sleep(0.01)
        await gathering.committed()

    async def main() -> list[BaseException | None]:
        return await asyncio.gather(silent(), waiting(), unrelated(), return_exceptions=True)

    with _full(database):
        assert [type(told) for told in asyncio.run(main())] == [StoreFull, StoreFull, type(None)]


def test_a_waiter_that_was_cancelled_hears_of_its_lost_row_when_it_waits_again(database: Database) -> None:
    gathering = Gathering(database)

    async def one() -> None:
        gathering.add(NEW, {"digest": "a", "text": "x" * 50_000})
        try:
            await gathering.committed()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            await gathering.committed()

    async def main() -> None:
        task = asyncio.create_task(one())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(StoreUnusable):
            await task

    with _full(database):
        asyncio.run(main())


def test_a_lost_row_that_no_task_added_is_told_at_the_next_flush_and_to_no_task(database: Database) -> None:
    gathering = Gathering(database)

    async def main() -> None:
        asyncio.get_running_loop().call_soon(gathering.add, NEW, {"digest": "a", "text": "x" * 50_000})
        for _ in range(3):
            await asyncio.sleep(0)
        await gathering.committed()

    with _full(database):
        asyncio.run(main())
    with pytest.raises(StoreUnusable):
        gathering.flush()
    gathering.flush()


def test_a_flush_that_fails_is_told_to_its_caller_and_to_those_whose_rows_it_lost(database: Database) -> None:
    gathering = Gathering(database)

    async def main() -> None:
        async def silent() -> None:
            gathering.add(NEW, {"digest": "a", "text": "x" * 50_000})
            with pytest.raises(StoreUnusable):
                gathering.flush()
            await gathering.committed()  # it was told already

        async def other() -> None:
            gathering.add(NEW, {"digest": "b", "text": "x" * 50_000})
            await asyncio.sleep(0)
            with pytest.raises(StoreUnusable):
                await gathering.committed()

        await asyncio.gather(other(), silent())

    with _full(database):
        asyncio.run(main())


def test_the_loop_goes_on_while_another_process_holds_the_store(file: Path) -> None:
    with (
        Database.open(f"sqlite:///{file}", busy_timeout=timedelta(seconds=0.02)) as database,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
    ):
        gathering = Gathering(database)
        other.execute("BEGIN IMMEDIATE")

        async def main() -> None:
            gathering.add(NEW, _row("early"))
            waiting = asyncio.create_task(gathering.committed())
            await asyncio.sleep(0.15)
            assert not waiting.done()
            gathering.add(NEW, _row("joined"))
            other.execute("ROLLBACK")
            await waiting
            await gathering.committed()

        asyncio.run(main())
        assert _stored(database) == {"early", "joined"}


def test_a_store_that_stays_locked_is_busy(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playbooks_engine.store.gathering.BUSY_TIMEOUT", timedelta(seconds=0.1))
    with (
        Database.open(f"sqlite:///{file}", busy_timeout=timedelta(seconds=0.01)) as database,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
    ):
        gathering = Gathering(database)
        other.execute("BEGIN IMMEDIATE")

        async def main() -> None:
            gathering.add(NEW, _row("a"))
            with pytest.raises(StoreBusy):
                await gathering.committed()

        asyncio.run(main())


def test_a_cancelled_waiter_does_not_disturb_the_others(database: Database) -> None:
    gathering = Gathering(database)

    async def one(name: str) -> None:
        gathering.add(NEW, _row(name))
        await gathering.committed()

    async def main() -> None:
        gone = asyncio.create_task(one("gone"))
        kept = asyncio.create_task(one("kept"))
        await asyncio.sleep(0)
        gone.cancel()
        await kept
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(main())
    assert _stored(database) == {"gone", "kept"}


def test_rows_left_by_a_loop_that_ended_are_stored_by_the_next(database: Database) -> None:
    gathering = Gathering(database)

    async def leave() -> None:
        gathering.add(NEW, _row("left"))

    async def go_on() -> None:
        gathering.add(NEW, _row("next"))
        await asyncio.wait_for(gathering.committed(), 5)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave())
    loop.close()
    asyncio.run(go_on())
    assert _stored(database) == {"left", "next"}
