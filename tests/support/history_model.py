"""What a stream owes after each round of a history: what the service has shown, held against what the store holds.

What must be stored, after each round (`Model.check`):

1. nothing unexpected and nothing doubled: each stored version is a state that the service showed, each at most once,
   numbered 1, 2, 3 ... for each alert, and the last current one is the newest;
2. every version that the service showed on a page after which the fetch went on or ended well: the page's transaction
   was done. (What stood on a page that a crash cut off is owed only if the service still shows it later.)
3. after a fetch that ended well, each alert as it stands, if it was visible when the fetch began and was updated since
   the watermark before less `look_back`: ticks bring what is new at once;
4. each alert as it stands, if it was visible when the last whole sweep began: nothing stays out longer than an hour
   (and one tick) after it became visible, however late that was;
5. each alert as it stands, if it was updated before `complete_up_to` less SETTLED: what is said to be complete is.

At the end, more than three hours after the last change: every alert, as it stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime import fetching
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store import events, tables
from playbooks_engine.testing.clock import START

STREAM = "ops.alerts"
SETTLED = timedelta(minutes=70)


class Violated(AssertionError):
    """What must be stored is not, or something is that must not be."""


def canonical(item: Any) -> str:
    return json.dumps(item, sort_keys=True)


@dataclass
class Model:
    """What the service has shown, and since when each alert is visible as it stands (in our time)."""

    opsgenie: Simulator
    visible_since: dict[str, datetime] = field(default_factory=dict)
    shown: dict[str, set[str]] = field(default_factory=dict)
    """Every state on any page, by key."""
    owed: set[tuple[str, str]] = field(default_factory=set)
    """Key and state of everything on pages that were stored."""
    first: datetime = START
    """Where the first fetch began, less `start`: what was updated before is not owed."""
    page: list[tuple[str, str]] = field(default_factory=list)
    """The last page, while it is not known whether it was stored."""

    def showed(self, items: list[dict[str, Any]]) -> None:
        self.owed.update(self.page)
        self.page = [(item["id"], canonical(item)) for item in items]
        for key, state in self.page:
            self.shown.setdefault(key, set()).add(state)

    def ended(self, *, well: bool) -> None:
        if well:
            self.owed.update(self.page)
        self.page = []

    def standing(self) -> Iterator[tuple[Alert, str, datetime]]:
        """Each alert that is owed, with its state, and since when it is visible so."""
        for alert in self.opsgenie.alerts:
            if alert.updated_at < self.first:
                continue
            yield alert, canonical(alert.brief()), self.visible_since[alert.id]

    def check(self, store: Store, began: datetime | None, since: datetime | None) -> None:
        """`began`: when the last fetch began, if it ended well; `since`: where its look-back began."""
        store.is_sound(self.shown)
        for key, state in self.owed:
            if state not in store.versions.get(key, ()):
                raise Violated(f"a version of {key} was shown and is not stored: {state}")
        swept, complete = store.swept_at, store.complete_up_to
        for alert, state, visible in self.standing():
            due = (
                (
                    began
                    and since
                    and visible <= began
                    and alert.updated_at >= since
                    and "the look-back of the last fetch"
                )
                or (swept and visible <= swept and "the last sweep")
                or (complete and alert.updated_at < complete - SETTLED and "the time that is said to be complete")
            )
            if due and store.current.get(alert.id) != state:
                raise Violated(f"{alert.id}, updated {alert.updated_at}, visible {visible}, is not in {due}")


@dataclass
class Store:
    """What the store holds of the stream, and what its marks say."""

    versions: dict[str, list[str]] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    stamps: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    complete_up_to: datetime | None = None
    swept_at: datetime | None = None

    @classmethod
    def of(cls, engine: Engine) -> Store:
        store = cls()
        event, version = tables.event, tables.event_version
        with engine.database.reading() as connection:
            for row in connection.execute(select(version).order_by(version.c.id)):
                store.versions.setdefault(row.key, []).append(canonical(row.raw))
                store.numbers.setdefault(row.key, []).append(row.number)
                store.stamps.setdefault(row.key, []).append((row.version, row.was_current))
            wanted = select(event.c.key, event.c.versions, version.c.raw)
            for row in connection.execute(wanted.join(version, version.c.id == event.c.current_version_id)):
                store.current[row.key] = canonical(row.raw)
                store.counted[row.key] = row.versions
            state = events.stream_state(connection, STREAM)
            if state is not None:
                store.complete_up_to = fetching.complete_up_to(state)
            sweeps = [row for row in events.fetches(connection, STREAM, 10_000) if row.reason == "sweep"]
            done = [row.started_at for row in sweeps if row.ended_at is not None and row.error is None]
            store.swept_at = max(done, default=None)
        return store

    def is_sound(self, shown: dict[str, set[str]]) -> None:
        for key, states in self.versions.items():
            if len(set(states)) != len(states):
                raise Violated(f"{key} has a version twice")
            if not set(states) <= shown.get(key, set()):
                raise Violated(f"{key} has a version that was never shown")
            if self.numbers[key] != list(range(1, len(states) + 1)) or self.counted.get(key) != len(states):
                raise Violated(f"the versions of {key} are numbered {self.numbers[key]}")
            if max(stamp for stamp, _ in self.stamps[key]) != [s for s, current in self.stamps[key] if current][-1]:
                raise Violated(f"an older version of {key} is current")
        if set(self.versions) != set(self.current):
            raise Violated("versions and events do not belong together")

    def digest(self) -> str:
        return hashlib.sha256(canonical([self.versions, self.numbers, self.stamps]).encode()).hexdigest()
