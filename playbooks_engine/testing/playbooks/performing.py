"""One test performed: the real engine on a store of its own, a clock that only waits when somebody else must."""

from __future__ import annotations

import asyncio
import atexit
import math
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playbooks_engine.errors import EngineError
from playbooks_engine.language.mapping import FieldMapping
from playbooks_engine.runtime import scheduling
from playbooks_engine.runtime.armed import Armed
from playbooks_engine.runtime.calling import Calling
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.clock import SystemClock
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.mappings import mapping_of
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.runtime.starting import EventVersion, start
from playbooks_engine.runtime.streams import source
from playbooks_engine.runtime.triggers import evaluate, fire_held
from playbooks_engine.runtime.triggers.holding import STALE_AFTER
from playbooks_engine.store import events, journal, schedules
from playbooks_engine.store.database import Database
from playbooks_engine.store.events import Arrival, Stored
from playbooks_engine.testing.clock import FakeClock
from playbooks_engine.testing.playbooks.answering import Answers, GivenCalling, NoSecrets
from playbooks_engine.testing.playbooks.approving import Verdicts
from playbooks_engine.testing.playbooks.arriving import arrival, changed
from playbooks_engine.testing.playbooks.happening import MOST_RUNS, Happened, complaints, runs, with_inputs
from playbooks_engine.testing.playbooks.project import on_store
from playbooks_engine.testing.playbooks.suite import Entry, Given, GivenEvent, Test, named

MOST_LOOKS = 1_000
"""So often are triggers looked at in one timeline, where its stream may be fetched that seldom."""
LONGEST = 400 * 86_400.0
"""Seconds that a test may take by its own clock."""
MOST_WAKINGS = 50_000
"""So often may time go on in one test: a run that still waits then waits for ever."""


def perform(project: Project, catalog: Catalog, loaded: Loaded, test: Test, bound: Mapping[str, str]) -> Happened:
    """Perform a test that was checked before; what goes wrong stands in `troubles`."""
    return asyncio.run(performed(project, catalog, loaded, test, bound))


async def performed(
    project: Project, catalog: Catalog, loaded: Loaded, test: Test, bound: Mapping[str, str]
) -> Happened:
    """As `perform`, for whoever is on a loop already."""
    happened = Happened()
    with complaints(happened.troubles):
        await _play(happened, project, catalog, loaded, test, bound)
    return happened


async def _play(
    happened: Happened, project: Project, catalog: Catalog, loaded: Loaded, test: Test, bound: Mapping[str, str]
) -> None:
    async with _stage(project, catalog, loaded, test, bound) as stage:
        try:
            await stage.play()
        except EngineError as error:
            happened.troubles.append(str(error))
        happened.troubles += dict.fromkeys(stage.answers.missing)
        happened.troubles += [*stage.undecided, *stage.stuck]
        engine = stage.engine
        engine.gathering.flush()
        with engine.database.reading() as connection:
            happened.runs = runs(connection)
        happened.calls = with_inputs(stage.answers.made, happened.runs)


@asynccontextmanager
async def _stage(
    project: Project, catalog: Catalog, loaded: Loaded, test: Test, bound: Mapping[str, str]
) -> AsyncIterator[_Stage]:
    clock = FakeClock(test.now)
    with tempfile.TemporaryDirectory(prefix="playbooks-test-") as folder:
        store = Path(folder) / "store.db"
        shutil.copyfile(_empty_store(), store)
        engine = Engine.of(on_store(project, store), catalog, clock)
        answers = Answers(_of_connections(test.answers, bound), test.steps)
        parts = (engine.project, catalog, engine.recorder)
        live = Calling(*parts, engine.secrets, SystemClock()) if test.allow_live_reads else None
        secrets = engine.secrets if live else NoSecrets(project.folder)
        engine.calling = GivenCalling(*parts, secrets, clock, answers=answers, live=live)
        async with engine:
            yield _Stage(engine, clock, answers, loaded, test, bound)


