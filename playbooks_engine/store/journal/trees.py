"""A run together with the runs of its sub-playbooks: given back as one, and ended as one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from playbooks_engine.store import tables
from playbooks_engine.store.journal.runs import finish, lay_down

_run, _step, _intent = tables.run, tables.step, tables.intent

_UNDER_WAY = ("queued", "running", "waiting")


def release(connection: Connection, run_id: int, fence: int) -> None:
    """Give a run back for anybody to go on with, its sub-runs too; finished steps stay."""
    lay_down(connection, run_id, fence)
    parts = _parts(connection, run_id)
    free = {"status": "queued", "owner": None, "lease_until": None}
    connection.execute(update(_run).where(_run.c.id.in_(parts), _run.c.status == "running").values(free))


def give_up(
    connection: Connection,
    run_id: int,
    fence: int,
    error: dict[str, Any],
    unknown: dict[str, Any],
    now: datetime,
) -> None:
    """End a run that cannot go on as failed, and all that was under way in it and in its sub-runs.

    A change that was about to leave gets `unknown` for its error: whoever reads it must look what became of it.
    """
    finish(connection, run_id, fence, "failed", None, error, now)
    parts = _parts(connection, run_id)
    ended = {"status": "cancelled", "error": error, "ended_at": now, "owner": None, "lease_until": None}
    # Whoever still executes one of them is refused from now on.
    connection.execute(update(_run).where(_run.c.id.in_(parts)).values({**ended, "fence": _run.c.fence + 1}))
    _end_steps(connection, [run_id, *parts], error, unknown, now)


def _end_steps(
    connection: Connection, runs: list[int], error: dict[str, Any], unknown: dict[str, Any], now: datetime
) -> None:
    left = (_intent.c.run_id.in_(runs), _intent.c.outcome.is_(None))
    running = (_step.c.run_id.in_(runs), _step.c.status.in_(("running", "waiting")))
    for run_id, path in connection.execute(select(_intent.c.run_id, _intent.c.path).where(*left)).all():
        mine = (_step.c.run_id == run_id, _step.c.path == path)
        connection.execute(update(_step).where(*running, *mine).values(status="failed", error=unknown, ended_at=now))
    connection.execute(update(_intent).where(*left).values(outcome="unknown", settled_at=now))
    connection.execute(update(_step).where(*running).values(status="cancelled", error=error, ended_at=now))


def _parts(connection: Connection, run_id: int) -> list[int]:
    """The sub-runs of a run that have not ended, and theirs."""
    found: list[int] = []
    above = [run_id]
    while above:
        query = select(_run.c.id).where(_run.c.parent_run_id.in_(above), _run.c.status.in_(_UNDER_WAY))
        above = list(connection.execute(query).scalars())
        found += above
    return found
