"""A look at what changed in the store: what entered a condition starts a run or is held; what left it is armed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from playbooks_engine.errors import EngineError, ExpressionError, StoreUnusable
from playbooks_engine.language.playbook import EventTrigger
from playbooks_engine.runtime.armed import Armed
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.triggers.judging import Judge, digest_of
from playbooks_engine.runtime.triggers.outcomes import Outcome, decision
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.store import events, triggers
from playbooks_engine.store.events import EventRow, VersionRow
from playbooks_engine.store.triggers import EventMatch, NewDecision

log = logging.getLogger(__name__)

BATCH = 500
"""Changes that are considered in one transaction; between two batches others get their turn."""


async def evaluate(engine: Engine, armed: Armed, stream: str | None = None) -> int:
    """Consider what changed in the store since each event trigger looked last; returns how many runs were queued.

    Raises StoreBusy soon while another process holds the store: what was not considered yet is at the next look.
    """
    with engine.database.reading() as connection:
        known = {row.playbook: row for row in triggers.event_triggers(connection)}
        fetched = {row.stream for row in events.stream_states(connection) if row.last_fetch_at is not None}
    started = 0
    for name, loaded in armed.playbooks.items():
        trigger = loaded.playbook.event
        if trigger is None or stream not in (None, trigger.stream):
            continue
        before = known.get(name)
        if before is None and trigger.stream not in fetched:
            continue  # what the first fetch brings was there before: it belongs to the baseline
        try:
            started += await _look(engine, loaded, trigger, before)
        except StoreUnusable:
            raise  # that is not about this playbook
        except EngineError as error:
            log.error("the events of %s cannot be considered: %s", name, error)
        except Exception:
            log.exception("considering the events of %s broke; this is a defect of the engine", name)
    if armed.complete:
        _forget(engine, (name for name in known if not _has_event(armed, name)))
    return started


async def _look(engine: Engine, loaded: Loaded, trigger: EventTrigger, before: triggers.EventTrigger | None) -> int:
    if before is None or before.digest != digest_of(trigger):
        return await _begin(engine, loaded, trigger, before)
    started = 0
    while True:
        runs, more = consider(engine, loaded, trigger)
        started += runs
        if not more:
            return started
        await engine.clock.sleep(0)


def _has_event(armed: Armed, name: str) -> bool:
    loaded = armed.playbooks.get(name)
    return loaded is not None and loaded.playbook.event is not None


def _forget(engine: Engine, names: Iterable[str]) -> None:
    gone = list(names)
    if gone:
        with engine.database.transaction(patient=False) as connection:
            for name in gone:
                triggers.forget_event_trigger(connection, name)


class _OvertakenError(Exception):
    """Another process considered the same changes and was faster: what was written here is undone."""


def consider(
    engine: Engine, loaded: Loaded, trigger: EventTrigger, read_again: Collection[int] = ()
) -> tuple[int, bool]:
    """One batch of changes; returns the number of runs queued, and whether there may be more changes.

    `read_again` are versions that were read before firing: what they end was dropped.
    """
    name, stream = loaded.playbook.name, trigger.stream
    with engine.database.reading() as connection:
        standing = triggers.event_trigger(connection, name)
        if standing is None or standing.digest != digest_of(trigger):
            return 0, False
        found = events.changes(connection, stream, standing.cursor, BATCH)
        if not found:
            return 0, False
        keys = {change.key for change in found}
        known = {row.key: row for row in triggers.event_matches(connection, name, keys=keys) if row.stream == stream}
    outcome = _judged(engine, loaded, trigger, found, known, read_again)
    try:
        with engine.database.transaction(patient=False) as connection:
            if not triggers.move_cursor(connection, name, standing.cursor, found[-1].id) or not _as_known(
                connection, name, stream, keys, known
            ):
                raise _OvertakenError
            runs = outcome.write(engine, connection, loaded)
    except _OvertakenError:
        return 0, True
    return runs, len(found) == BATCH


def _as_known(
    connection: Connection, playbook: str, stream: str, keys: Collection[str], known: dict[str, EventMatch]
) -> bool:
    """Whether the events still stand with the trigger as they did: one that is held may have fired meanwhile."""
    rows = triggers.event_matches(connection, playbook, keys=keys)
    return {row.key: row for row in rows if row.stream == stream} == known


def _judged(
    engine: Engine,
    loaded: Loaded,
    trigger: EventTrigger,
    found: list[VersionRow],
    known: dict[str, EventMatch],
    read_again: Collection[int],
) -> Outcome:
    """What each change means: entering the condition starts a run, leaving it arms the trigger again."""
    judge = Judge(engine, trigger)
    outcome = Outcome(hold=trigger.hold or 0.0)
    now = engine.clock.now()
    for change in found:
        before = outcome.matches.get(change.key) or known.get(change.key)
        try:
            matches = judge.matches(change)
        except ExpressionError as error:
            say_failed(engine, loaded, outcome, change, judge.unjudged(error))
            continue
        if matches == (before is not None and before.matching):
            continue
        saw = judge.saw(change)
        if not matches and before is not None:
            kind, why = _left(trigger, before, change.id in read_again)
            outcome.say(decision(loaded, change, kind, why, now, saw))
        elif trigger.hold is not None:
            outcome.say(decision(loaded, change, "held", _held(trigger.hold, change.stored_at), now, saw))
        else:
            outcome.start(decision(loaded, change, "matched", "the event entered the condition", now, saw))
        held = matches and trigger.hold is not None
        outcome.matches[change.key] = EventMatch(
            playbook=loaded.playbook.name,
            stream=change.stream,
            key=change.key,
            matching=matches,
            since=change.stored_at if held else now,
            run_id=before.run_id if before else None,
            held=0.0 if held else None,
            held_to=change.stored_at if held else None,
        )
    return outcome


def _held(hold: float, since: datetime) -> str:
    return (
        f"the event entered the condition; it fires when it has matched for {format_duration(hold)} without a break, "
        f"counted from {told(since)}"
    )


def _left(trigger: EventTrigger, before: EventMatch, read_again: bool) -> tuple[str, str]:
    if before.held is None:
        return "rearmed", "the event left the condition; when it enters again, that is a new occurrence"
    if read_again:
        return "dropped", "it was read again before firing and does not match any more: nothing was started"
    if before.held >= (trigger.hold or 0.0):
        return "rearmed", "the event left the condition while its run could not start: nothing was started"
    over, hold = format_duration(int(before.held)), format_duration(trigger.hold or 0)
    return "rearmed", f"the event left the condition when {over} of {hold} were over: nothing was started"


def told(moment: datetime) -> str:
    """A moment in a sentence."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def say_failed(
    engine: Engine, loaded: Loaded, outcome: Outcome, event: VersionRow | EventRow, why: str, kind: str = "failed"
) -> None:
    """A decision that nothing could be decided; none where that was the last one about the event already."""
    name = loaded.playbook.name
    with engine.database.reading() as connection:
        last = triggers.decisions(connection, playbook=name, stream=event.stream, event_key=event.key, limit=1)
    said = [row for row, _ in outcome.decisions if row.event_key == event.key] or last
    if said and (said[-1].kind, said[-1].reason) == (kind, why):
        return
    log.error("%s did not start for %s of %s: %s", name, event.key, event.stream, why)
    outcome.say(decision(loaded, event, kind, why, engine.clock.now()))


