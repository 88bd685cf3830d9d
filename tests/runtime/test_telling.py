"""Runs and steps as documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playbooks_engine.runtime.telling import run_document, step_document
from playbooks_engine.store.journal import StepRow

NOW = datetime(2026, 11, 22, 3, 10, 2, tzinfo=UTC)


def test_a_step_and_a_run_have_their_agreed_shapes() -> None:
    row = StepRow(
        run_id=1, path="each[0]/a", step_id="a", item=None, status="succeeded", output={"at": NOW}, attempts=1,
        started_at=NOW, ended_at=NOW + timedelta(seconds=2),
    )  # fmt: skip
    told = step_document(row)
    assert told == {
        "id": "a", "path": "each[0]/a", "item": None, "status": "succeeded", "output": {"at": "2026-11-22T03:10:02Z"},
        "error": None, "attempts": 1, "started_at": "2026-11-22T03:10:02Z", "duration": 2.0,
    }  # fmt: skip
    assert run_document(7, "p", "failed", None, [row], [], {"message": "no"}) == {
        "run": 7, "playbook": "p", "status": "failed", "output": None, "error": {"message": "no"},
        "steps": [told], "writes": [],
    }  # fmt: skip
