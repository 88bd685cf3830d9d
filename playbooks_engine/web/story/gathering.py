"""What happened to one event, in the order of time: stored facts first, and what can be told from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from playbooks_engine.errors import ExpressionError
from playbooks_engine.runtime import sentences
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.triggers.holding import stale_after
from playbooks_engine.runtime.triggers.judging import Judge
from playbooks_engine.store import events, journal, triggers
from playbooks_engine.store.audit import AuditRow, calls_of_runs, changes_of
from playbooks_engine.store.events import EventRow, VersionRow
from playbooks_engine.store.journal import Run, StepRow
from playbooks_engine.store.looks import looks
from playbooks_engine.store.notifications import notifications
from playbooks_engine.store.triggers import Decision
from playbooks_engine.web.changes import Change, history

Kind = Literal["stored", "fetch", "considered", "decided", "run", "step", "call", "message"]
_ORDER: dict[str, int] = {kind: n for n, kind in enumerate(
    ("stored", "fetch", "considered", "decided", "run", "step", "call", "message")
)}  # fmt: skip

AT_ONCE = timedelta(seconds=5)
"""A run that begins so soon after it was asked for did not wait."""

MOST_STEPS = 100
MOST_GAPS = 20
"""Steps of a run, and times without a look, that are told one by one: the latest."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `computed`: not stored, but judged now, by the playbooks as they are now."""

    at: datetime
    kind: Kind
    text: str
    status: str = ""
    playbook: str = ""
    run: int | None = None
    changes: tuple[Change, ...] = ()
    saw: list[list[Any]] = field(default_factory=list)
    computed: bool = False


def gather(engine: Engine, connection: Connection, event: EventRow) -> list[Entry]:
    """The story of an event, from its first version on."""
    versions = events.versions(connection, event.stream, event.key)
    decisions = _decisions(connection, engine, event)
    runs = [*reversed(journal.runs(connection, event_stream=event.stream, event_key=event.key, limit=1000))]
    found = [
        *_stored(versions),
        *_looks(engine, connection, event),
        *_considered(engine, event, versions, decisions),
        *(_decided(row) for row in decisions),
        *(entry for run in runs for entry in _ran(connection, run)),
        *_called(connection, engine, runs),
        *_touched(connection, event, runs),
        *_told(connection, decisions),
    ]
    return sorted(found, key=lambda entry: (entry.at, _ORDER[entry.kind]))


def _stored(versions: Sequence[VersionRow]) -> Iterator[Entry]:
    for one in reversed(history(versions)):
        row = one.row
        if one.first:
            text = "it was stored for the first time"
        elif not row.was_current:
            text = "an older content of it arrived late; it changes nothing"
        elif one.outside:
            text = "it changed outside the mapped fields"
        else:
            text = "it changed"
        shown = () if one.outside else one.changes
        yield Entry(row.stored_at, "stored", f"version {row.number}: {text}", changes=shown)


def _looks(engine: Engine, connection: Connection, event: EventRow) -> list[Entry]:
    """The times since the event was first stored in which nobody looked at its stream."""
    longest, found = stale_after(engine, event.stream), []
    last, failed = event.first_seen, 0
    for look in looks(connection, event.stream, event.first_seen):
        if not look.well:
            failed += 1
            continue
        if failed or look.at - last > longest:
            why = f"{failed} fetches failed" if failed > 1 else "a fetch failed" if failed else "nothing fetched it"
            until = f"{look.at:%Y-%m-%d %H:%M:%S} UTC"
            text = f"{event.stream} was not looked at until {until}, as {why}: hold times stood still"
            found.append(Entry(last, "fetch", text, status="failed"))
        last, failed = look.at, 0
    if failed:
        found.append(Entry(last, "fetch", f"{event.stream} was not looked at since: fetches fail", status="failed"))
    return found[-MOST_GAPS:]


def _decisions(connection: Connection, engine: Engine, event: EventRow) -> list[Decision]:
    """What was decided about the event, and about the triggers that could have fired for it."""
    own = triggers.decisions(connection, stream=event.stream, event_key=event.key, limit=1000)
    good, _ = engine.library.all()
    names = {row.playbook for row in own}
    names |= {
        loaded.playbook.name
        for loaded in good
        if loaded.playbook.event is not None and loaded.playbook.event.stream == event.stream
    }
    about = [
        row
        for name in sorted(names)
        for kind in ("baseline", "paused", "resumed")
        for row in triggers.decisions(connection, playbook=name, kind=kind, limit=100)
        if row.at > event.first_seen
    ]
    return sorted([*own, *about], key=lambda row: row.id)


def _decided(row: Decision) -> Entry:
    told = f"{row.kind}: {row.reason}"
    return Entry(row.at, "decided", told, row.kind, row.playbook, row.run_id, saw=row.saw or [])


