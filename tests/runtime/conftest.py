"""A project in a folder of its own, on a simulated Opsgenie, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from connectors.http import connector as http_connector
from connectors.notify import connector as notify_connector
from connectors.opsgenie import connector as opsgenie_connector
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.planning import plan
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.runtime.transport import Transport
from playbooks_engine.store import journal
from playbooks_engine.store.audit import AuditRow, audit_rows
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import Intent, NewRun, Run, StepRow
from playbooks_engine.testing.clock import START, FakeClock

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: write}}
    health_check: {{every: 5m, notify: [chat.send]}}
    fetch:
      alerts: {settings}
  chat:
    connector: notify
    urls: [env:TEST_CHAT_URL]
    allow: {{messages: write}}
"""


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator(now=START, frozen=True, seed={"alerts": [], "incidents": []}) as simulator:
        yield simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def write_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write project.yml for a simulator, with settings of its stream of alerts and playbooks by name."""

    def write(simulator: Simulator, settings: str = "{}", **playbooks: str) -> Path:
        monkeypatch.setenv("TEST_OPS_KEY", simulator.key)
        monkeypatch.setenv("TEST_CHAT_URL", "mailto://127.0.0.1:9?to=a@example.com")
        folder = tmp_path / "project"
        (folder / "playbooks").mkdir(parents=True, exist_ok=True)
        (folder / "project.yml").write_text(PROJECT.format(url=simulator.url, settings=settings))
        for name, text in playbooks.items():
            (folder / "playbooks" / f"{name}.yml").write_text(text)
        return folder

    return write


@pytest.fixture
def open_engine(clock: FakeClock) -> Iterator[Callable[..., Engine]]:
    """Open a project; its store is closed when the test ends."""
    with ExitStack() as stack:

        def make(folder: Path, catalog: Catalog | None = None) -> Engine:
            engine = Engine.open(folder, clock=clock, catalog=catalog)
            stack.callback(engine.database.close)
            return engine

        yield make


@pytest.fixture
def engine(write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator) -> Engine:
    return open_engine(write_project(opsgenie))


# runs of playbooks, on a clock that waits for nobody

BENCH = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: full, incidents: full}}
"""


