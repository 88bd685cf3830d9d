"""Schedules and their slots: each due time is dealt with once, by whichever process comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from playbooks_engine.faults import fault
from playbooks_engine.store import tables

_schedule, _slot = tables.schedule, tables.slot


@dataclass(frozen=True, kw_only=True)
class ScheduleRow:
    """Where a schedule stands."""

    playbook: str
    digest: str
    next_due: datetime | None = None
    last_due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SlotRow:
    """One due time, and what became of it."""

    playbook: str
    due: datetime
    run_id: int | None
    outcome: str
    at: datetime


def schedules(connection: Connection) -> list[ScheduleRow]:
    """All schedules, by playbook."""
    query = select(_schedule).order_by(_schedule.c.playbook)
    return [ScheduleRow(**row._mapping) for row in connection.execute(query)]


def due(connection: Connection, now: datetime) -> list[ScheduleRow]:
    """Schedules that have fallen due, the longest waiting first."""
    query = select(_schedule).where(_schedule.c.next_due <= now).order_by(_schedule.c.next_due)
    return [ScheduleRow(**row._mapping) for row in connection.execute(query)]


def set_schedule(connection: Connection, row: ScheduleRow) -> None:
    """Remember a schedule as it stands, new or moved on."""
    statement = insert(_schedule).on_conflict_do_update(index_elements=["playbook"], set_=row.__dict__)
    connection.execute(statement, row.__dict__)


def forget_schedule(connection: Connection, playbook: str) -> None:
    """The playbook has no schedule any more; its slots stay as history."""
    connection.execute(delete(_schedule).where(_schedule.c.playbook == playbook))


def claim_slot(
    connection: Connection, playbook: str, due: datetime, outcome: str, now: datetime, *, run_id: int | None = None
) -> bool:
    """Deal with a due time; False when that was done already, so do nothing more about it.

    `outcome` is ran, missed or overlapped. In the transaction that adds the run: claim first, then add it and
    call `slot_ran`.
    """
    row = {"playbook": playbook, "due": due, "run_id": run_id, "outcome": outcome, "at": now}
    claimed = connection.execute(insert(_slot).on_conflict_do_nothing(), row).rowcount == 1
    fault("schedule_claimed")
    return claimed


def pass_slots(connection: Connection, playbook: str, dues: Sequence[datetime], outcome: str, now: datetime) -> None:
    """Deal with due times that start no run, all with one statement; those dealt with before stay as they are."""
    rows = [{"playbook": playbook, "due": due, "run_id": None, "outcome": outcome, "at": now} for due in dues]
    if rows:
        connection.execute(insert(_slot).on_conflict_do_nothing(), rows)
        fault("schedule_claimed")


def slot_ran(connection: Connection, playbook: str, due: datetime, run_id: int) -> None:
    """The run that the slot started."""
    mine = (_slot.c.playbook == playbook) & (_slot.c.due == due)
    connection.execute(update(_slot).where(mine).values(run_id=run_id))


def slots(connection: Connection, playbook: str, limit: int = 50) -> list[SlotRow]:
    """Due times dealt with, latest first."""
    query = select(_slot).where(_slot.c.playbook == playbook).order_by(_slot.c.due.desc()).limit(limit)
    return [SlotRow(**row._mapping) for row in connection.execute(query)]
