"""Seeded histories of alerts, played on the simulator while a stream is fetched, and the model they are held against.

A history is made of rounds: alerts are created, updated, closed and deleted, time passes (minutes, now and then hours
of outage), and the stream is fetched. The service shows what happened up to 60 minutes late and its clock is up to 10
minutes off; alerts move between pages while pages are read; requests meet 429, 503, resets and nonsense; the process
dies between pages and starts again. All of it follows from the seed, on a false clock.

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

At the end, three hours after the last change: every alert, as it stands.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from door import answered
from sqlalchemy import select

from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine import faults
from playbooks_engine.errors import CommandFailed
from playbooks_engine.runtime import fetching, throttling
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.transport import Transport
from playbooks_engine.sdk import Answer, Request
from playbooks_engine.store import events, tables
from playbooks_engine.testing.clock import START

STREAM = "ops.alerts"
PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:HISTORY_KEY
    fetch:
      alerts: {{page_size: {page}, look_back: {look_back}, start: 24h}}
"""
ROUND_TRIP = 0.05
LATEST = timedelta(minutes=60)
SETTLED = timedelta(minutes=70)
TROUBLES: list[tuple[str, dict[str, Any]]] = [
    ("error", {"status": 429, "headers": {"X-RateLimit-Period-In-Sec": "1"}}),
    ("error", {"status": 503}),
    ("html", {"status": 200}),
    ("truncated", {}),
    ("reset_before", {}),
    ("reset_after", {}),
]


class Crash(BaseException):
    """The process dies here: nothing that comes after is done."""


class Violated(AssertionError):
    """What must be stored is not, or something is that must not be."""


class FalseClock:
    """Our time; whoever waits is woken at once, and the service's time goes along."""

    def __init__(self, opsgenie: Simulator) -> None:
        self.opsgenie = opsgenie
        self.elapsed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.pass_time(max(seconds, 0))
        await asyncio.sleep(0)

    def pass_time(self, seconds: float) -> None:
        self.elapsed += seconds
        self.opsgenie.advance(seconds)


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


@dataclass
class Size:
    """How large a history is."""

    alerts: int = 25
    rounds: int = 18
    look_back: str = "10m"