async def _begin(engine: Engine, loaded: Loaded, trigger: EventTrigger, before: triggers.EventTrigger | None) -> int:
    """A trigger that is new, or another one than before: what matches already is its baseline, or is fired."""
    name = loaded.playbook.name
    now = engine.clock.now()
    judge, outcome = Judge(engine, trigger), Outcome(hold=trigger.hold or 0.0)
    considered = 0
    # One moment of the store, though others get their turn between two pages.
    with engine.database.reading() as connection:
        cursor = events.latest_id(connection, trigger.stream)
        for page in _stored(connection, trigger.stream):
            considered += len(page)
            for event in page:
                _judge_stored(engine, loaded, trigger, judge, event, outcome, now)
            await engine.clock.sleep(0)
    state = "new" if before is None else "changed"
    why = f"the trigger is {state}: {len(outcome.matches)} of {considered} stored events match already"
    if trigger.existing == "baseline":
        why += "; they start nothing"
    else:
        why += " and are fired" if trigger.hold is None else " and are held from now on"
    summary = NewDecision(at=now, playbook=name, kind="baseline", stream=trigger.stream, reason=why)
    outcome.decisions.insert(0, (summary, None))
    with engine.database.transaction(patient=False) as connection:
        if triggers.event_trigger(connection, name) != before:
            return 0  # another process was faster
        triggers.forget_event_trigger(connection, name)
        runs = outcome.write(engine, connection, loaded)
        row = triggers.EventTrigger(playbook=name, stream=trigger.stream, digest=digest_of(trigger), cursor=cursor)
        triggers.set_event_trigger(connection, row)
    return runs


def _judge_stored(
    engine: Engine,
    loaded: Loaded,
    trigger: EventTrigger,
    judge: Judge,
    event: EventRow,
    outcome: Outcome,
    now: datetime,
) -> None:
    try:
        matches = judge.matches(event)
    except ExpressionError as error:
        if len(outcome.decisions) - len(outcome.starting) < BATCH:  # so many that could not be judged say enough
            outcome.say(decision(loaded, event, "failed", judge.unjudged(error), now))
        return
    if not matches:
        return
    match = EventMatch(playbook=loaded.playbook.name, stream=event.stream, key=event.key, matching=True, since=now)
    if trigger.existing == "fire":
        if trigger.hold is None:
            why = "it matched when the trigger was new"
            outcome.start(decision(loaded, event, "matched", why, now, judge.saw(event)))
        else:
            match = replace(match, held=0.0, held_to=now)
            outcome.say(decision(loaded, event, "held", _held(trigger.hold, now), now, judge.saw(event)))
    outcome.matches[event.key] = match


def _stored(connection: Connection, stream: str) -> Iterator[list[EventRow]]:
    last: EventRow | None = None
    while True:
        page = events.list_events(connection, stream, limit=BATCH, before=last)
        yield page
        if len(page) < BATCH:
            return
        last = page[-1]
