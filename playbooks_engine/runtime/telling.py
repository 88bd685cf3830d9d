"""Runs and steps as documents, in their stable JSON shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.runtime.running.frame import duration_of
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Approval, Run, StepRow


def step_document(row: StepRow) -> dict[str, Any]:
    """A step of a run."""
    return {
        "id": row.step_id,
        "path": row.path,
        "item": row.item,
        "status": row.status,
        "output": as_json(row.output),
        "error": row.error,
        "attempts": row.attempts,
        "started_at": as_json(row.started_at),
        "duration": duration_of(row),
    }


def writes_of(connection: Connection, run_id: int) -> list[dict[str, Any]]:
    """The changes that a run and its sub-runs sent, oldest first."""
    steps = {row.path: row.step_id for row in journal.steps(connection, run_id)}
    sent = [
        {
            "step": steps.get(one.path or "", one.path),
            "command": f"{one.connection}.{one.command.partition('.')[2]}",
            "method": one.method,
            "path": one.url_path,
            "body": one.body,
        }
        for one in journal.intents(connection, run_id)
    ]
    return sent + [write for child in journal.children(connection, run_id) for write in writes_of(connection, child.id)]


def run_document(
    run: int | None,
    playbook: str,
    status: str,
    output: Any,
    steps: Iterable[StepRow],
    writes: list[dict[str, Any]],
    error: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A run with all that happened in it."""
    return {
        "run": run,
        "playbook": playbook,
        "status": status,
        "output": as_json(output),
        "error": error,
        "steps": [step_document(row) for row in steps],
        "writes": writes,
    }


def run_header(run: Run) -> dict[str, Any]:
    """A run without its steps: what started it, with what, and how it stands."""
    span = (run.ended_at - run.started_at).total_seconds() if run.started_at and run.ended_at else None
    return {
        "run": run.id,
        "playbook": run.playbook,
        "status": run.status,
        "trigger": dict(run.trigger),
        "event": {"stream": run.event_stream, "key": run.event_key} if run.event_key is not None else None,
        "inputs": dict(run.inputs),
        "parent": run.parent_run_id,
        "created_at": as_json(run.created_at),
        "started_at": as_json(run.started_at),
        "ended_at": as_json(run.ended_at),
        "wake_at": as_json(run.wake_at),
        "duration": span,
        "error": run.error,
    }


def question_document(question: Approval) -> dict[str, Any]:
    """A question that a run asks a person."""
    return {
        "run": question.run_id,
        "step": question.path,
        "prompt": question.prompt,
        "ask": question.ask,
        "inputs": dict(question.inputs),
        "asked_at": as_json(question.asked_at),
        "due_at": as_json(question.due_at),
    }
