"""A long night: alerts come and go, the vendor misbehaves, the service is killed; then a checker judges what is left.

The ledger of the simulator and its state say what really happened; the store says what the service believes. Nothing
here asks the service about itself.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.store import events, journal, schedules, triggers
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import Run, StepRow

PLAYBOOKS = {
    "page_p1": """
name: page_p1
on:
  event: {from: ops.alerts, where: event.status == 'open' and event.priority == 'P1'}
connections: {ops: opsgenie}
steps:
  - {id: who, uses: ops.get_on_call_user, with: {schedule_name: ops_primary}, retry: {attempts: 3, delay: 1s}}
  - {id: note, uses: ops.add_note, with: {identifier: "${{ event.id }}", note: "page ${{ run.id }}"}}
  - id: declare
    once: ${{ event.id }}
    uses: ops.create_alert
    with: {message: "declared for ${{ event.id }}", priority: P4}
always:
  - id: trail
    continue_on_error: true
    uses: ops.add_note
    with: {identifier: "${{ event.id }}", note: "trail ${{ run.id }}"}
""",
    "chase": """
name: chase
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and event.priority == 'P2' and not event.acknowledged
    for: 4s
connections: {ops: opsgenie}
steps:
  - id: both
    parallel:
      note: [{id: note, uses: ops.add_note, with: {identifier: "${{ event.id }}", note: "chase ${{ run.id }}"}}]
      wait: [{id: wait, uses: core.wait, with: {for: 7s}}]
  - {id: after, uses: ops.add_note, with: {identifier: "${{ event.id }}", note: "after ${{ run.id }}"}}
""",
    "ask": """
name: ask
on:
  event: {from: ops.alerts, where: event.status == 'open' and event.priority == 'P5'}
connections: {ops: opsgenie}
steps:
  - {id: ask, uses: core.approval, with: {prompt: Well?, timeout: 12s}}
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ event.id }}", note: "asked ${{ run.id }} ${{ steps.ask.output.decision }}"}
""",
    "tick": """
name: tick
on:
  schedule: {every: 3s, catch_up: all}
connections: {ops: opsgenie}
steps:
  - {id: note, uses: ops.add_note, with: {identifier: the-clock, identifier_type: alias, note: "tick ${{ run.id }}"}}
