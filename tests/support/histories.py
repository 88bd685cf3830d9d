"""Seeded histories of alerts, played on the simulator while a stream is fetched, and the model they are held against.

A history is made of rounds: alerts are created, updated, closed and deleted, time passes (minutes, now and then hours
of outage), and the stream is fetched. The service shows what happened up to 60 minutes late and its clock is up to 10
minutes off; alerts move between pages while pages are read; requests meet 429, 503, resets and nonsense; the process
dies between pages and starts again. All of it follows from the seed, on a false clock.

What is owed after each round, and in the end, stands in history_model.py.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from door import answered
from history_model import STREAM, Model, Store, Violated, canonical

from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine import faults
from playbooks_engine.errors import CommandFailed
from playbooks_engine.runtime import fetching, throttling
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.transport import Transport
from playbooks_engine.sdk import Answer, Request
from playbooks_engine.store import events
from playbooks_engine.testing.clock import START

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


@dataclass
class Size:
    """How large a history is."""

    alerts: int = 25
    rounds: int = 15
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
            for _ in range(5):
                self.clock.pass_time(2700)
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
