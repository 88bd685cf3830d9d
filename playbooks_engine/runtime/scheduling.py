"""Schedules: each due time starts one run, or leaves a row that says why not."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from playbooks_engine.errors import EngineError, StoreUnusable
from playbooks_engine.language.playbook import ScheduleTrigger
from playbooks_engine.runtime.armed import Armed
from playbooks_engine.runtime.due import digest_of, next_due
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.starting import prepare
from playbooks_engine.store import journal, schedules, triggers
from playbooks_engine.store.schedules import ScheduleRow
from playbooks_engine.store.triggers import NewDecision

log = logging.getLogger(__name__)

ON_TIME = timedelta(seconds=60)
"""A slot that is dealt with so late is not a missed one: a busy process is late, one that was down is later."""

CHUNK = 200
"""Slots that are dealt with in one transaction."""

MOST_CAUGHT_UP = 10_000
"""Slots of one schedule that are dealt with one by one after downtime; older ones are missed, and counted."""


def tick(engine: Engine, armed: Armed) -> int:
    """Deal with every slot that has fallen due; returns how many runs were queued.

    Raises StoreBusy soon while another process holds the store: what was not dealt with is still due at the next tick.
    """
    with engine.database.reading() as connection:
        known = {row.playbook: row for row in schedules.schedules(connection)}
    now = engine.clock.now()
    started = 0
    for name, loaded in armed.playbooks.items():
        trigger = loaded.playbook.schedule
        if trigger is None:
            continue
        try:
            started += _look(engine, loaded, trigger, known.get(name), now)
        except StoreUnusable:
            raise  # that is not about this playbook
        except EngineError as error:
            log.error("the schedule of %s cannot be dealt with: %s", name, error)
        except Exception:
            log.exception("the schedule of %s broke; this is a defect of the engine", name)
    if armed.complete:
        gone = [name for name in known if not _has_schedule(armed, name)]
        if gone:
            with engine.database.transaction(patient=False) as connection:
                for name in gone:
                    schedules.forget_schedule(connection, name)
    return started


def _look(engine: Engine, loaded: Loaded, trigger: ScheduleTrigger, row: ScheduleRow | None, now: datetime) -> int:
    if row is None or row.digest != digest_of(trigger):
        _set_up(engine, loaded.playbook.name, trigger, now)
    elif row.next_due is not None and row.next_due <= now:
        return _catch_up(engine, loaded, trigger, row, now)
    return 0


def _has_schedule(armed: Armed, name: str) -> bool:
    loaded = armed.playbooks.get(name)
    return loaded is not None and loaded.playbook.schedule is not None


def _set_up(engine: Engine, name: str, trigger: ScheduleTrigger, now: datetime) -> None:
    """A schedule that is new, or another one than before, begins now: nothing of it was missed."""
    row = ScheduleRow(playbook=name, digest=digest_of(trigger), next_due=next_due(trigger, now))
    with engine.database.transaction(patient=False) as connection:
        schedules.set_schedule(connection, row)


def _catch_up(engine: Engine, loaded: Loaded, trigger: ScheduleTrigger, row: ScheduleRow, now: datetime) -> int:
    """Deal with the slots from `row.next_due` until now, as `catch_up` says."""
    assert row.next_due is not None  # noqa: S101 - asked by the caller
    slots, older, following = _slots(trigger, row.next_due, now)
    if older:
        _pass_over(engine, row, older, slots[0], now)
        row = replace(row, next_due=slots[0])
    wanted = _wanted(trigger, slots, now)
    started = 0
    for begin in range(0, len(slots), CHUNK):
        chunk = slots[begin : begin + CHUNK]
        after = slots[begin + CHUNK] if begin + CHUNK < len(slots) else following
        with engine.database.transaction(patient=False) as connection:
            if _standing(connection, row.playbook) != row:
                return started  # another process deals with them
            started += _deal_with(engine, connection, loaded, trigger, chunk, wanted, now)
            row = ScheduleRow(playbook=row.playbook, digest=row.digest, next_due=after, last_due=chunk[-1])
            schedules.set_schedule(connection, row)
    return started


def _slots(trigger: ScheduleTrigger, first: datetime, now: datetime) -> tuple[list[datetime], int, datetime | None]:
    """The due times until now, how many older ones were left out, and the one after them."""
    slots = deque([first], maxlen=MOST_CAUGHT_UP)
    number = 1
    while (following := next_due(trigger, slots[-1], slots[-1])) is not None and following <= now:
        slots.append(following)
        number += 1
    return list(slots), number - len(slots), following


def _pass_over(engine: Engine, row: ScheduleRow, number: int, until: datetime, now: datetime) -> None:
    """So many missed slots that they get one decision together."""
    why = f"{number:,} slots from {_told(row.next_due or until)} until {_told(until)} were missed: too many to catch up"
    with engine.database.transaction(patient=False) as connection:
        triggers.decide(connection, [NewDecision(at=now, playbook=row.playbook, kind="missed", reason=why)])
        schedules.set_schedule(connection, replace(row, next_due=until))


def _wanted(trigger: ScheduleTrigger, slots: Sequence[datetime], now: datetime) -> frozenset[datetime]:
    """The slots that start a run."""
    if trigger.catch_up == "all":
        return frozenset(slots)
    if trigger.catch_up == "none" and now - slots[-1] > ON_TIME:
        return frozenset()
    return frozenset(slots[-1:])


def _deal_with(
    engine: Engine,
    connection: Connection,
    loaded: Loaded,
    trigger: ScheduleTrigger,
    slots: Sequence[datetime],
    wanted: frozenset[datetime],
    now: datetime,
) -> int:
    name = loaded.playbook.name
    going = journal.scheduled(connection, name)
    decided: list[NewDecision] = []
    missed = [slot for slot in slots if slot not in wanted]
    schedules.pass_slots(connection, name, missed, "missed", now)
    why = f"nothing was there to start it, and catch_up is {trigger.catch_up}"
    decided += [NewDecision(at=now, playbook=name, kind="missed", slot=slot, reason=why) for slot in missed]
    started = 0
    for slot in sorted(wanted.intersection(slots)):
        # With `all` a slot waits behind the run before it: whoever asks for every slot must not lose one to a slow run.
        if going and trigger.catch_up != "all":
            if schedules.claim_slot(connection, name, slot, "overlapped", now):
                why = f"run {going[0].id}, which an earlier slot started, had not ended"
                decided.append(NewDecision(at=now, playbook=name, kind="overlapped", slot=slot, reason=why))
            continue
        if not schedules.claim_slot(connection, name, slot, "ran", now):
            continue
        new = prepare(connection, loaded, {"kind": "schedule", "due": _told(slot)}, {}, slot=slot)
        run_id = journal.add_run(connection, new, now)
        schedules.slot_ran(connection, name, slot, run_id)
        late = "" if now - slot <= ON_TIME else f" while nothing was there to start it; catch_up is {trigger.catch_up}"
        why = f"it fell due{late}"
        decided.append(NewDecision(at=now, playbook=name, kind="due", slot=slot, run_id=run_id, reason=why))
        started += 1
    triggers.decide(connection, decided)
    return started


def _standing(connection: Connection, name: str) -> ScheduleRow | None:
    return next((row for row in schedules.schedules(connection) if row.playbook == name), None)


def _told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