class History:
    """One history, from its seed to its end; `trace` grows with everything that can be seen of it."""

    def __init__(self, seed: int, folder: Path, store: bytes, size: Size) -> None:
        self.seed = seed
        self.size = size
        self.chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
        self.skew = timedelta(seconds=self.chance.randint(-600, 600))
        self.opsgenie = Simulator(now=START + self.skew, frozen=True, seed={"alerts": [], "incidents": []})
        self.clock = FalseClock(self.opsgenie)
        self.model = Model(self.opsgenie)
        self.trace = hashlib.sha256()
        self.restless = 0.0
        """How likely something happens while a page is read."""
        self.stirring = 0
        """How often it still may in this fetch."""
        self.folder = folder
        self._store = store

    def play(self, *, over_http: bool = False) -> str:
        """Play it; returns the hash of its trace. Raises Violated, with the seed in its text."""
        with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
            patch.setenv("HISTORY_KEY", self.opsgenie.key)
            patch.setattr(throttling, "random", SimpleNamespace(Random=lambda: random.Random(self.seed)))  # noqa: S311
            patch.setattr(faults, "_act", _die)
            self._wire(patch, over_http=over_http)
            try:
                if over_http:
                    self.opsgenie.start()
                self._project()
                runner.run(self._rounds())
            except Violated as violated:
                raise Violated(f"seed {self.seed}: {violated}") from violated
            finally:
                faults._plan = {}
                self.opsgenie.stop()
        return self.trace.hexdigest()

    def _project(self) -> None:
        self.folder.mkdir(parents=True)
        url = self.opsgenie.url if self.opsgenie.url[-2:] != ":0" else "http://127.0.0.1:9"
        page = self.chance.choice([2, 3, 5, 10, 20])
        text = PROJECT.format(url=url, page=page, look_back=self.size.look_back)
        (self.folder / "project.yml").write_text(text)
        (self.folder / ".playbooks").mkdir(mode=0o700)
        store = self.folder / ".playbooks" / "store.db"
        store.write_bytes(self._store)
        store.chmod(0o600)

    def _wire(self, patch: pytest.MonkeyPatch, *, over_http: bool) -> None:
        over_the_wire = Transport.exchange

        async def exchange(transport: Transport, request: Request) -> Answer:
            if self.stirring and self.chance.random() < self.restless:
                self.stirring -= 1
                self.something(self.chance.randint(1, 3))
            self.clock.pass_time(ROUND_TRIP)
            self._note("asked", self.clock.elapsed, request.target)
            answer = (
                await over_the_wire(transport, request)
                if over_http
                else await answered(self.opsgenie, request, transport.headers)
            )
            self._note("answered", answer.status)
            if answer.status == 200 and request.path == "/v2/alerts":
                self._showed(answer)
            return answer

        patch.setattr(Transport, "exchange", exchange)

    def _showed(self, answer: Answer) -> None:
        try:
            items = json.loads(answer.content)["data"]
        except ValueError:
            return  # half an answer shows nothing
        self.model.showed(items)
        self._note("showed", items)

    def _note(self, *what: Any) -> None:
        self.trace.update(canonical(what).encode())

    # what happens at the service

    def something(self, times: int) -> None:
        for _ in range(times):
            alerts = self.opsgenie.alerts
            happens = (self._update, self._close, self._delete, self._update_many)
            [happening] = self.chance.choices([None, *happens], [5, 6, 3, 1, 1])
            if happening is None or not alerts:
                self._create()
            else:
                happening(self.chance.choice(alerts))

    def _lateness(self) -> timedelta:
        kind = self.chance.random()
        if kind < 0.6:
            return timedelta()
        return LATEST * self.chance.random() if kind < 0.95 else LATEST

    def _create(self, at: datetime | None = None) -> None:
        fields: dict[str, Any] = {"created_at": at, "updated_at": at} if at else {}
        alert = self.opsgenie.has_alert(message=f"alert {self.chance.randrange(10**6)}", **fields)
        if at is None:
            self._shows(alert)
        else:
            self.model.visible_since[alert.id] = self.clock.now()

    def _shows(self, alert: Alert) -> None:
        late = self._lateness()
        visible = max(alert.visible_at or self.opsgenie.now, self.opsgenie.now + late)
        if visible > self.opsgenie.now:
            self.opsgenie.change(alert.id, updated_at=alert.updated_at, visible_at=visible)
        self.model.visible_since[alert.id] = visible - self.skew

    def _update(self, alert: Alert) -> None:
        self._shows(self.opsgenie.change(alert.id, count=alert.count + 1))

    def _close(self, alert: Alert) -> None:
        self._shows(self.opsgenie.change(alert.id, status="closed", count=alert.count + 1))

    def _delete(self, alert: Alert) -> None:
        self.opsgenie.state.alerts.remove(alert)

    def _update_many(self, _: Alert) -> None:
        """One action on many alerts: all of them carry the same time."""
        alerts = self.opsgenie.alerts
        for alert in self.chance.sample(alerts, min(len(alerts), self.chance.randint(2, 15))):
            self._update(alert)

    # the rounds

    async def _rounds(self) -> None:
        for _ in range(self.size.alerts):
            self._create(self.opsgenie.now - timedelta(seconds=self.chance.randint(0, 22 * 3600)))
        engine = Engine.open(self.folder, clock=self.clock)
        try:
            for _ in range(self.size.rounds):
                self.something(self.chance.randint(0, 5))
                self.clock.pass_time(self._span())
                self._arm()
                crashed = await self._fetch(engine)
                self.opsgenie.behave()
                if crashed or self.chance.random() < 0.1:
                    await engine.close()
                    engine = Engine.open(self.folder, clock=self.clock)
            self.restless = 0.0
            for _ in range(12):
                self.clock.pass_time(900)
                await self._fetch(engine)
            store = Store.of(engine)
            for alert, state, _ in self.model.standing():
                if store.current.get(alert.id) != state:
                    raise Violated(f"{alert.id}, updated {alert.updated_at}, is not stored as it stands in the end")
        finally:
            await engine.close()

    def _span(self) -> float:
        kind = self.chance.random()
        if kind < 0.75:
            return self.chance.uniform(30, 420)
        return self.chance.uniform(600, 5400) if kind < 0.93 else self.chance.uniform(3, 30) * 3600

    def _arm(self) -> None:
        """What goes wrong in this round's fetch; nothing in every other one."""
        self.restless = self.chance.choice([0.0, 0.0, 0.3, 0.8])
        self.stirring = self.chance.randint(1, 12)
        faults._plan = {}
        faults._passed.clear()
        trouble = self.chance.choice(["nothing", "nothing", "nothing", "crash", "crash", "http", "outage"])
        if trouble == "crash":
            point = self.chance.choice(["page_stored", "watermark_moved"])
            faults._plan = {point: [(self.chance.randint(1, 6), "raise")]}
        elif trouble == "http":
            for _ in range(self.chance.randint(1, 3)):
                kind, options = self.chance.choice(TROUBLES)
                self.opsgenie.misbehave(kind, self.chance.randint(1, 2), after=self.chance.randint(0, 4), **options)
        elif trouble == "outage":
            self.opsgenie.misbehave("reset_before", 10_000, after=self.chance.randint(0, 3))

    async def _fetch(self, engine: Engine) -> bool:
        """Fetch and look; True when the process died."""
        with engine.database.reading() as connection:
            state = events.stream_state(connection, STREAM)
        before = state.complete_up_to if state else None
        if before is None:
            self.model.first = self.clock.now() - timedelta(hours=24)
        began: datetime | None = self.clock.now()
        try:
            await fetching.fetch(engine, STREAM)
        except Crash:
            self.model.ended(well=False)
            return True
        except CommandFailed as error:
            self._note("failed", error.type)
            began = None
        finally:
            faults._plan = {}
        self.model.ended(well=began is not None)
        store = Store.of(engine)
        since = before - timedelta(minutes=10) if before and began else None
        self.model.check(store, began, since)
        self._note("stored", store.digest())
        return False


def _die(point: str, action: str) -> None:
    raise Crash(point)
