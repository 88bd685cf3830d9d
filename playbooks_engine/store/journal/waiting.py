"""Runs that nobody executes for a while: those that wait for a time or a person, and those that are called off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from playbooks_engine.faults import fault
from playbooks_engine.store import tables
from playbooks_engine.store.failures import LeaseLost
from playbooks_engine.store.journal.approvals import is_decided
from playbooks_engine.store.journal.runs import ENDED

_run, _step = tables.run, tables.step


def park(connection: Connection, run_id: int, fence: int, wake_at: datetime, now: datetime) -> None:
    """Lay a run down until that time; LeaseLost when it is somebody else's. Whoever has time then goes on with it.

    What came between its last look and this wakes it at once: that it is to be cancelled, or a decision, also in a run
    inside it.
    """
    inside = connection.execute(_WAKES_FIRST, {"run_id": run_id}).scalar_one_or_none()
    cancelled = connection.execute(_CANCELLED, {"run_id": run_id}).first() is not None
    wake_at = now if cancelled or is_decided(connection, run_id) else min(wake_at, inside or wake_at)
    if connection.execute(_PARK, {"run_id": run_id, "held_fence": fence, "wake": wake_at}).rowcount != 1:
        raise LeaseLost
    fault("parked")


_WAKES_FIRST = (
    select(func.min(_run.c.wake_at))
    .join(_step, (_step.c.run_id == _run.c.parent_run_id) & (_step.c.path == _run.c.parent_path))
    .where(_run.c.parent_run_id == bindparam("run_id"), _run.c.status == "waiting", _step.c.status == "running")
)
_CANCELLED = select(_run.c.id).where(_run.c.id == bindparam("run_id"), _run.c.cancel_at.is_not(None))
_PARK = (
    update(_run)
    .where(_run.c.id == bindparam("run_id"), _run.c.fence == bindparam("held_fence"), _run.c.status == "running")
    .values(status="waiting", owner=None, lease_until=None, wake_at=bindparam("wake", type_=_run.c.wake_at.type))
)


def wake(connection: Connection, run_id: int, now: datetime) -> None:
    """What a run waits for has come: it goes on now, and so do the runs that wait for it."""
    waiting = (_run.c.status == "waiting", _run.c.wake_at.is_not(None))
    above: int | None = run_id
    while above is not None:
        connection.execute(update(_run).where(_run.c.id == above, *waiting).values(wake_at=now))
        above = connection.execute(select(_run.c.parent_run_id).where(_run.c.id == above)).scalar_one_or_none()


def hold_back(connection: Connection, run_id: int) -> None:
    """A run that a person stopped waits for a person: nobody goes on with it unasked."""
    idle = (_run.c.id == run_id, _run.c.status.in_(("queued", "waiting")), _run.c.owner.is_(None))
    connection.execute(update(_run).where(*idle).values(status="waiting", wake_at=None))


def ask_cancel(connection: Connection, run_id: int, by: str, now: datetime) -> bool:
    """Ask whoever executes a run to end it; False when it has ended already. Asked twice, the first one counts.

    One that waits goes on now, also if it waited for a person: its `always` has to run.
    """
    asked: dict[str, Any] = {"cancel_at": now, "cancelled_by": by}
    open_ = (_run.c.id == run_id, _run.c.status.not_in(ENDED))
    connection.execute(update(_run).where(*open_, _run.c.cancel_at.is_(None)).values(asked))
    connection.execute(update(_run).where(_run.c.id == run_id, _run.c.status == "waiting").values(wake_at=now))
    return connection.execute(select(_run.c.id).where(*open_)).scalar_one_or_none() is not None


def cancel_queued(connection: Connection, run_id: int, error: dict[str, Any], now: datetime) -> bool:
    """End a run that nobody ever began; False when somebody has, whose `always` has to run first."""
    idle = (_run.c.id == run_id, _run.c.status == "queued", _run.c.fence == 0)
    ended = {"status": "cancelled", "ended_at": now, "error": error, "fence": 1}
    return connection.execute(update(_run).where(*idle).values(ended)).rowcount == 1


def to_cancel(connection: Connection, owner: str) -> set[int]:
    """The runs of this owner that somebody asked to cancel."""
    asked = (_run.c.owner == owner, _run.c.status == "running", _run.c.cancel_at.is_not(None))
    return set(connection.execute(select(_run.c.id).where(*asked)).scalars())


def lane_holder(connection: Connection, lane: str) -> int | None:
    """The run that goes on under a concurrency key, if one does."""
    busy = (_run.c.lane == lane, _run.c.status.in_(("queued", "running", "waiting")))
    return connection.execute(select(_run.c.id).where(*busy).order_by(_run.c.id).limit(1)).scalar_one_or_none()
