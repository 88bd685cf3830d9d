"""A question is asked once and decided once, whoever asks or decides again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from playbooks_engine.store import tables
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import Approval, Run, approval, approvals, ask, decide_approval, finish

HOUR = timedelta(hours=1)


@pytest.fixture
def question(run: Run, now: datetime) -> Approval:
    return Approval(run_id=run.id, path="ask", prompt="Lock ana?", ask="ben", asked_at=now, due_at=now + HOUR)


def test_a_question_asked_again_after_a_crash_stays_as_it_was(
    database: Database, question: Approval, now: datetime
) -> None:
    with database.transaction() as connection:
        ask(connection, question)
        ask(connection, replace(question, prompt="Lock somebody?", due_at=now + 2 * HOUR))
        assert approval(connection, question.run_id, "ask") == question


def test_the_first_decision_counts(database: Database, question: Approval, now: datetime) -> None:
    with database.transaction() as connection:
        ask(connection, question)
        assert decide_approval(connection, question.run_id, "ask", "approved", "ben", {"reason": "ok"}, now)
        assert not decide_approval(connection, question.run_id, "ask", "rejected", "eve", None, now)
        decided = approval(connection, question.run_id, "ask")
    assert decided is not None
    assert (decided.decision, decided.decided_by, decided.given) == ("approved", "ben", {"reason": "ok"})


def test_there_is_nothing_to_decide_where_nothing_was_asked(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection:
        assert approval(connection, run.id, "ask") is None
        assert not decide_approval(connection, run.id, "ask", "approved", "ben", None, now)


def test_open_questions_are_those_that_can_still_be_decided(
    database: Database, run: Run, question: Approval, now: datetime
) -> None:
    with database.transaction() as connection:
        for path in ("first", "second", "third", "over"):
            status = "cancelled" if path == "over" else "waiting"
            row = {"run_id": run.id, "path": path, "step_id": path, "status": status, "attempts": 1}
            connection.execute(tables.step.insert(), row)
            ask(connection, replace(question, path=path))
        decide_approval(connection, run.id, "second", "rejected", "ben", None, now)
        assert [one.path for one in approvals(connection, run_id=run.id)] == ["first", "over", "second", "third"]
        assert [one.path for one in approvals(connection, open_at=now)] == ["first", "third"]
        assert approvals(connection, open_at=now + HOUR) == []
        finish(connection, run.id, run.fence, "failed", None, None, now)
        assert approvals(connection, open_at=now) == []
