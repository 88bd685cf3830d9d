"""Steps and intents: stored before the run goes on, and only by who holds the run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from playbooks_engine.store.database import Database
from playbooks_engine.store.gathering import Gathering
from playbooks_engine.store.journal import (
    Intent,
    Journal,
    LeaseLost,
    NewRun,
    Run,
    StepRow,
    claim,
    intents,
    run_by_id,
    start_run,
    steps,
)


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(Gathering(database))


def _step(run: Run, path: str = "close", **more: Any) -> StepRow:
    return StepRow(run_id=run.id, path=path, step_id=path, **{"status": "running", **more})


def _intent(run: Run | None, now: datetime, **more: Any) -> Intent:
    known = {
        "id": "i1",
        "run_id": run.id if run else None,
        "path": "close" if run else None,
        "command": "opsgenie.close_alert",
        "connection": "ops",
        "effect": "write",
        "key": "chase-a1",
        "request_hash": "h",
        "method": "POST",
        "url_path": "/v2/alerts/a1/close",
        "body": {"note": "x"},
        "written_at": now,
    }
    return Intent(**{**known, **more})


def test_a_step_is_written_when_it_begins_and_again_when_it_ends(
    database: Database, journal: Journal, run: Run, now: datetime
) -> None:
    begun = _step(run, attempts=1, started_at=now, conditions={"when": True}, item=2, inputs={"id": 7})
    ended = replace(begun, status="succeeded", output={"a": [1]}, raw={"data": {}}, ended_at=now, child_run_id=run.id)

    async def main() -> None:
        journal.step(begun, run.fence)
        await journal.committed()
        with database.reading() as connection:
            assert steps(connection, run.id) == [begun]
        journal.step(ended, run.fence)
        await journal.committed()

    asyncio.run(main())
    with database.reading() as connection:
        assert steps(connection, run.id) == [ended]


def test_steps_are_read_in_the_order_they_were_written(database: Database, journal: Journal, run: Run) -> None:
    for path in ("z", "a", "m"):
        journal.step(_step(run, path), run.fence)
    journal.step(_step(run, "a", status="succeeded"), run.fence)
    journal.flush()
    with database.reading() as connection:
        assert [row.path for row in steps(connection, run.id)] == ["z", "a", "m"]


def test_who_lost_the_run_cannot_write_and_costs_nobody_else(
    database: Database, journal: Journal, run: Run, digest: str, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        other = start_run(connection, NewRun(playbook="chase", digest=digest), "elsewhere:3:3", now, lease)
        mine = claim(connection, run.id, "elsewhere:2:2", now + lease, lease)
    assert mine is not None
    refused: list[int] = []

    async def one(held: Run, path: str) -> None:
        journal.step(_step(held, path), held.fence)
        try:
            await journal.committed()
        except LeaseLost:
            refused.append(held.fence)

    async def main() -> None:
        await asyncio.gather(one(run, "old"), one(mine, "new"), one(other, "other"))

    asyncio.run(main())
    assert refused == [run.fence]
    with database.reading() as connection:
        assert [row.path for row in steps(connection, run.id)] == ["new"]
        assert [row.path for row in steps(connection, other.id)] == ["other"]


def test_an_intent_is_on_the_disk_before_the_write_leaves(
    database: Database, journal: Journal, run: Run, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bool] = []
    write = database.write

    def watched(batch: Any, durable: bool = False, **more: Any) -> None:
        written.append(durable)
        write(batch, durable, **more)

    monkeypatch.setattr(database, "write", watched)

    async def main() -> None:
        journal.intent(_intent(run, now), run.fence)
        await journal.committed(durable=True)

    asyncio.run(main())
    assert written == [True]
    with database.reading() as connection:
        assert intents(connection, run.id) == [_intent(run, now)]


def test_an_intent_is_accepted_then_settled(
    database: Database, journal: Journal, run: Run, now: datetime, lease: timedelta
) -> None:
    journal.intent(_intent(run, now), run.fence)
    journal.intent(_intent(run, now, id="i2", attempt=2), run.fence)
    journal.accepted("i1", "request-1", run.fence)
    journal.settled("i1", "succeeded", now + lease, run.fence)
    journal.flush()
    with database.reading() as connection:
        settled, open_one = intents(connection, run.id)
        assert intents(connection, run.id, unsettled_only=True) == [open_one]
    assert (settled.accepted_request_id, settled.outcome, settled.settled_at) == ("request-1", "succeeded", now + lease)
    assert open_one.attempt == 2


def test_an_attempt_of_a_step_has_one_intent(journal: Journal, run: Run, now: datetime) -> None:
    journal.intent(_intent(run, now), run.fence)
    journal.intent(_intent(run, now, id="another"), run.fence)
    with pytest.raises(Exception, match="UNIQUE"):
        journal.flush()


def test_who_lost_the_run_leaves_and_settles_no_intent(
    database: Database, journal: Journal, run: Run, now: datetime, lease: timedelta
) -> None:
    journal.intent(_intent(run, now), run.fence)
    journal.flush()
    with database.transaction() as connection:
        mine = claim(connection, run.id, "elsewhere:2:2", now + lease, lease)
    assert mine is not None
    for late in (
        lambda: journal.intent(_intent(run, now, id="late", attempt=2), run.fence),
        lambda: journal.settled("i1", "succeeded", now, run.fence),
    ):
        late()
        with pytest.raises(LeaseLost):
            journal.flush()
    journal.settled("i1", "unknown", now, mine.fence)
    journal.flush()
    with database.reading() as connection:
        assert [(row.id, row.outcome) for row in intents(connection, run.id)] == [("i1", "unknown")]


def test_a_single_call_leaves_an_intent_without_a_run(database: Database, journal: Journal, now: datetime) -> None:
    for number in range(2):
        journal.intent(_intent(None, now, id=f"single-{number}"))
    journal.settled("single-0", "failed", now)
    journal.flush(durable=True)
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT id, outcome FROM intent ORDER BY id").all()
    assert [tuple(row) for row in found] == [("single-0", "failed"), ("single-1", None)]


def test_a_run_ends_in_the_commit_of_its_last_step(
    database: Database, journal: Journal, run: Run, now: datetime
) -> None:
    async def main() -> None:
        journal.step(_step(run, status="succeeded"), run.fence)
        journal.finish(run.id, run.fence, "succeeded", {"a": 1}, None, now)
        await journal.committed()
        journal.finish(run.id, run.fence, "failed", None, None, now)
        with pytest.raises(LeaseLost):
            await journal.committed()

    asyncio.run(main())
    with database.reading() as connection:
        ended = run_by_id(connection, run.id)
    assert ended is not None
    assert (ended.status, ended.output, ended.ended_at) == ("succeeded", {"a": 1}, now)


def test_odd_characters_in_a_step_do_not_stop_a_run(database: Database, journal: Journal, run: Run) -> None:
    journal.step(_step(run, "for_each[\ud800]", output="\udcff", error={"message": "\x00"}), run.fence)
    journal.flush()
    with database.reading() as connection:
        (row,) = steps(connection, run.id)
    assert (row.path, row.output, row.error) == ("for_each[\ufffd]", "\ufffd", {"message": "\ufffd"})
