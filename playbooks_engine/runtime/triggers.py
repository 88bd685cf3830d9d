"""Event triggers: what entered a condition since the last look starts a run, once per occurrence."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from playbooks_engine.errors import EngineError, ExpressionError, StoreUnusable
from playbooks_engine.language.expressions import Condition, Scope
from playbooks_engine.language.mapping import FieldMapping
from playbooks_engine.language.playbook import EventTrigger
from playbooks_engine.runtime.armed import Armed
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.mappings import mapping_of, root_of
from playbooks_engine.runtime.starting import EventVersion, freeze, prepare
from playbooks_engine.runtime.streams import source
from playbooks_engine.store import events, journal, triggers
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
        runs, more = _consider(engine, loaded, trigger)
        started += runs
        if not more:
            return started
        await engine.clock.sleep(0)


def digest_of(trigger: EventTrigger) -> str:
    """What makes a trigger another one: its stream and its condition."""
    where = trigger.where.text.strip() if trigger.where is not None else ""
    return hashlib.sha256(f"{trigger.stream}\n{where}".encode()).hexdigest()


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


class _Judge:
    """Whether stored events match a trigger, and why one could not be judged."""

    def __init__(self, engine: Engine, trigger: EventTrigger) -> None:
        self._where: Condition | None = trigger.where
        self._now = engine.clock.now
        try:
            self._mapping, _ = mapping_of(engine, source(engine, trigger.stream))
        except EngineError:
            # Without its mapping the stored fields are still there, only times stay text.
            self._mapping = FieldMapping()

    def matches(self, event: EventRow | VersionRow) -> bool:
        """Raises ExpressionError where the condition has no value for this event."""
        if self._where is None:
            return True
        root = root_of(self._mapping, event.fields, event.raw)
        return self._where.evaluate(Scope({"event": root}, self._now))


@dataclass
class _Outcome:
    """What a batch of changes leads to. A run that is to start stands by the index of its entry in `starting`."""

    starting: list[EventVersion] = field(default_factory=list)
    matches: dict[str, EventMatch] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    decisions: list[tuple[NewDecision, int | None]] = field(default_factory=list)

    def start(self, loaded: Loaded, event: VersionRow | EventRow, version_id: int, why: str, now: datetime) -> None:
        self.begun[event.key] = len(self.starting)
        self.decisions.append((_decision(loaded, event, "matched", why, now), len(self.starting)))
        self.starting.append(EventVersion(event.stream, event.key, version_id))


def _consider(engine: Engine, loaded: Loaded, trigger: EventTrigger) -> tuple[int, bool]:
    """One batch of changes; returns the number of runs queued, and whether there may be more changes."""
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
    outcome = _judged(engine, loaded, trigger, found, known)
    try:
        with engine.database.transaction(patient=False) as connection:
            runs = _write(engine, connection, loaded, outcome)
            if not triggers.move_cursor(connection, name, standing.cursor, found[-1].id):
                raise _OvertakenError
    except _OvertakenError:
        return 0, True
    return runs, len(found) == BATCH


def _judged(
    engine: Engine, loaded: Loaded, trigger: EventTrigger, found: list[VersionRow], known: dict[str, EventMatch]
) -> _Outcome:
    """What each change means: entering the condition starts a run, leaving it arms the trigger again."""
    judge = _Judge(engine, trigger)
    outcome = _Outcome()
    now = engine.clock.now()
    for change in found:
        before = outcome.matches.get(change.key) or known.get(change.key)
        matched = before is not None and before.matching
        try:
            matches = judge.matches(change)
        except ExpressionError as error:
            decision = _decision(loaded, change, "failed", _unjudged(engine, error), now)
            log.error(
                "%s did not start for %s of %s: %s", loaded.playbook.name, change.key, change.stream, decision.reason
            )
            outcome.decisions.append((decision, None))
            continue
        if matches == matched:
            continue
        if matches:
            outcome.start(loaded, change, change.id, "the event entered the condition", now)
        else:
            left = "the event left the condition; when it enters again, that is a new occurrence"
            outcome.decisions.append((_decision(loaded, change, "rearmed", left, now), None))
        outcome.matches[change.key] = EventMatch(
            playbook=loaded.playbook.name,
            stream=change.stream,
            key=change.key,
            matching=matches,
            since=now,
            run_id=before.run_id if before else None,
        )
    return outcome


def _decision(loaded: Loaded, event: VersionRow | EventRow, kind: str, reason: str, now: datetime) -> NewDecision:
    version = event.id if isinstance(event, VersionRow) else event.version_id
    return NewDecision(
        at=now,
        playbook=loaded.playbook.name,
        kind=kind,
        reason=reason,
        stream=event.stream,
        event_key=event.key,
        event_version_id=version,
    )


def _unjudged(engine: Engine, error: ExpressionError) -> str:
    hint = f" ({error.hint})" if error.hint else ""
    return engine.secrets.redact(f"`where` could not be judged: {error.message}{hint}")[:2000]


def _write(engine: Engine, connection: Connection, loaded: Loaded, outcome: _Outcome) -> int:
    """Runs, matches and decisions, a statement each."""
    now = engine.clock.now()
    runs: list[int] = []
    if outcome.starting:
        frozen = freeze(connection, loaded)
        new = [
            prepare(
                connection, loaded, {"kind": "event", "stream": event.stream, "key": event.key}, {},
                event=event, frozen=frozen,
            )
            for event in outcome.starting
        ]  # fmt: skip
        runs = journal.add_runs(connection, new, now)
    matches = []
    for key, match in outcome.matches.items():
        run_id = runs[outcome.begun[key]] if key in outcome.begun else match.run_id
        matches.append(EventMatch(**{**match.__dict__, "run_id": run_id}))
    triggers.set_event_matches(connection, matches)
    triggers.decide(
        connection,
        [
            NewDecision(**{**decision.__dict__, "run_id": runs[index] if index is not None else None})
            for decision, index in outcome.decisions
        ],
    )
    return len(runs)


async def _begin(engine: Engine, loaded: Loaded, trigger: EventTrigger, before: triggers.EventTrigger | None) -> int:
    """A trigger that is new, or another one than before: what matches already is its baseline, or is fired."""
    name = loaded.playbook.name
    now = engine.clock.now()
    judge, outcome = _Judge(engine, trigger), _Outcome()
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
    told = f"the trigger is {state}: {len(outcome.matches)} of {considered} stored events match already"
    told += " and are fired" if trigger.existing == "fire" else "; they start nothing"
    summary = NewDecision(at=now, playbook=name, kind="baseline", stream=trigger.stream, reason=told)
    outcome.decisions.insert(0, (summary, None))
    with engine.database.transaction(patient=False) as connection:
        if triggers.event_trigger(connection, name) != before:
            return 0  # another process was faster
        triggers.forget_event_trigger(connection, name)
        runs = _write(engine, connection, loaded, outcome)
        row = triggers.EventTrigger(playbook=name, stream=trigger.stream, digest=digest_of(trigger), cursor=cursor)
        triggers.set_event_trigger(connection, row)
    return runs


def _judge_stored(
    engine: Engine,
    loaded: Loaded,
    trigger: EventTrigger,
    judge: _Judge,
    event: EventRow,
    outcome: _Outcome,
    now: datetime,
) -> None:
    try:
        matches = judge.matches(event)
    except ExpressionError as error:
        if len(outcome.decisions) - len(outcome.starting) < BATCH:  # so many that could not be judged say enough
            outcome.decisions.append((_decision(loaded, event, "failed", _unjudged(engine, error), now), None))
        return
    if matches:
        outcome.matches[event.key] = EventMatch(
            playbook=loaded.playbook.name, stream=event.stream, key=event.key, matching=True, since=now
        )
        if trigger.existing == "fire":
            outcome.start(loaded, event, event.version_id, "it matched when the trigger was new", now)


def _stored(connection: Connection, stream: str) -> Iterator[list[EventRow]]:
    last: EventRow | None = None
    while True:
        page = events.list_events(connection, stream, limit=BATCH, before=last)
        yield page
        if len(page) < BATCH:
            return
        last = page[-1]
