"""Runs: claimed by one process at a time, and taken over when that one is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import (
    LeaseLost,
    NewRun,
    Run,
    add_run,
    children,
    claim,
    claim_next,
    count,
    finish,
    keep_text,
    release,
    renew,
    run_by_id,
    runs,
    start_run,
    text_of,
)
from playbooks_engine.store.owners import this_process

ME, OTHER = "elsewhere:2:2", "elsewhere:1:1"


def test_a_text_is_kept_once(database: Database) -> None:
    with database.transaction() as connection:
        first, again = keep_text(connection, "name: x"), keep_text(connection, "name: x")
        assert first == again
        assert text_of(connection, first) == "name: x"
        assert text_of(connection, "unknown") is None


def test_a_run_comes_back_as_it_was_asked_for(database: Database, digest: str, now: datetime) -> None:
    new = NewRun(
        playbook="chase",
        digest=digest,
        file="playbooks/chase.yml",
        sources={"./who.yml": digest},
        trigger={"kind": "event"},
        event_stream="ops.alerts",
        event_key="a1",
        event_version_id=7,
        inputs={"severity": 3},
        connections={"ops": "sandbox"},
        slot_of="chase",
        slot=now,
    )
    with database.transaction() as connection:
        run_id = add_run(connection, new, now)
    with database.reading() as connection:
        run = run_by_id(connection, run_id)
    assert run is not None
    assert {name: getattr(run, name) for name in new.__dict__} == new.__dict__
    assert (run.status, run.fence, run.created_at, run.owner, run.started_at) == ("queued", 0, now, None, None)


def test_a_queued_run_is_claimed_once(database: Database, digest: str, now: datetime, lease: timedelta) -> None:
    with database.transaction() as connection:
        run_id = add_run(connection, NewRun(playbook="chase", digest=digest), now)
        mine = claim(connection, run_id, ME, now, lease)
        assert mine is not None
        assert (mine.status, mine.owner, mine.fence, mine.started_at) == ("running", ME, 1, now)
        assert mine == run_by_id(connection, run_id)
        assert claim(connection, run_id, OTHER, now, lease) is None
        assert claim(connection, 999, OTHER, now, lease) is None


def test_a_run_whose_lease_is_over_is_taken_over_and_its_first_owner_refused(
    database: Database, run: Run, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        assert claim(connection, run.id, ME, now + lease / 2, lease) is None
        mine = claim(connection, run.id, ME, now + lease, lease)
        assert mine is not None
        assert (mine.fence, mine.started_at) == (2, run.started_at)
        with pytest.raises(LeaseLost):
            finish(connection, run.id, run.fence, "succeeded", None, None, now)
        with pytest.raises(LeaseLost):
            release(connection, run.id, run.fence)
        finish(connection, run.id, mine.fence, "succeeded", {"a": 1}, None, now + lease)
        ended = run_by_id(connection, run.id)
    assert ended is not None
    assert (ended.status, ended.output, ended.ended_at, ended.owner) == ("succeeded", {"a": 1}, now + lease, None)


def test_a_run_whose_owner_is_gone_is_taken_over_at_once(
    database: Database, digest: str, now: datetime, lease: timedelta
) -> None:
    crashed = str(replace(this_process(), started="1"))
    with database.transaction() as connection:
        left = start_run(connection, NewRun(playbook="chase", digest=digest), crashed, now, lease)
        assert [run.id for run in claim_next(connection, ME, now, lease, 10)] == [left.id]


def test_an_ended_run_is_not_claimed(database: Database, run: Run, now: datetime, lease: timedelta) -> None:
    with database.transaction() as connection:
        finish(connection, run.id, run.fence, "failed", None, {"type": "auth"}, now)
        assert claim(connection, run.id, ME, now + lease * 9, lease) is None
        assert claim_next(connection, ME, now + lease * 9, lease, 10) == []
        with pytest.raises(LeaseLost):
            finish(connection, run.id, run.fence, "succeeded", None, None, now)


def test_a_run_laid_down_waiting_has_not_ended_and_is_claimed_again(
    database: Database, run: Run, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        finish(connection, run.id, run.fence, "waiting", None, None, now)
        waiting = run_by_id(connection, run.id)
        assert waiting is not None
        assert (waiting.status, waiting.ended_at, waiting.owner) == ("waiting", None, None)
        assert claim_next(connection, ME, now, lease, 10) == []
        assert claim(connection, run.id, ME, now, lease) is not None


def test_the_oldest_runs_are_handed_out_first_whether_queued_or_left_by_a_dead_process(
    database: Database, run: Run, digest: str, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        queued = [add_run(connection, NewRun(playbook="chase", digest=digest), now) for _ in range(3)]
        later = now + lease
        assert [run.id for run in claim_next(connection, ME, later, lease, 2)] == [run.id, queued[0]]
        assert [run.id for run in claim_next(connection, ME, later, lease, 9)] == queued[1:]
        assert claim_next(connection, ME, later, lease, 9) == []


def test_a_run_given_back_is_claimed_again_with_what_it_had(
    database: Database, run: Run, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        release(connection, run.id, run.fence)
        (again,) = claim_next(connection, ME, now + lease, lease, 1)
    assert (again.id, again.fence, again.started_at) == (run.id, 2, run.started_at)


def test_runs_of_sub_playbooks_are_left_to_their_parent(
    database: Database, run: Run, digest: str, now: datetime, lease: timedelta
) -> None:
    new = NewRun(playbook="who", digest=digest, parent_run_id=run.id, parent_path="ask")
    with database.transaction() as connection:
        child = add_run(connection, new, now)
        assert claim_next(connection, ME, now, lease, 9) == []
        assert [found.id for found in children(connection, run.id)] == [child]
        assert claim(connection, child, ME, now, lease) is not None


def test_renewing_holds_all_runs_of_an_owner_longer(
    database: Database, run: Run, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        assert renew(connection, OTHER, now + lease / 2, lease) == 1
        assert renew(connection, ME, now, lease) == 0
        assert claim(connection, run.id, ME, now + lease, lease) is None


def test_runs_are_listed_newest_first_a_page_at_a_time(database: Database, digest: str, now: datetime) -> None:
    with database.transaction() as connection:
        for number in range(5):
            add_run(connection, NewRun(playbook=f"p{number % 2}", digest=digest, event_key=f"k{number}"), now)
        first = runs(connection, limit=2)
        assert [run.id for run in first] == [5, 4]
        assert [run.id for run in runs(connection, limit=2, before=4)] == [3, 2]
        assert [run.id for run in runs(connection, playbook="p1")] == [4, 2]
        assert [run.id for run in runs(connection, event_key="k2")] == [3]
        assert runs(connection, status="failed") == []
        assert (count(connection), count(connection, playbook="p0"), count(connection, status="failed")) == (5, 3, 0)
