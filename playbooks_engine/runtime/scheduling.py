"""Schedules: each due time starts one run, or leaves a row that says why not."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from playbooks_engine.errors import EngineError, StoreUnusable
from playbooks_engine.language.playbook import ScheduleTrigger
from playbooks_engine.runtime.armed import Armed
from playbooks_engine.runtime.due import digest_of, latest_dues, next_due
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.lanes import queue
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.starting import freeze, prepare
from playbooks_engine.runtime.suspending import Brake
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.store import journal, schedules, triggers
from playbooks_engine.store.schedules import ScheduleRow
from playbooks_engine.store.triggers import NewDecision

log = logging.getLogger(__name__)

ON_TIME = timedelta(seconds=60)
"""A slot that is dealt with so late is not a missed one: a busy process is late, one that was down is later."""

CHUNK = 200
"""Slots that are dealt with in one transaction."""

MOST_CAUGHT_UP = 10_000
"""Slots of one schedule that are dealt with one by one after downtime; older ones are missed, and told together."""

WINDOW = timedelta(hours=24)
"""How late the last missed slot is still caught up, unless `catch_up_window` in project.yml says otherwise.

Who asks for `all` slots gets all of them, unless it is written there.
"""


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
        _set_up(engine, loaded.playbook.name, trigger, row, now)
    elif row.next_due is not None and row.next_due <= now:
        return _catch_up(engine, loaded, trigger, row, now)
    return 0


def _has_schedule(armed: Armed, name: str) -> bool:
    loaded = armed.playbooks.get(name)
    return loaded is not None and loaded.playbook.schedule is not None


def _set_up(engine: Engine, name: str, trigger: ScheduleTrigger, known: ScheduleRow | None, now: datetime) -> None:
    """A schedule that is new, or another one than before, begins now: nothing of it was missed."""
    row = ScheduleRow(playbook=name, digest=digest_of(trigger), next_due=next_due(trigger, now))
    with engine.database.transaction(patient=False) as connection:
        if _standing(connection, name) == known:  # otherwise another process was faster, and may have begun long ago
            schedules.set_schedule(connection, row)


def _catch_up(engine: Engine, loaded: Loaded, trigger: ScheduleTrigger, row: ScheduleRow, now: datetime) -> int:
    """Deal with the slots from `row.next_due` until now, as `catch_up` says."""
    assert row.next_due is not None  # noqa: S101 - asked by the caller
    slots, following = latest_dues(trigger, row.next_due, now, MOST_CAUGHT_UP)
    if slots[0] > row.next_due:
        _pass_over(engine, row, slots[0], now)
        row = replace(row, next_due=slots[0])
    reasons = _missed(trigger, slots, now, engine.project.catch_up_window)
    started = 0
    for begin in range(0, len(slots), CHUNK):
        chunk = slots[begin : begin + CHUNK]
        after = slots[begin + CHUNK] if begin + CHUNK < len(slots) else following
        with engine.database.transaction(patient=False) as connection:
            if _standing(connection, row.playbook) != row:
                return started  # another process deals with them
            started += _deal_with(engine, connection, loaded, trigger, chunk, reasons, now)
            row = ScheduleRow(playbook=row.playbook, digest=row.digest, next_due=after, last_due=chunk[-1])
            schedules.set_schedule(connection, row)
    return started


def _pass_over(engine: Engine, row: ScheduleRow, until: datetime, now: datetime) -> None:
    """So many missed slots that they get one decision together."""
    why = f"all slots from {_told(row.next_due or until)} until before {_told(until)} were missed: too many to catch up"
    with engine.database.transaction(patient=False) as connection:
        if _standing(connection, row.playbook) == row:
            triggers.decide(connection, [NewDecision(at=now, playbook=row.playbook, kind="missed", reason=why)])
            schedules.set_schedule(connection, replace(row, next_due=until))


def _missed(
    trigger: ScheduleTrigger, slots: Sequence[datetime], now: datetime, window: timedelta | None
) -> dict[datetime, str]:
    """The slots that start no run, and why."""
    window = window or (None if trigger.catch_up == "all" else WINDOW)
    missed = {}
    for slot in slots:
        latest = trigger.catch_up == "all" or slot == slots[-1]
        if not latest or (trigger.catch_up == "none" and now - slot > ON_TIME):
            missed[slot] = f"nothing was there to start it, and catch_up is {trigger.catch_up}"
        elif window is not None and now - slot > window:
            missed[slot] = f"nothing was there to start it, and after {format_duration(window)} it is too late for that"
    return missed


def _deal_with(
    engine: Engine,
    connection: Connection,
    loaded: Loaded,
    trigger: ScheduleTrigger,
    slots: Sequence[datetime],
    reasons: Mapping[datetime, str],
    now: datetime,
) -> int:
    name = loaded.playbook.name
    decided: list[NewDecision] = []
    missed = [slot for slot in slots if slot in reasons]
    schedules.pass_slots(connection, name, missed, "missed", now)
    decided += [NewDecision(at=now, playbook=name, kind="missed", slot=slot, reason=reasons[slot]) for slot in missed]
    wanted = [slot for slot in slots if slot not in reasons]
    going = journal.scheduled(connection, name) if trigger.catch_up != "all" else []
    brake = Brake(engine, connection, loaded, now) if wanted else None
    starting: list[datetime] = []
    for slot in wanted:
        # With `all` a slot waits behind the run before it: whoever asks for every slot must not lose one to a slow run.
        outcome, why = "ran", ""
        if going:
            outcome, why = "overlapped", f"run {going[0].id}, which an earlier slot started, had not ended"
        elif brake is not None and not brake.lets_through():
            outcome, why = "suppressed", brake.why
        if not schedules.claim_slot(connection, name, slot, outcome, now):
            continue
        if outcome == "ran":
            starting.append(slot)
        else:
            decided.append(NewDecision(at=now, playbook=name, kind=outcome, slot=slot, reason=why))
    decided += _start(engine, connection, loaded, trigger, starting, now)
    triggers.decide(connection, decided)
    return len(starting)


def _start(
    engine: Engine,
    connection: Connection,
    loaded: Loaded,
    trigger: ScheduleTrigger,
    slots: Sequence[datetime],
    now: datetime,
) -> list[NewDecision]:
    """A run for each slot that was claimed; returns the decisions that say so."""
    if not slots:
        return []
    name, frozen = loaded.playbook.name, freeze(connection, loaded)
    new = [
        prepare(connection, loaded, {"kind": "schedule", "due": _told(slot)}, {}, slot=slot, frozen=frozen)
        for slot in slots
    ]
    decided = []
    for slot, run_id in zip(slots, queue(engine, connection, loaded, new, now), strict=True):
        schedules.slot_ran(connection, name, slot, run_id)
        late = "" if now - slot <= ON_TIME else f" while nothing was there to start it; catch_up is {trigger.catch_up}"
        why = f"it fell due{late}"
        decided.append(NewDecision(at=now, playbook=name, kind="due", slot=slot, run_id=run_id, reason=why))
    return decided


def _standing(connection: Connection, name: str) -> ScheduleRow | None:
    return next((row for row in schedules.schedules(connection) if row.playbook == name), None)


def _told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
