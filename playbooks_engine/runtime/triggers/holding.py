"""Triggers with a hold time: an event fires when it has matched for that long, and still does when read again.

Only time covered by fetches of its stream counts. Between two fetches that ended well, with none that failed between
them and not too far apart, the event is taken to have matched all along; over a longer gap nobody looked, and the
clock of the hold time stands still.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from playbooks_engine.errors import EngineError, ExpressionError, NotFound, StoreUnusable, UnexpectedAnswer
from playbooks_engine.language.playbook import EventTrigger
from playbooks_engine.runtime.armed import Armed
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.mappings import mapping_of
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.streams import Source, source
from playbooks_engine.runtime.suspending import allowance, pause_of
from playbooks_engine.runtime.triggers.judging import Judge, digest_of
from playbooks_engine.runtime.triggers.looking import BATCH, consider, say_failed
from playbooks_engine.runtime.triggers.outcomes import Outcome, decision
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.store import events, triggers
from playbooks_engine.store.events import Arrival
from playbooks_engine.store.looks import Look, looks
from playbooks_engine.store.triggers import EventMatch

log = logging.getLogger(__name__)

STALE_AFTER = 3
"""A stream that was not looked at for so many ticks is stale."""

AT_LEAST = timedelta(seconds=10)
"""No stream is stale earlier: where ticks are seconds apart, a busy machine makes one late."""

AGAIN_AFTER = 60.0
"""The longest time until a failed reading is tried again, in seconds; a shorter tick is waited for."""

AT_ONCE = 50
"""Events of one trigger that are fired in one go, those that are held longest first; then others get their turn."""

TOGETHER = 5
"""Events of one trigger that are read again at the same time."""

SERVICE = Actor("service", "triggers")


async def fire_held(engine: Engine, armed: Armed) -> int:
    """Start a run for each event that has matched for its trigger's hold time; returns how many were queued.

    So do those whose runs were left out while their playbook was paused, once it goes on.

    Reading again may take long where a service does not answer, so this is a loop beside `evaluate`. Raises StoreBusy
    soon while another process holds the store.
    """
    held = [(loaded, loaded.playbook.event) for loaded in armed.playbooks.values() if loaded.playbook.event is not None]
    return sum(await asyncio.gather(*(_fire_trigger(engine, loaded, trigger) for loaded, trigger in held)))


async def _fire_trigger(engine: Engine, loaded: Loaded, trigger: EventTrigger) -> int:
    name = loaded.playbook.name
    try:
        due = await _due(engine, loaded, trigger)
        started = 0
        for begin in range(0, len(due), TOGETHER):
            chunk = due[begin : begin + TOGETHER]
            started += sum(await asyncio.gather(*(_read_and_fire(engine, loaded, trigger, match) for match in chunk)))
    except StoreUnusable:
        raise  # that is not about this playbook
    except EngineError as error:
        log.error("the held events of %s cannot be fired: %s", name, error)
    except Exception:
        log.exception("firing the held events of %s broke; this is a defect of the engine", name)
    else:
        return started
    return 0


@dataclass(frozen=True)
class Held:
    """How far the hold time of an occurrence is over: `stored` counts up to the last look, `seconds` up to now.

    `fresh` is false while the stream is stale: then the clock stands still.
    """

    stored: EventMatch
    seconds: float
    fresh: bool


def stale_after(engine: Engine, stream: str) -> timedelta:
    """For how long a look at a stream says something about it."""
    return max(AT_LEAST, timedelta(seconds=STALE_AFTER * _every(engine, stream)))


def count(match: EventMatch, seen: Iterable[Look], now: datetime, longest: timedelta) -> Held:
    """Go on counting the hold time of an occurrence over the looks since it was counted last."""
    assert match.held is not None and match.held_to is not None  # noqa: S101, PT018 - it is held
    held, upto = match.held, min(match.held_to, now)  # after the clock was set back, from now on
    failed = False
    for look in seen:
        if look.at <= upto or not look.well:
            failed |= look.at > upto
            continue
        if not failed and look.at - upto <= longest:
            held += (look.at - upto).total_seconds()
        upto, failed = look.at, False
    fresh = not failed and now - upto <= longest
    since = (now - upto).total_seconds() if fresh else 0.0
    return Held(replace(match, held=held, held_to=upto), held + since, fresh)


async def _due(engine: Engine, loaded: Loaded, trigger: EventTrigger) -> list[EventMatch]:
    """The occurrences whose hold time is over; how far that of the others is over is stored."""
    name, now = loaded.playbook.name, engine.clock.now()
    with engine.database.reading() as connection:
        standing = triggers.event_trigger(connection, name)
        if standing is None or standing.digest != digest_of(trigger):
            return []  # its baseline comes first
        waiting = triggers.held_matches(connection, name, trigger.stream)
        if not waiting:
            return []
        since = min(match.held_to for match in waiting if match.held_to is not None)
        seen = looks(connection, trigger.stream, min(since, now))
        pause = pause_of(connection, engine.project.pausing, loaded)
        most = allowance(engine, connection, loaded, pause, now)
    longest = stale_after(engine, trigger.stream)
    again_after = timedelta(seconds=min(AGAIN_AFTER, _every(engine, trigger.stream)))
    due, moved = [], []
    for match in waiting:
        held = count(match, seen, now, longest)
        if held.stored != match:
            moved.append((match, held.stored))
        tried = match.tried_at is not None and match.tried_at <= now < match.tried_at + again_after
        if held.seconds >= (trigger.hold or 0.0) and not tried:
            due.append(held.stored)
    gone: set[str] = set()
    for begin in range(0, len(moved), BATCH):
        with engine.database.transaction(patient=False) as connection:
            chunk = moved[begin : begin + BATCH]
            gone |= {before.key for before, after in chunk if not triggers.change_held(connection, before, after)}
        await engine.clock.sleep(0)
    return [match for match in due if match.key not in gone][: AT_ONCE if most is None else most]


def _every(engine: Engine, stream: str) -> float:
    try:
        return source(engine, stream).settings.every
    except EngineError:
        return 60.0  # the connection is gone; what it had is still held


async def _read_and_fire(engine: Engine, loaded: Loaded, trigger: EventTrigger, match: EventMatch) -> int:
    """Read the event again; fire when it still matches."""
    try:
        found = source(engine, trigger.stream)
        read = await _read_again(engine, found, match.key) if found.stream.refresh is not None else None
    except NotFound:
        _end(engine, loaded, match, "dropped", "it was read again before firing, and the service has it no more")
        return 0
    except StoreUnusable:
        raise
    except EngineError as error:
        _failed(engine, loaded, match, error)
        return 0
    again: list[int] = []
    if read is not None:
        now = engine.clock.now()
        with engine.database.transaction(patient=False) as connection:
            before = events.latest_id(connection, trigger.stream)
            events.store_page(connection, trigger.stream, [read], now)
            again = [*range(before + 1, events.latest_id(connection, trigger.stream) + 1)]
    # Whatever was stored and not considered yet comes first: the event may have left the condition and be back.
    started, more = consider(engine, loaded, trigger, again)
    while more:
        runs, more = consider(engine, loaded, trigger, again)
        started += runs
    return started + _fire(engine, loaded, trigger, match, read is not None)


async def _read_again(engine: Engine, found: Source, key: str) -> Arrival:
    assert found.stream.refresh is not None  # noqa: S101 - asked by the caller
    called = await engine.calling.call(found.connection, found.stream.refresh(key), SERVICE)
    item = called.result.output if called.result is not None else None
    if isinstance(item, dict) and not found.settings.detail:
        # A page of the stream would bring it without these, and then it would be another content each time.
        item = {name: value for name, value in item.items() if name not in found.stream.unlisted}
    mapping, _ = mapping_of(engine, found)
    try:
        event = mapping.event(item)
    except ValueError as error:
        raise UnexpectedAnswer(f"The answer is no event of {found.name}: {error}.") from None
    if event.key != key:
        raise UnexpectedAnswer(f'The answer is about another event: "{event.key}".')
    kept = engine.secrets.without
    return Arrival(event.key, event.version, kept(event.fields), kept(event.raw))


def _failed(engine: Engine, loaded: Loaded, match: EventMatch, error: EngineError) -> None:
    """Reading again failed: it is tried again, and told where that is news."""
    why = engine.secrets.redact(f"it could not be read again before firing, which is tried again: {error.message}")
    outcome = Outcome()
    with engine.database.reading() as connection:
        row = events.event(connection, match.stream, match.key)
    if row is not None:
        say_failed(engine, loaded, outcome, row, why[:2000], "unread")
    with engine.database.transaction(patient=False) as connection:
        if triggers.change_held(connection, match, replace(match, tried_at=engine.clock.now())):
            outcome.write(engine, connection, loaded)


def _end(engine: Engine, loaded: Loaded, match: EventMatch, kind: str, why: str) -> None:
    """The occurrence is over and started nothing."""
    now = engine.clock.now()
    over = replace(match, matching=False, since=now, held=None, held_to=None, tried_at=None)
    with engine.database.transaction(patient=False) as connection:
        row = events.event(connection, match.stream, match.key)
        if row is None or not triggers.change_held(connection, match, over):
            return
        triggers.decide(connection, [decision(loaded, row, kind, f"{why}: nothing was started", now)])


def _fire(engine: Engine, loaded: Loaded, trigger: EventTrigger, match: EventMatch, read: bool) -> int:
    """Start the run of an occurrence that still is as it was, in one transaction."""
    judge, now = Judge(engine, trigger), engine.clock.now()
    with engine.database.reading() as connection:
        row = events.event(connection, match.stream, match.key)
    if row is None:
        return 0
    try:
        matches = judge.matches(row)
    except ExpressionError as error:
        _failed(engine, loaded, match, error)
        return 0
    if not matches:  # by the clock alone: no new version made it leave
        _end(engine, loaded, match, "dropped", "it was looked at again before firing and does not match any more")
        return 0
    how = "it was read again and still does" if read else "its stream has no way to read it again"
    why = f"it has matched for {format_duration(trigger.hold)} without a break" if trigger.hold else "it waited"
    why = f"{why}, and {how}"
    fired = replace(match, held=None, held_to=None, tried_at=None)
    outcome = Outcome(matches={match.key: fired}, hold=trigger.hold or 0.0)
    outcome.start(decision(loaded, row, "matched", why, now, judge.saw(row)))
    with engine.database.transaction(patient=False) as connection:
        current = events.event(connection, match.stream, match.key)
        if current is None or current.version_id != row.version_id:
            return 0  # another version has come since: it is considered first
        if not triggers.change_held(connection, match, fired):
            return 0  # another process was faster, or it has left the condition
        return outcome.write(engine, connection, loaded)