def _of_connections(answers: Mapping[str, Given], bound: Mapping[str, str]) -> dict[str, Given]:
    """Answers by the names of connections: a test speaks of the aliases of its playbook."""
    return {named(command, bound): given for command, given in answers.items()}


@cache
def _empty_store() -> Path:
    """An empty store, made once: to make one takes longer than a test."""
    folder = tempfile.mkdtemp(prefix="playbooks-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = Path(folder) / "empty.db"
    Database.open(f"sqlite:///{file}").close()
    return file


class _Stage:
    """The engine and all that a test gives to it."""

    def __init__(
        self,
        engine: Engine,
        clock: FakeClock,
        answers: Answers,
        loaded: Loaded,
        test: Test,
        bound: Mapping[str, str],
    ) -> None:
        self.engine = engine
        self.answers = answers
        self.stuck: list[str] = []
        self._clock = clock
        self._loaded = loaded
        self._test = test
        self._bound = bound
        self._asks = Verdicts(loaded, test.approvals)
        self._wakings = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def undecided(self) -> list[str]:
        """The questions that the test has no decision for."""
        return self._asks.missing

    async def play(self) -> None:
        for given in self._test.events:
            self._store_new(self._stream(given), given)
        if self._test.timeline:
            await self._timeline(self._test.timeline)
        else:
            self._begin()
        self._claim()
        await self._until_done()

    # one run

    def _begin(self) -> None:
        """Start the run that the test is about, as its trigger would."""
        version, trigger = None, {"kind": "schedule" if self._loaded.playbook.schedule else "person", "name": "test"}
        if self._test.event is not None:
            version = self._store_new(self._stream(self._test.event), self._test.event)
            trigger = {"kind": "event", "stream": version.stream, "key": version.key}
        start(self.engine, self._loaded, trigger, self._test.inputs, event=version, bound=self._bound)

    # events

    def _stream(self, given: GivenEvent) -> str:
        trigger = self._loaded.playbook.event
        return named(given.stream or (trigger.stream if trigger else ""), self._bound)

    def _mapping(self, stream: str) -> FieldMapping:
        return mapping_of(self.engine, source(self.engine, stream))[0]

    def _store_new(self, stream: str, given: GivenEvent) -> EventVersion:
        return self._store(stream, arrival(self._mapping(stream), stream, given, self._clock.now()))

    def _store(self, stream: str, event: Any) -> EventVersion:
        self.answers.events[event.key] = event.raw
        with self.engine.database.transaction() as connection:
            arrivals = [Arrival(event.key, event.version, event.fields, event.raw)]
            events.store_page(connection, stream, arrivals, self._clock.now())
            row = events.event(connection, stream, event.key)
        assert row is not None  # noqa: S101 - it was just stored
        return EventVersion(stream, event.key, row.version_id)

    # the timeline

    async def _timeline(self, entries: Iterable[Entry]) -> None:
        """Let each moment come; what is there before the first is the trigger's baseline."""
        await self._look()
        entries = list(entries)
        tick = self._tick(entries[-1].at)
        began = self._clock.monotonic()
        for entry in entries:
            while (left := began + entry.at - self._clock.monotonic()) > 0:
                until = min(tick, self._until_due())
                await self._let_pass(min(until, left))
                if left > until:
                    await self._look()
            self._happen(entry)
            await self._look()

    def _tick(self, span: float) -> float:
        """Seconds between two looks: as the stream is fetched, less often over a long time, and never too seldom."""
        trigger = self._loaded.playbook.event
        if trigger is None:
            return max(span, 1.0)
        every = source(self.engine, trigger.stream).settings.every
        return min(max(every, span / MOST_LOOKS), STALE_AFTER * every)

    def _until_due(self) -> float:
        """Seconds until the playbook's schedule falls due."""
        with self.engine.database.reading() as connection:
            due = min((row.next_due for row in schedules.schedules(connection) if row.next_due), default=None)
        return math.inf if due is None else (due - self._clock.now()).total_seconds()

    def _happen(self, entry: Entry) -> None:
        trigger = self._loaded.playbook.event
        stream = trigger.stream if trigger else ""
        if entry.event is not None:
            self._store_new(stream, entry.event)
        if entry.change is not None:
            key = entry.key or next(reversed(self.answers.events))
            before = self.answers.events[key]
            event = changed(self._mapping(stream), stream, before, entry.change, self._clock.now())
            self._store(stream, event)

    async def _look(self) -> None:
        """What the service does: the store is fresh after a fetch, triggers are considered, runs are handed out."""
        armed = Armed({self._loaded.playbook.name: self._loaded})
        scheduling.tick(self.engine, armed)
        if self._loaded.playbook.event is not None:
            self._fetched(self._loaded.playbook.event.stream)
            await evaluate(self.engine, armed)
            await fire_held(self.engine, armed)
        self._claim()

    def _fetched(self, stream: str) -> None:
        now = self._clock.now()
        with self.engine.database.transaction() as connection:
            fetch = events.begin_fetch(connection, stream, "tick", now, since=now, until=now)
            events.end_fetch(connection, fetch, now, stored=Stored(), pages=1, requests=1)
            events.move_watermark(connection, stream, complete_up_to=now, swept_up_to=now)
            events.stream_fetched(connection, stream, now)

    # runs and time

    def _claim(self) -> None:
        engine = self.engine
        with engine.database.transaction() as connection:
            claimed = journal.claim_next(connection, engine.owner, self._clock.now(), LEASE, MOST_RUNS)
        for run in claimed:
            self._tasks.add(asyncio.create_task(execute(engine, run), name=f"run {run.id}"))

    async def _let_pass(self, seconds: float) -> None:
        """So much time goes by, for runs under way too."""
        until = self._clock.monotonic() + seconds
        while True:
            await self._settled()
            due = self._next_due()
            if due is None or due > until:
                break
            self._go_on(due)
        self._clock.go_to(until)

    async def _until_done(self) -> None:
        """Let time pass until every run has ended; what waits for nothing that can come is stuck."""
        while True:
            await self._settled()
            due = self._next_due()
            if not self._tasks and due is None:
                return None
            if due is None or due > LONGEST or self._wakings > MOST_WAKINGS:
                self.stuck.append("a run still waits for something that does not come in the time of a test")
                return await self._give_up()
            self._go_on(due)

    def _next_due(self) -> float | None:
        """When (as the clock counts) somebody goes on: who sleeps, or a run that was laid down until then."""
        due = self._clock.next_due
        if self._asks.waits:
            with self.engine.database.reading() as connection:
                waiting = [run.wake_at for run in journal.runs(connection, status="waiting", limit=MOST_RUNS)]
            now = self._clock.now()
            later = [self._clock.monotonic() + (at - now).total_seconds() for at in waiting if at is not None]
            due = min([*later, *([due] if due is not None else [])], default=None)
        return due

    def _go_on(self, due: float) -> None:
        self._wakings += 1
        if self._clock.next_due is not None and self._clock.next_due <= due:
            self._clock.wake_next()
        else:
            self._clock.go_to(due)
            self._claim()

    async def _give_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _settled(self) -> None:
        """Return when nobody can go on before time does; raises what broke a run."""
        while True:
            await self._quiet()
            done = [task for task in self._tasks if task.done()]
            self._tasks.difference_update(done)
            for task in done:
                task.result()
            if not done and not self._asks.decide(self.engine):
                return
            self._claim()  # a run that was decided on, or stood behind one that has ended

    async def _quiet(self) -> None:
        calling = self.engine.calling
        await self._clock.settle()
        while isinstance(calling, GivenCalling) and calling.under_way:
            await SystemClock().sleep(0.002)
            await self._clock.settle()
