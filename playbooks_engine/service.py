"""The service: fetches, checks, triggers, runs and the page of one project, in one process.

Each stream, each health check and each other duty is a loop of its own; one that fails is reported and goes on, and
never stops the others. SIGTERM and SIGINT end it: nothing new is claimed, steps under way finish or are given back.
A second signal ends the process at once, which is as safe as kill -9.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playbooks_engine.errors import BadProject, EngineError, StoreBusy
from playbooks_engine.runtime import health, living, notifying, scheduling, suspending, tending, triggers
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import Fetched, fetch
from playbooks_engine.runtime.service_lease import ServiceLease
from playbooks_engine.runtime.streams import Source, fetched_sources
from playbooks_engine.runtime.work import Work
from playbooks_engine.sdk.durations import format_duration

if TYPE_CHECKING:
    import uvicorn

log = logging.getLogger("playbooks.service")

Page = Callable[..., Awaitable[None]]
"""An ASGI application."""

SCHEDULES_EVERY = 0.5
TRIGGERS_EVERY = 2.0
HELD_EVERY = 1.0
PAUSES_EVERY = 5.0
FILES_EVERY = 1.0
MESSAGES_EVERY = 5.0
RESUME_AFTER = 2.0
PAGE_GRACE = 2
MESSAGE_GRACE = 10.0
"""Seconds that open pages, and a message under way, get when the service stops."""


@dataclass
class _Service:
    """What the loops share."""

    engine: Engine
    work: Work
    watched: Watched
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    stored: asyncio.Event = field(default_factory=asyncio.Event)
    """Something was stored that triggers may care for."""
    queued: asyncio.Event = field(default_factory=asyncio.Event)
    """A message may be waiting."""
    caught: int | None = None
    """The signal that ends the service."""


async def serve(
    engine: Engine,
    *,
    page: Page | None = None,
    on_ready: Callable[[str | None], None] | None = None,
) -> int | None:
    """Serve until a signal or a lost lease; returns the number of the signal.

    `on_ready` is told the page's address, once everything runs. Raises StoreBusy when the store has a service
    already, BadProject when the page's port is taken.
    """
    loop = asyncio.get_running_loop()
    service = _Service(engine, Work(engine), Watched(engine))
    lost = asyncio.Event()

    def lease_lost() -> None:
        loop.call_soon_threadsafe(lost.set)
        loop.call_soon_threadsafe(service.stopping.set)

    lease = ServiceLease.take(engine, lease_lost)
    try:
        listening = _listen(engine) if page is not None else None
        with _signals(service):
            await _everything(service, page, listening, on_ready)
    finally:
        lease.release()
    if lost.is_set():
        raise StoreBusy("Another process has become the service of this store while this one was held up.")
    return service.caught


async def _everything(
    service: _Service, page: Page | None, listening: socket.socket | None, on_ready: Callable[[str | None], None] | None
) -> None:
    service.watched.look()
    _tell(service)
    server = None
    async with asyncio.TaskGroup() as group:
        working = group.create_task(_working(service), name="work")
        loops = [group.create_task(duty, name=name) for name, duty in _duties(service)]
        if page is not None and listening is not None:
            server = _server(page)
            group.create_task(server.serve(sockets=[listening]), name="page")
        address = _address(service.engine, listening)
        if address:
            log.info("the page is at %s", address)
        if on_ready is not None:
            on_ready(address)
        await service.stopping.wait()
        log.info("stopping: steps under way may finish, nothing new begins")
        for duty in loops:
            duty.cancel()
        if server is not None:
            # A page that is still open is cut off; that this cancels its stream is no news to anybody.
            _UVICORN.addFilter(_silent)
            server.should_exit = True
        await asyncio.wait([working])
    _UVICORN.removeFilter(_silent)
    service.engine.gathering.flush()
    service.engine.database.checkpoint()


_UVICORN = logging.getLogger("uvicorn.error")


def _silent(_: logging.LogRecord) -> bool:
    return False


def _duties(service: _Service) -> Iterator[tuple[str, Any]]:
    engine = service.engine
    for source in fetched_sources(engine):
        yield f"fetch {source.name}", _fetching(service, source)
    for name, connection in engine.project.connections.items():
        if connection.active and connection.health_check is not None and _testable(engine, name):
            yield f"check {name}", _checking(service, name, connection.health_check.every)
    yield "triggers", _triggering(service)
    yield "held events", _firing(service)
    yield "pauses", _repeated(service, "pauses of playbooks", PAUSES_EVERY, _pauses)
    yield "schedules", _repeated(service, "schedules", SCHEDULES_EVERY, _schedules)
    yield "files", _repeated(service, "playbook files", FILES_EVERY, _files)
    yield "messages", _messaging(service)
    yield "store", tending.tend(engine)
    if engine.project.sign_of_life is not None:
        yield "sign of life", living.sign(engine, engine.project.sign_of_life)
    else:
        yield "own lag", living.watch(engine)


def _testable(engine: Engine, name: str) -> bool:
    return engine.catalog.connector(engine.project.connection(name).connector).test is not None


# the duties


async def _working(service: _Service) -> None:
    """Hand out runs. When the store cannot be used for a while, this goes on once it can."""
    while True:
        try:
            return await service.work.run_forever(service.stopping)
        except EngineError as error:
            _report("the handing out of runs", error)
        if service.stopping.is_set():
            return None
        await service.engine.clock.sleep(RESUME_AFTER)


async def _fetching(service: _Service, source: Source) -> None:
    """Fetch a stream each `every`, counted from start to start."""
    engine, every = service.engine, source.settings.every
    failing = ""

    def on_page(_: Fetched) -> None:
        service.stored.set()

    while True:
        began = engine.clock.monotonic()
        try:
            fetched = await fetch(engine, source.name, on_page=on_page)
        except EngineError as error:
            if str(error) != failing:
                log.error("%s cannot be fetched, tried again every %s: %s", source.name, format_duration(every), error)
            failing = str(error)
        except Exception:
            log.exception("fetching %s broke; this is a defect of the engine", source.name)
            failing = "defect"
        else:
            if failing:
                log.info("%s is fetched again", source.name)
            failing = ""
            if fetched.new or fetched.updated:
                log.info("%s: %d new, %d updated", source.name, fetched.new, fetched.updated)
            service.stored.set()
        await engine.clock.sleep(max(every - (engine.clock.monotonic() - began), 0.05))


async def _checking(service: _Service, name: str, every: float) -> None:
    engine = service.engine
    failing = ""
    while True:
        began = engine.clock.monotonic()
        try:
            checked = await health.check(engine, name)
        except Exception as error:
            _report(f"the check of {name}", error)
        else:
            told = str(checked.error) if checked.error else ""
            if told and told != failing:
                log.warning("%s failed its check: %s", name, told)
            elif failing and not told:
                log.info("%s passes its check again", name)
            failing = told
            service.queued.set()
        await engine.clock.sleep(max(every - (engine.clock.monotonic() - began), 0.05))


async def _triggering(service: _Service) -> None:
    """Consider what was stored: at once when this process stored it, soon when another did."""
    while True:
        service.stored.clear()
        try:
            if tending.has_room(service.engine) and await triggers.evaluate(service.engine, service.watched.armed):
                service.work.wake()
        except Exception as error:
            _report("the event triggers", error)
        await _first(service, service.stored, TRIGGERS_EVERY)


async def _firing(service: _Service) -> None:
    """Fire what was held long enough: a loop of its own, as a service that does not answer holds it up."""
    while True:
        try:
            if tending.has_room(service.engine) and await triggers.fire_held(service.engine, service.watched.armed):
                service.work.wake()
        except Exception as error:
            _report("the held events", error)
        await service.engine.clock.sleep(HELD_EVERY)


async def _messaging(service: _Service) -> None:
    while True:
        service.queued.clear()
        # A message that is leaving when the service stops leaves: cut off, it would be sent once more later.
        leaving = asyncio.ensure_future(notifying.deliver_waiting(service.engine))
        try:
            await asyncio.shield(leaving)
        except asyncio.CancelledError:
            await asyncio.wait([leaving], timeout=MESSAGE_GRACE)
            leaving.cancel()
            raise
        except Exception as error:
            _report("the messages", error)
        await _first(service, service.queued, MESSAGES_EVERY)


async def _repeated(service: _Service, what: str, every: float, duty: Callable[[_Service], None]) -> None:
    while True:
        try:
            duty(service)
        except Exception as error:
            _report(f"the {what}", error)
        await service.engine.clock.sleep(every)


def _schedules(service: _Service) -> None:
    if tending.has_room(service.engine) and scheduling.tick(service.engine, service.watched.armed):
        service.work.wake()


def _pauses(service: _Service) -> None:
    if suspending.look(service.engine, service.watched.armed):
        service.queued.set()


def _files(service: _Service) -> None:
    if service.watched.look():
        log.info("playbooks were read again: %s", ", ".join(service.watched.armed.playbooks) or "there are none")
        service.stored.set()


def _report(what: str, error: Exception) -> None:
    if isinstance(error, EngineError):
        log.error("%s: %s", what, error)
    else:
        log.error("%s broke; this is a defect of the engine", what, exc_info=error)


async def _first(service: _Service, event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set, or the time is over."""
    waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(service.engine.clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


# starting and stopping


@contextmanager
def _signals(service: _Service) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def caught(number: int) -> None:
        if service.caught is not None:
            log.warning("ended at once by a second signal")
            os._exit(128 + number)
        service.caught = number
        service.stopping.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, caught, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _listen(engine: Engine) -> socket.socket:
    web = engine.project.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((web.host, web.port))
        listening.listen(100)
    except OSError as error:
        listening.close()
        raise BadProject(
            f"The page cannot listen on {web.host}:{web.port}: {error.strerror}.",
            hint="Stop what listens there, or write another `web: {port: ...}` in project.yml; 0 takes a free one.",
        ) from None
    listening.setblocking(False)
    return listening


def _address(engine: Engine, listening: socket.socket | None) -> str | None:
    if listening is None:
        return None
    host = engine.project.web.host
    return f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"


def _server(page: Page) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # Signals end the whole service, and the service ends the page.
            yield

    # Without a limit it would wait for open event streams for ever.
    config = uvicorn.Config(
        page, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=PAGE_GRACE,
        server_header=False,
    )  # fmt: skip
    return Server(config)


def _tell(service: _Service) -> None:
    """What this service does, a line each."""
    engine = service.engine
    for source in fetched_sources(engine):
        log.info("fetches %s every %s", source.name, format_duration(source.settings.every))
    for name, connection in engine.project.connections.items():
        if connection.active and connection.health_check is not None:
            if not _testable(engine, name):
                log.warning("%s is not checked: connector %s has no test command", name, connection.connector)
                continue
            told = ", ".join(connection.health_check.notify) or "nobody"
            log.info("checks %s every %s, tells %s", name, format_duration(connection.health_check.every), told)
    for name, loaded in service.watched.armed.playbooks.items():
        event, schedule = loaded.playbook.event, loaded.playbook.schedule
        if event is not None:
            log.info("%s starts on events of %s", name, event.stream)
        if schedule is not None:
            when = (
                f"every {format_duration(schedule.every)}"
                if schedule.every
                else f"at {schedule.cron} {schedule.timezone}"
            )
            log.info("%s starts %s", name, when)
    if not service.watched.armed.playbooks:
        log.info("there are no playbooks with triggers")
