"""A run together with the runs of its sub-playbooks: given back as one, and ended as one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from playbooks_engine.store.database import Database
from playbooks_engine.store.gathering import Gathering
from playbooks_engine.store.journal import (
    Intent,
    Journal,
    LeaseLost,
    NewRun,
    Run,
    StepRow,
    children,
    claim,
    finish,
    give_up,
    intents,
    release,
    run_by_id,
    start_run,
    steps,
)

ME = "elsewhere:1:1"
BROKE, UNKNOWN = {"type": "invalid_input", "message": "broke"}, {"type": "outcome_unknown", "message": "who knows"}


def _part(connection: Connection, of: Run, now: datetime) -> Run:
    new = NewRun(playbook="part", digest=of.digest, parent_run_id=of.id, parent_path="sub")
    return start_run(connection, new, ME, now, timedelta(hours=1))


@pytest.fixture
def tree(database: Database, run: Run, now: datetime) -> list[Run]:
    """A run, its sub-run, the sub-run of that, and a sub-run that has ended."""
    with database.transaction() as connection:
        part = _part(connection, run, now)
        inner, ended = _part(connection, part, now), _part(connection, run, now)
        finish(connection, ended.id, ended.fence, "succeeded", None, None, now)
    return [run, part, inner, ended]


def _states(connection: Connection, tree: list[Run]) -> list[tuple[str, str | None]]:
    found = [run_by_id(connection, run.id) for run in tree]
    return [(run.status, run.owner) for run in found if run is not None]


def test_a_run_is_given_back_with_its_sub_runs(
    database: Database, tree: list[Run], now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        release(connection, tree[0].id, tree[0].fence)
        assert _states(connection, tree) == [("queued", None)] * 3 + [("succeeded", None)]
        assert all(claim(connection, run.id, ME, now, lease) for run in tree[:3])


def test_who_lost_a_run_gives_nothing_back(database: Database, tree: list[Run]) -> None:
    with pytest.raises(LeaseLost), database.transaction() as connection:
        release(connection, tree[0].id, tree[0].fence + 1)
    with database.reading() as connection:
        assert _states(connection, tree) == [("running", ME)] * 3 + [("succeeded", None)]


def test_a_run_that_cannot_go_on_ends_with_all_that_was_under_way_in_it(
    database: Database, tree: list[Run], now: datetime
) -> None:
    journal = Journal(Gathering(database))
    for run in tree[:3]:
        journal.step(StepRow(run_id=run.id, path="a", step_id="a", status="running", started_at=now), run.fence)
        journal.step(StepRow(run_id=run.id, path="b", step_id="b", status="succeeded"), run.fence)
    inner = tree[2]
    intent = Intent(
        id="one", run_id=inner.id, path="a", command="c", connection="ops", effect="write", request_hash="",
        written_at=now,
    )  # fmt: skip
    journal.intent(intent, inner.fence)
    journal.flush()
    with database.transaction() as connection:
        give_up(connection, tree[0].id, tree[0].fence, BROKE, UNKNOWN, now)
        assert _states(connection, tree) == [("failed", None), *[("cancelled", None)] * 2, ("succeeded", None)]
        told = [[(row.status, row.error) for row in steps(connection, run.id)] for run in tree[:3]]
        fine = ("succeeded", None)
        assert told == [[("cancelled", BROKE), fine], [("cancelled", BROKE), fine], [("failed", UNKNOWN), fine]]
        assert [one.outcome for one in intents(connection, inner.id)] == ["unknown"]
        # Whoever still executed one of them is refused.
        with pytest.raises(LeaseLost):
            finish(connection, inner.id, inner.fence, "succeeded", None, None, now)
        assert [run.id for run in children(connection, tree[0].id, "sub")] == [tree[1].id, tree[3].id]
        assert children(connection, tree[0].id, "other") == []
