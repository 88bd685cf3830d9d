"""Questions to people: asked once, decided once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select, update
from sqlalchemy.dialects.sqlite import insert

from playbooks_engine.faults import fault
from playbooks_engine.store import tables
from playbooks_engine.store.journal.runs import ENDED

_approval, _run, _step = tables.approval, tables.run, tables.step


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A question that a run waits for; `inputs` is what the person may fill in, `given` what was filled in.

    `decision` is approved, rejected or expired; None while it is open.
    """

    run_id: int
    path: str
    prompt: str
    ask: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    asked_at: datetime
    due_at: datetime
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    given: Any = None


def ask(connection: Connection, new: Approval) -> None:
    """Keep a question; one that was asked before a crash stays as it was."""
    connection.execute(insert(_approval).on_conflict_do_nothing(), new.__dict__)
    fault("approval_asked")


def approval(connection: Connection, run_id: int, path: str) -> Approval | None:
    """The question of that step."""
    row = connection.execute(select(_approval).where(_is(run_id, path))).one_or_none()
    return Approval(**row._mapping) if row else None


def decide_approval(
    connection: Connection, run_id: int, path: str, decision: str, by: str | None, given: Any, now: datetime
) -> bool:
    """Decide an open question; False when somebody did before: the first decision counts."""
    told = {"decision": decision, "decided_by": by, "decided_at": now, "given": given}
    mine = (_is(run_id, path), _approval.c.decision.is_(None))
    decided = connection.execute(update(_approval).where(*mine).values(told)).rowcount == 1
    fault("approval_decided")
    return decided


def approvals(connection: Connection, *, run_id: int | None = None, open_at: datetime | None = None) -> list[Approval]:
    """Questions in the order they were asked: of one run, and with `open_at` those that can still be decided then."""
    query = select(_approval).order_by(_approval.c.asked_at, _approval.c.run_id, _approval.c.path)
    if run_id is not None:
        query = query.where(_approval.c.run_id == run_id)
    if open_at is not None:
        going_on = select(_run.c.id).where(_run.c.status.not_in(ENDED))
        query = query.where(
            _approval.c.decision.is_(None), _approval.c.due_at > open_at, _approval.c.run_id.in_(going_on), _WAITED_FOR
        )
    return [Approval(**row._mapping) for row in connection.execute(query)]


# A time limit may have ended the step, whose run goes on.
_WAITED_FOR = exists().where(
    _step.c.run_id == _approval.c.run_id, _step.c.path == _approval.c.path, _step.c.status == "waiting"
)


def is_decided(connection: Connection, run_id: int) -> bool:
    """Whether somebody has decided what a run still waits for."""
    query = select(_approval.c.path).where(_approval.c.run_id == run_id, _approval.c.decision.is_not(None), _WAITED_FOR)
    return connection.execute(query.limit(1)).first() is not None


def _is(run_id: int, path: str) -> Any:
    return (_approval.c.run_id == run_id) & (_approval.c.path == path)