def _considered(
    engine: Engine, event: EventRow, versions: Sequence[VersionRow], decisions: Iterable[Decision]
) -> Iterator[Entry]:
    """What each trigger makes of each version, where no decision says it; the same again is not repeated."""
    known = {(row.playbook, row.event_version_id) for row in decisions}
    good, _ = engine.library.all()
    for loaded in good:
        trigger, name = loaded.playbook.event, loaded.playbook.name
        if trigger is None or trigger.stream != event.stream:
            continue
        judge = Judge(engine, trigger)
        last: tuple[str, list[list[Any]]] | None = None
        for version in versions:
            if not version.was_current:
                continue
            saw = judge.saw(version)
            try:
                text = "it matches" if judge.matches(version) else "it does not match"
            except ExpressionError as error:
                text = judge.unjudged(error)
            said, last = last, (text, saw)
            if last != said and (name, version.id) not in known:
                yield Entry(version.stored_at, "considered", text, playbook=name, saw=saw, computed=True)


def _ran(connection: Connection, run: Run) -> Iterator[Entry]:
    by = "" if run.trigger.get("kind") == "event" else f", started {sentences.trigger(run)}"
    yield Entry(run.created_at, "run", f"run {run.id} was asked for{by}", "queued", run.playbook, run.id)
    if run.started_at is not None and run.started_at - run.created_at > AT_ONCE:
        yield Entry(run.started_at, "run", f"run {run.id} began", "running", run.playbook, run.id)
    for step in journal.steps(connection, run.id)[:MOST_STEPS]:
        at = step.ended_at or step.started_at
        if at is not None:
            yield Entry(at, "step", _step(step), step.status, run.playbook, run.id, saw=_seen(step))
    if run.ended_at is not None:
        why = f": {sentences.error(run.error)}" if run.error else ""
        told = f"run {run.id} ended: {sentences.status(run.status)}{why}"
        # What happened in it comes first, also where the clock shows the same time.
        yield Entry(run.ended_at + timedelta(microseconds=1), "run", told, run.status, run.playbook, run.id)


def _step(row: StepRow) -> str:
    name = f"{row.step_id}[{row.item}]" if row.item is not None else row.step_id
    why = f": {sentences.error(row.error)}" if row.error else ""
    return f"step {name} {sentences.status(row.status)}{why}"


def _seen(row: StepRow) -> list[list[Any]]:
    return row.conditions if row.status == "skipped" and isinstance(row.conditions, list) else []


def _called(connection: Connection, engine: Engine, runs: Sequence[Run]) -> Iterator[Entry]:
    """The changes that the runs and their sub-runs made, or were kept from."""
    tops: dict[int, Run] = {}
    for run in runs:
        for number in _tree(connection, run):
            tops[number] = run
    if not runs:
        return
    for row in calls_of_runs(connection, [*tops], [*engine.project.connections], runs[0].created_at):
        if row.effect == "read" and row.decision != "denied":
            continue
        top = tops[row.actor["run"]]
        yield Entry(row.at, "call", sentences.sentence(row), _became(row), top.playbook, top.id)


def _became(row: AuditRow) -> str:
    """What became of a call; nothing for a look after a crash, which is no change of its own."""
    if row.decision == "denied" or row.outcome not in ("succeeded", None):
        return "failed"
    return "" if row.actor.get("looks_back") else "succeeded"


def _touched(connection: Connection, event: EventRow, runs: Sequence[Run]) -> Iterator[Entry]:
    """The changes of what the event is about by others than its own runs: by hand, on schedule, for another event."""
    own = {number for run in runs for number in _tree(connection, run)}
    alias, _, area = event.stream.partition(".")
    names = {event.key, *(str(event.fields[name]) for name in ("id", "tiny_id", "alias") if event.fields.get(name))}
    for row in changes_of(connection, alias, area, names, event.first_seen):
        run = row.actor.get("run")
        if run is None or run not in own:
            playbook = row.actor["name"] if row.actor.get("kind") == "playbook" else ""
            yield Entry(row.at, "call", sentences.sentence(row), _became(row), playbook, run)


def _tree(connection: Connection, run: Run) -> Iterator[int]:
    yield run.id
    for child in journal.children(connection, run.id):
        yield from _tree(connection, child)


def _told(connection: Connection, decisions: Iterable[Decision]) -> Iterator[Entry]:
    """Messages about the pauses of the playbooks concerned."""
    matters = {(row.at, row.kind) for row in decisions if row.kind in ("paused", "resumed")}
    if not matters:
        return
    for row in notifications(connection, limit=1000):
        if (row.created_at, row.subject) in matters:
            sent = "was sent" if row.sent_at is not None and not row.error else "waits to be sent"
            status = "succeeded" if row.sent_at is not None else "waiting"
            yield Entry(row.created_at, "message", f'the message "{row.title}" {sent} through {row.via}', status)