""",
}
TEXTS = {"page_p1": {"note": "page", "trail": "trail"}, "chase": {"note": "chase", "after": "after"},
         "ask": {"note": "asked"}, "tick": {"note": "tick"}}  # fmt: skip

FAULTS = (
    ("error", {"status": 503}), ("error", {"status": 500}), ("error", {"status": 429}), ("slow", {"seconds": 1.5}),
    ("html", {"status": 502}), ("reset_before", {}), ("reset_after", {}), ("error_after", {"status": 504}),
    ("truncated", {}), ("truncated", {"in_transit": True}), ("shift", {"by": 0}),
)  # fmt: skip


@dataclass
class Night:
    """What happens at the vendor while the service runs; all chance is of the seed."""

    vendor: Simulator
    seed: int
    dice: random.Random = field(init=False)
    alerts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - the same night again, not a secret
        self.clock = self.vendor.has_alert(message="the clock", alias="the-clock", priority="P3").id
        self.vendor.process_after(0.2)

    def happens(self) -> None:
        """One thing: an alert comes, changes or goes; now and then the next requests go wrong."""
        roll = self.dice.random()
        if roll < 0.35 or not self.alerts:
            hidden = self.dice.choice((0, 0, 0, 2, 5))
            priority = self.dice.choice(("P1", "P2", "P2", "P3", "P5"))
            made = self.vendor.has_alert(message=f"alert {len(self.alerts)}", priority=priority, visible_after=hidden)
            self.alerts.append(made.id)
            return
        alert = self.dice.choice(self.alerts[-40:])
        if roll < 0.55:
            self.vendor.change(alert, message=f"changed {self.dice.randrange(10**6)}")
        elif roll < 0.70:
            self.vendor.change(alert, acknowledged=self.dice.random() < 0.7)
        elif roll < 0.78:
            self.vendor.change(alert, status=self.dice.choice(("closed", "open")))
        elif roll < 0.84:
            self.vendor.change(alert, priority=self.dice.choice(("P1", "P2", "P3")))
        else:
            kind, options = self.dice.choice(FAULTS)
            self.vendor.misbehave(kind, times=self.dice.randint(1, 4), **options)


@dataclass(frozen=True)
class Left:
    """What the service left in its store."""

    runs: list[Run]
    steps: dict[int, list[StepRow]]
    intents: list[journal.Intent]
    stored: dict[str, events.EventRow]
    decisions: list[triggers.Decision]
    slots: list[schedules.SlotRow]


def left(folder: Path) -> Left:
    with Database.open("sqlite:///.playbooks/store.db", folder=folder) as database, database.reading() as cx:
        runs = journal.runs(cx, limit=100_000)
        return Left(
            runs=runs,
            steps={run.id: journal.steps(cx, run.id) for run in runs},
            intents=[one for run in runs for one in journal.intents(cx, run.id)],
            stored={row.key: row for row in events.list_events(cx, "ops.alerts", 100_000)},
            decisions=triggers.decisions(cx, limit=1_000_000),
            slots=schedules.slots(cx, "tick", 1_000_000),
        )


def wrong(vendor: Simulator, found: Left, now: datetime) -> Iterator[str]:
    """Everything that was lost, doubled, stuck or wrongly believed; nothing when all is well."""
    yield from _events(vendor, found)
    yield from _runs(found, now)
    yield from _notes(vendor, found)
    yield from _declared(vendor, found)
    yield from _occurrences(found)
    yield from _slots(found)
    sent = Counter((entry.method, entry.path) for entry in vendor.ledger if entry.method == "POST")
    meant = Counter((one.method, (one.url_path or "").partition("?")[0]) for one in found.intents)
    for request, times in (sent - meant).items():
        # A request that met a failure which says that nothing happened may be repeated under one intent.
        if request not in meant:
            yield f"{times} x {request} reached the vendor without an intent"
    yield from (f"an intent of run {one.run_id} at {one.path} is open" for one in found.intents if one.outcome is None)


def _events(vendor: Simulator, found: Left) -> Iterator[str]:
    for alert in vendor.alerts:
        row = found.stored.get(alert.id)
        if row is None:
            yield f"alert {alert.id} ({alert.message}) is lost"
            continue
        seen = {name: row.fields[name] for name in ("message", "status", "acknowledged", "priority")}
        is_ = {name: getattr(alert, name) for name in seen}
        if seen != is_:
            yield f"alert {alert.id} is stored as {seen} and is {is_}"


def _runs(found: Left, now: datetime) -> Iterator[str]:
    for run in found.runs:
        late = run.wake_at is not None and run.wake_at < now - timedelta(seconds=30)
        just_due = run.playbook == "tick" and run.created_at > now - timedelta(seconds=20)
        if (run.status in {"queued", "running"} and not just_due) or (run.status == "waiting" and late):
            yield f"run {run.id} of {run.playbook} is stuck: {run.status}"
        if run.status in journal.ENDED:
            open_ = [row.path for row in found.steps[run.id] if row.status in {"running", "waiting"}]
            if open_:
                yield f"run {run.id} has ended and its steps have not: {open_}"


def _notes(vendor: Simulator, found: Left) -> Iterator[str]:
    """A note says which run wrote it: each is there once, and only where its step says so or does not know."""
    applied = Counter(effect.given["note"] for effect in vendor.applied if effect.action == "AddNote")
    yield from (f"the note {text!r} is there {times} times" for text, times in applied.items() if times > 1)
    known = {}
    for run in found.runs:
        for row in found.steps[run.id]:
            word = TEXTS.get(run.playbook, {}).get(row.step_id)
            if word is not None:
                known[f"{word} {run.id}"] = row
    for text in applied:
        row = known.get(" ".join(text.split()[:2]))
        if row is None:
            yield f"nobody remembers the note {text!r}"
        elif row.status not in {"succeeded", "timed_out"} and (row.error or {}).get("type") != "outcome_unknown":
            yield f"the note {text!r} is there, and its step says {row.status}: {row.error}"
    there = {" ".join(text.split()[:2]) for text in applied}
    yield from (
        f"{key!r} is said to be written, and is not" for key, row in known.items()
        if row.status == "succeeded" and key not in there
    )  # fmt: skip


def _declared(vendor: Simulator, found: Left) -> Iterator[str]:
    made = Counter(e.given["message"] for e in vendor.applied if e.action == "Create")
    yield from (f"{text!r} was created {times} times" for text, times in made.items() if times > 1)
    yield from (
        f"{alert.message!r} was counted {alert.count} times" for alert in vendor.alerts
        if alert.message.startswith("declared") and alert.count != 1
    )  # fmt: skip


def _occurrences(found: Left) -> Iterator[str]:
    """Between two runs of a playbook for one event the condition was left."""
    decided: dict[tuple[str, str], list[triggers.Decision]] = {}
    for one in reversed(found.decisions):
        if one.event_key is not None:
            decided.setdefault((one.playbook, one.event_key), []).append(one)
    for (playbook, key), rows in decided.items():
        armed = True
        for one in rows:
            if one.run_id is not None:
                if not armed:
                    yield f"{playbook} was started twice for one occurrence of {key}: run {one.run_id}"
                armed = False
            elif one.kind == "rearmed":
                armed = True
    started = Counter(one.run_id for one in found.decisions if one.run_id is not None)
    yield from (f"run {run} was decided {times} times" for run, times in started.items() if times > 1)
    by_trigger = {run.id for run in found.runs if run.parent_run_id is None}
    yield from (f"run {run} was started by nobody" for run in by_trigger - started.keys())


def _slots(found: Left) -> Iterator[str]:
    dues = sorted(row.due for row in found.slots)
    for before, after in pairwise(dues):
        if after - before != timedelta(seconds=3):
            yield f"of tick a slot is missing or doubled between {before} and {after}"
    begun = Counter(run.slot for run in found.runs if run.playbook == "tick")
    yield from (f"the slot {slot} was run {times} times" for slot, times in begun.items() if times > 1)


def told(found: Left) -> dict[str, Any]:
    """What kind of night it was."""
    return {
        "runs": Counter((run.playbook, run.status) for run in found.runs),
        "events": len(found.stored),
        "slots": Counter(row.outcome for row in found.slots),
        "decisions": Counter(one.kind for one in found.decisions),
    }
