"""What a look at events leads to: runs, matches and decisions, written together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.runtime import sentences
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.lanes import queue
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.starting import EventVersion, freeze, prepare
from playbooks_engine.runtime.suspending import Brake
from playbooks_engine.store import journal, triggers
from playbooks_engine.store.events import EventRow, VersionRow
from playbooks_engine.store.triggers import EventMatch, NewDecision

Event = EventRow | VersionRow


def decision(
    loaded: Loaded, event: Event, kind: str, reason: str, now: datetime, saw: list[list[Any]] | None = None
) -> NewDecision:
    """A decision about one event."""
    return NewDecision(
        at=now,
        playbook=loaded.playbook.name,
        kind=kind,
        reason=reason,
        stream=event.stream,
        event_key=event.key,
        event_version_id=event.id if isinstance(event, VersionRow) else event.version_id,
        saw=saw,
    )


@dataclass
class Outcome:
    """What a batch of changes leads to. A run that is to start stands by the index of its entry in `starting`."""

    starting: list[EventVersion] = field(default_factory=list)
    matches: dict[str, EventMatch] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    decisions: list[tuple[NewDecision, int | None]] = field(default_factory=list)
    hold: float = 0.0
    """The hold time of the trigger: that of an event whose run is left out is over, and it goes on waiting."""

    def start(self, decided: NewDecision) -> None:
        """Start a run for the event that the decision is about."""
        assert decided.stream is not None and decided.event_key is not None  # noqa: S101, PT018 - about an event
        assert decided.event_version_id is not None  # noqa: S101 - as above
        self.begun[decided.event_key] = len(self.starting)
        self.decisions.append((decided, len(self.starting)))
        self.starting.append(EventVersion(decided.stream, decided.event_key, decided.event_version_id))

    def say(self, decided: NewDecision) -> None:
        """Write down a decision that starts nothing."""
        self.decisions.append((decided, None))

    def write(self, engine: Engine, connection: Connection, loaded: Loaded) -> int:
        """Runs, matches and decisions, a statement each; returns how many runs were queued.

        While the playbook is paused its runs are left out: their decisions say so, and their events wait.
        """
        now = engine.clock.now()
        runs = self._start(engine, connection, loaded, now)
        matches = []
        for key, match in self.matches.items():
            run_id = runs[self.begun[key]] if key in self.begun else match.run_id
            waits = key in self.begun and run_id is None
            held = replace(match, held=self.hold, held_to=now) if waits else match
            matches.append(replace(held, run_id=run_id))
        triggers.set_event_matches(connection, matches)
        told = []
        for decided, index in self.decisions:
            run_id = runs[index] if index is not None else None
            if index is not None and run_id is None:
                why = f"{decided.reason}; it starts nothing yet: {self._held_up}"
                decided = replace(decided, kind="suppressed", reason=why)  # noqa: PLW2901 - the same, as it came out
            elif run_id is not None and (left_out := _left_out(connection, loaded, run_id)):
                decided = replace(decided, kind="overlapped", reason=f"{decided.reason}; {left_out}")  # noqa: PLW2901
            told.append(replace(decided, run_id=run_id))
        triggers.decide(connection, told)
        return sum(run is not None for run in runs)

    _held_up: str = ""

    def _start(self, engine: Engine, connection: Connection, loaded: Loaded, now: datetime) -> list[int | None]:
        if not self.starting:
            return []
        frozen = freeze(connection, loaded)
        brake = Brake(engine, connection, loaded, now)
        self._held_up = brake.why
        going = [event for event in self.starting if brake.lets_through()]
        new = [
            prepare(
                connection, loaded, {"kind": "event", "stream": event.stream, "key": event.key}, {},
                event=event, frozen=frozen,
            )
            for event in going
        ]  # fmt: skip
        added = iter(queue(engine, connection, loaded, new, now))
        return [*(next(added) for _ in going), *(None for _ in self.starting[len(going) :])]


def _left_out(connection: Connection, loaded: Loaded, run_id: int) -> str:
    """Why a run was ended as it was queued: another one has its concurrency key, and the playbook says to skip."""
    if loaded.playbook.concurrency is None or loaded.playbook.concurrency.when_busy != "skip":
        return ""
    run = journal.run_by_id(connection, run_id)
    return sentences.error(run.error) if run is not None and run.status == "cancelled" else ""
