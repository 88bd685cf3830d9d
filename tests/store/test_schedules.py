"""Each due time is dealt with once."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import Run
from playbooks_engine.store.schedules import (
    ScheduleRow,
    claim_slot,
    due,
    forget_schedule,
    pass_slots,
    schedules,
    set_schedule,
    slot_ran,
    slots,
)

MINUTE = timedelta(minutes=1)


def test_schedules_fall_due_the_longest_waiting_first(database: Database, now: datetime) -> None:
    late = ScheduleRow(playbook="late", digest="d", next_due=now - MINUTE)
    ready = ScheduleRow(playbook="ready", digest="d", next_due=now)
    early = ScheduleRow(playbook="early", digest="d", next_due=now + MINUTE)
    with database.transaction() as connection:
        for row in (ready, early, late, ScheduleRow(playbook="never", digest="d")):
            set_schedule(connection, row)
        assert due(connection, now) == [late, ready]
        moved = ScheduleRow(playbook="late", digest="d", next_due=now + MINUTE, last_due=now - MINUTE)
        set_schedule(connection, moved)
        assert due(connection, now) == [ready]
        forget_schedule(connection, "ready")
        assert [row.playbook for row in schedules(connection)] == ["early", "late", "never"]


def test_a_slot_is_claimed_once(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection:
        assert claim_slot(connection, "chase", now, "ran", now)
        assert not claim_slot(connection, "chase", now, "ran", now)
        assert claim_slot(connection, "other", now, "missed", now)
        assert claim_slot(connection, "chase", now + MINUTE, "overlapped", now)
        slot_ran(connection, "chase", now, run.id)
        found = [(row.due, row.outcome, row.run_id) for row in slots(connection, "chase")]
    assert found == [(now + MINUTE, "overlapped", None), (now, "ran", run.id)]


def test_many_slots_are_passed_at_once_and_those_that_ran_stay(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection:
        claim_slot(connection, "chase", now, "ran", now, run_id=run.id)
        pass_slots(connection, "chase", [now - MINUTE, now, now + MINUTE], "missed", now)
        pass_slots(connection, "chase", [], "missed", now)
        found = [(row.due, row.outcome) for row in slots(connection, "chase")]
    assert found == [(now + MINUTE, "missed"), (now, "ran"), (now - MINUTE, "missed")]