class SkippingClock:
    """Time passes at once when everybody sleeps, and not while an answer is on its way.

    The simulator's time goes along, so that what it does later happens when the engine waits for it.
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.under_way = 0
        self.slept: list[float] = []
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._mover: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return START + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._numbers), future))
        if self._mover is None or self._mover.done():
            self._mover = asyncio.ensure_future(self._move())
        await future

    def pass_time(self, seconds: float) -> None:
        self._elapsed += seconds
        self.simulator.advance(seconds)

    async def _move(self) -> None:
        while self._sleepers:
            for _ in range(20):
                await asyncio.sleep(0)
            if self.under_way:
                await asyncio.sleep(0.001)
                continue
            due, _, future = heapq.heappop(self._sleepers)
            if future.done():  # cancelled meanwhile
                continue
            self.pass_time(max(due - self._elapsed, 0.0))
            future.set_result(None)


@dataclass
class Finished:
    """A run that is over, as the store has it."""

    run: Run
    steps: list[StepRow]

    @property
    def status(self) -> str:
        return self.run.status

    @property
    def output(self) -> Any:
        return self.run.output

    @property
    def error(self) -> dict[str, Any]:
        return self.run.error or {}

    def step(self, path: str) -> StepRow:
        return next(row for row in self.steps if row.path == path)

    def statuses(self) -> dict[str, str]:
        return {row.path: row.status for row in self.steps}

    @property
    def paths(self) -> list[str]:
        return [row.path for row in self.steps]


@dataclass
class Bench:
    """A project on a simulator: write playbooks, run them, look at what they left."""

    folder: Path
    simulator: Simulator
    clock: Any
    bound: dict[str, str] = field(default_factory=dict)

    def write(self, text: str, name: str = "p") -> None:
        (self.folder / "playbooks" / f"{name}.yml").write_text(text)

    @asynccontextmanager
    async def engine(self) -> Any:
        catalog = Catalog.of(opsgenie_connector, http_connector, notify_connector)
        async with Engine.open(self.folder, clock=self.clock, catalog=catalog) as engine:
            yield engine

    def queue(self, engine: Engine, name: str = "p", inputs: Mapping[str, Any] | None = None, event: Any = None) -> int:
        loaded = engine.library.playbook(name)
        trigger: dict[str, Any] = {"kind": "person"}
        if event is not None:
            trigger["event"] = {"stream": None, "fields": event, "raw": event}
        with engine.database.transaction() as cx:
            digest = journal.keep_text(cx, loaded.playbook.text)
            sources = {path: journal.keep_text(cx, part.text) for path, part in loaded.parts.items()}
            new = NewRun(
                playbook=loaded.playbook.name, digest=digest, file=loaded.path, sources=sources, trigger=trigger,
                inputs=inputs or {}, connections=self.bound,
            )  # fmt: skip
            return journal.add_run(cx, new, engine.clock.now())

    async def take(self, engine: Engine, run_id: int, **how: Any) -> Finished:
        """Claim a run and execute it."""
        with engine.database.transaction() as cx:
            claimed = journal.claim(cx, run_id, engine.owner, engine.clock.now(), LEASE)
        assert claimed is not None, "the run cannot be claimed"
        await execute(engine, claimed, **how)
        return self.look(engine.database, run_id)

    async def run(self, text: str | None = None, /, event: Any = None, **inputs: Any) -> Finished:
        """Run a playbook from its text to its end."""
        if text is not None:
            self.write(text)
        async with self.engine() as engine:
            return await self.take(engine, self.queue(engine, inputs=inputs, event=event))

    async def plan(self, text: str, /, event: Any = None, **inputs: Any) -> Any:
        self.write(text)
        async with self.engine() as engine:
            return await plan(engine, engine.library.playbook("p"), inputs, event=event)

    def look(self, database: Database, run_id: int) -> Finished:
        with database.reading() as cx:
            run = journal.run_by_id(cx, run_id)
            assert run is not None
            return Finished(run, journal.steps(cx, run_id))

    def store(self) -> Database:
        return Database.open("sqlite:///.playbooks/store.db", folder=self.folder)

    def intents(self, run_id: int = 1) -> list[Intent]:
        with self.store() as database, database.reading() as cx:
            return journal.intents(cx, run_id)

    def audit(self) -> list[AuditRow]:
        with self.store() as database, database.reading() as cx:
            return audit_rows(cx, limit=1_000)

    def runs(self) -> list[Run]:
        with self.store() as database, database.reading() as cx:
            return list(reversed(journal.runs(cx, limit=1_000)))

    @property
    def writes(self) -> list[str]:
        """The changes that reached the service, in order."""
        return [f"{e.method} {e.path}" for e in self.simulator.ledger if e.method != "GET"]

    @property
    def applied(self) -> list[str]:
        """The changes that happened, those that were still queued included."""
        self.simulator.advance(100)
        return [effect.action for effect in self.simulator.applied]


@pytest.fixture(scope="session")
def pristine_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A new store's bytes: making one for each test would cost most of the tests' time."""
    folder = tmp_path_factory.mktemp("pristine")
    Database.open("sqlite:///store.db", folder=folder).close()
    return (folder / "store.db").read_bytes()


@pytest.fixture
def skipping(opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch) -> SkippingClock:
    clock = SkippingClock(opsgenie)
    plain = Transport.exchange

    async def counted(self: Transport, request: Any) -> Any:
        clock.under_way += 1
        try:
            return await plain(self, request)
        finally:
            clock.under_way -= 1

    monkeypatch.setattr(Transport, "exchange", counted)
    return clock


def project(folder: Path, simulator: Simulator, store: bytes) -> Path:
    (folder / "playbooks").mkdir(parents=True)
    (folder / "project.yml").write_text(BENCH.format(url=simulator.url))
    (folder / ".playbooks").mkdir(mode=0o700)
    (folder / ".playbooks" / "store.db").write_bytes(store)
    (folder / ".playbooks" / "store.db").chmod(0o600)
    return folder


@pytest.fixture
def bench(
    tmp_path: Path,
    opsgenie: Simulator,
    skipping: SkippingClock,
    pristine_store: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> Bench:
    """On time that passes at once."""
    monkeypatch.setenv("TEST_OPS_KEY", opsgenie.key)
    return Bench(project(tmp_path / "project", opsgenie, pristine_store), opsgenie, skipping)


@pytest.fixture
def playbook() -> Callable[[str], str]:
    """A whole playbook from its steps."""
    return lambda steps: f"connections:\n  ops: opsgenie\n{steps}"


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is given up after a quarter of a second."""
    monkeypatch.setattr("playbooks_engine.runtime.transport.TOTAL", 0.25)
