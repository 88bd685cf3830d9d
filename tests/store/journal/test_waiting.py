"""Runs that wait go on when their time has come; runs that are called off are ended by whoever has them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import (
    LeaseLost,
    NewRun,
    Run,
    add_run,
    ask_cancel,
    cancel_queued,
    claim,
    claim_next,
    finish,
    hold_back,
    lane_holder,
    park,
    run_by_id,
    start_run,
    to_cancel,
    wake,
)

HOUR = timedelta(hours=1)
ME, OTHER = "here:2:2", "elsewhere:1:1"


def claimed(database: Database, now: datetime, lease: timedelta) -> list[int]:
    with database.transaction() as connection:
        return [run.id for run in claim_next(connection, ME, now, lease, 10)]


def test_a_parked_run_is_taken_when_its_time_has_come_and_not_before(
    database: Database, run: Run, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        park(connection, run.id, run.fence, now + HOUR, now)
    assert claimed(database, now + HOUR - timedelta(seconds=1), lease) == []
    assert claimed(database, now + HOUR, lease) == [run.id]
    with database.reading() as connection:
        taken = run_by_id(connection, run.id)
    assert taken is not None
    assert (taken.status, taken.wake_at, taken.fence) == ("running", None, run.fence + 1)


def test_who_lost_a_run_cannot_park_it(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection, pytest.raises(LeaseLost):
        park(connection, run.id, run.fence + 1, now, now)


def test_what_a_part_waited_for_wakes_the_runs_above_it(
    database: Database, run: Run, digest: str, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        new = NewRun(playbook="part", digest=digest, parent_run_id=run.id, parent_path="inner")
        part = start_run(connection, new, OTHER, now, lease)
        park(connection, part.id, part.fence, now + HOUR, now)
        park(connection, run.id, run.fence, now + HOUR, now)
        wake(connection, part.id, now)
    assert claimed(database, now, lease) == [run.id]  # and the run takes its part


def test_a_run_that_a_person_stopped_is_left_to_a_person(
    database: Database, run: Run, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        park(connection, run.id, run.fence, now, now)
        hold_back(connection, run.id)
        wake(connection, run.id, now)
    assert claimed(database, now + HOUR, lease) == []
    with database.transaction() as connection:
        assert claim(connection, run.id, ME, now, lease) is not None


def test_who_executes_a_run_learns_that_it_is_to_be_cancelled(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection:
        assert to_cancel(connection, OTHER) == set()
        assert ask_cancel(connection, run.id, "ana", now)
        assert ask_cancel(connection, run.id, "ben", now + HOUR)
        assert to_cancel(connection, OTHER) == {run.id}
        assert to_cancel(connection, ME) == set()
        asked = run_by_id(connection, run.id)
        finish(connection, run.id, run.fence, "cancelled", None, None, now)
        assert to_cancel(connection, OTHER) == set()
        assert not ask_cancel(connection, run.id, "ana", now)
    assert asked is not None
    assert (asked.cancelled_by, asked.cancel_at) == ("ana", now)


def test_only_a_run_that_nobody_began_is_ended_on_the_spot(
    database: Database, run: Run, digest: str, now: datetime
) -> None:
    with database.transaction() as connection:
        queued = add_run(connection, NewRun(playbook="chase", digest=digest), now)
        assert not cancel_queued(connection, run.id, {"message": "no"}, now)
        assert cancel_queued(connection, queued, {"message": "no"}, now)
        assert not cancel_queued(connection, queued, {"message": "no"}, now)
        ended = run_by_id(connection, queued)
    assert ended is not None
    assert (ended.status, ended.ended_at) == ("cancelled", now)


def test_runs_of_one_lane_go_one_after_the_other(
    database: Database, digest: str, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        first, second = (
            add_run(connection, NewRun(playbook="p", digest=digest, lane="p/host-1", event_key=key), now)
            for key in ("a", "b")
        )
        other = add_run(connection, NewRun(playbook="p", digest=digest, lane="p/host-2", event_key="a"), now)
        assert lane_holder(connection, "p/host-1") == first
    assert claimed(database, now, lease) == [first, other]
    with database.transaction() as connection:
        park(connection, first, 1, now + HOUR, now)
    assert claimed(database, now, lease) == []  # a run that waits holds its lane
    with database.transaction() as connection:
        held = claim(connection, first, ME, now, lease)
        assert held is not None
        finish(connection, first, held.fence, "succeeded", None, None, now)
    assert claimed(database, now, lease) == [second]


def test_a_run_that_is_to_be_cancelled_is_not_laid_down_for_long(
    database: Database, run: Run, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        ask_cancel(connection, run.id, "ana", now)  # while it is executed, and before whoever does that looked
        park(connection, run.id, run.fence, now + HOUR, now)
    assert claimed(database, now, lease) == [run.id]
