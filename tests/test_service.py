"""The service as a whole: real time, a real port, a real file."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from sqlalchemy import Connection

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadProject, StoreBusy
from playbooks_engine.runtime import holding, service_lease
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.service import serve
from playbooks_engine.store import events, health, journal, leases, triggers

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: write}}
    health_check: {{every: 0.3s}}
    fetch:
      alerts: {{every: 0.2s, page_size: 5}}
{more}
web: {{port: 0}}
"""

CHASE = """
name: chase
on:
  event:
    from: ops.alerts
    where: event.status == 'open'
connections: {ops: opsgenie}
steps:
  - id: note
    uses: ops.add_note
    with:
      identifier: ${{ event.id }}
      note: Seen.
"""


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator(seed={"alerts": [], "incidents": []}) as simulator:
        simulator.process_after(0)
        yield simulator


@pytest.fixture(autouse=True)
def _no_service_outlives_its_test() -> Iterator[None]:
    yield
    while Service.started:
        Service.started.pop().kill()


@pytest.fixture
def folder(tmp_path: Path, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEST_OPS_KEY", opsgenie.key)
    monkeypatch.setenv("TEST_WRONG_KEY", "0" * 36)
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "project.yml").write_text(PROJECT.format(url=opsgenie.url, more=""))
    (tmp_path / "playbooks" / "chase.yml").write_text(CHASE)
    return tmp_path


async def until(true: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


def wait_for(folder: Path, true: Callable[[Connection], bool]) -> None:
    """Wait until something can be read in the store of a service in another process."""
    with Engine.open(folder).database as database:

        def look() -> bool:
            with database.reading() as connection:
                return true(connection)

        asyncio.run(until(look))


def serving(folder: Path, meanwhile: Callable[[Engine, str | None], Awaitable[None]], **given: Any) -> int | None:
    """Serve while something is done, then stop as a process manager does; returns what `serve` did."""

    async def go() -> int | None:
        async with Engine.open(folder, checkpointing=True) as engine:
            ready: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
            served = asyncio.ensure_future(serve(engine, on_ready=ready.set_result, **given))
            await asyncio.wait({served, ready}, return_when=asyncio.FIRST_COMPLETED)
            try:
                if ready.done():
                    await meanwhile(engine, ready.result())
            finally:
                if not served.done():
                    os.kill(os.getpid(), signal.SIGTERM)
            return await served

    return asyncio.run(go())


def runs(engine: Engine) -> list[journal.Run]:
    with engine.database.reading() as connection:
        return journal.runs(connection, limit=1000)


def baseline_taken(engine: Engine) -> bool:
    with engine.database.reading() as connection:
        return bool(triggers.event_triggers(connection))


def notes(opsgenie: Simulator) -> list[str]:
    """The alerts that got a note, once for each note."""
    return sorted(effect.subject_id for effect in opsgenie.applied if effect.action == "AddNote")


def test_a_new_alert_is_fetched_and_chased_once_and_sigterm_ends_it_all(folder: Path, opsgenie: Simulator) -> None:
    before = opsgenie.has_alert(message="was there before")

    async def meanwhile(engine: Engine, address: str | None) -> None:
        assert address is None
        await until(lambda: baseline_taken(engine))
        alert = opsgenie.has_alert(message="new")
        await until(lambda: [run.status for run in runs(engine)] == ["succeeded"])
        await asyncio.sleep(0.6)
        assert [run.event_key for run in runs(engine)] == [alert.id]
        with engine.database.reading() as connection:
            assert events.count_events(connection) == 2
            state = health.health_state(connection, "ops")
            assert state is not None
            assert state.status == "up"
            holder = leases.holder(connection, service_lease.NAME)
            assert holder is not None
            assert holder.pid == os.getpid()

    began = time.monotonic()
    assert serving(folder, meanwhile) == signal.SIGTERM
    assert time.monotonic() - began < 20
    assert before.id not in notes(opsgenie)
    assert len(notes(opsgenie)) == 1
    with Engine.open(folder).database as database, database.reading() as connection:
        holder = leases.holder(connection, service_lease.NAME)
        assert holder is not None
        assert holder.owner is None


def test_a_stream_that_fails_stops_no_other_and_is_reported_once(
    folder: Path, opsgenie: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    other = PROJECT.split("connections:\n")[1].partition("{more}")[0].replace("ops:", "eu:").replace("OPS", "WRONG")
    more = other.format(url=opsgenie.url)
    (folder / "project.yml").write_text(PROJECT.format(url=opsgenie.url, more=more))

    async def meanwhile(engine: Engine, address: str | None) -> None:
        await until(lambda: baseline_taken(engine))
        opsgenie.has_alert()
        await until(lambda: runs(engine))
        await asyncio.sleep(0.5)
        with engine.database.reading() as connection:
            failing = events.stream_state(connection, "eu.alerts")
            assert failing is not None
            assert failing.failing_since is not None

    with caplog.at_level(logging.INFO):
        serving(folder, meanwhile)
    assert len([record for record in caplog.records if "eu.alerts cannot be fetched" in record.message]) == 1
    assert "fetches ops.alerts every 0.2s" in caplog.text
    assert "chase starts on events of ops.alerts" in caplog.text


def test_a_playbook_that_is_edited_is_used_as_it_is_now(
    folder: Path, opsgenie: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / "playbooks" / "chase.yml"

    async def meanwhile(engine: Engine, address: str | None) -> None:
        await until(lambda: baseline_taken(engine))
        path.write_text("name: [\n")
        await until(lambda: "playbooks were read again" in caplog.text)
        alert = opsgenie.has_alert()
        await asyncio.sleep(0.8)
        assert runs(engine) == []
        path.write_text(CHASE.replace("Seen.", "Seen again."))
        await until(lambda: [run.status for run in runs(engine)] == ["succeeded"])
        found = opsgenie.alert(alert.id)
        assert found is not None
        assert [note.text for note in found.notes] == ["Seen again."]

    with caplog.at_level(logging.INFO):
        serving(folder, meanwhile)
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


async def page(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/forever":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await asyncio.sleep(60)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def test_the_page_answers_and_an_open_stream_does_not_hold_up_the_end(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened = socket.socket()

    async def meanwhile(engine: Engine, address: str | None) -> None:
        assert address is not None
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(address)).text == "hello"
        loop = asyncio.get_running_loop()
        opened.setblocking(False)
        await loop.sock_connect(opened, ("127.0.0.1", int(address.rpartition(":")[2])))
        await loop.sock_sendall(opened, b"GET /forever HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await loop.sock_recv(opened, 12) == b"HTTP/1.1 200"

    began = time.monotonic()
    with opened, caplog.at_level(logging.WARNING):
        assert serving(folder, meanwhile, page=page) == signal.SIGTERM
    assert time.monotonic() - began < 10
    assert caplog.records == []


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        project = folder / "project.yml"
        project.write_text(project.read_text().replace("port: 0", f"port: {port}"))
        with pytest.raises(BadProject, match=f"cannot listen on 127.0.0.1:{port}"):
            serving(folder, lambda engine, address: asyncio.sleep(0), page=page)


def test_a_service_whose_lease_was_taken_ends(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(holding, "RENEW_EVERY", 0.1)

    async def meanwhile(engine: Engine, address: str | None) -> None:
        with engine.database.transaction() as connection:
            held = leases.holder(connection, service_lease.NAME)
            assert held is not None
            leases.release(connection, held)
            other = service_lease.this_process().__class__("elsewhere", 1, "1")
            leases.take(connection, service_lease.NAME, other, engine.clock.now(), holding.LEASE)
        await until(lambda: "another process has become the service" in caplog.text)
        await asyncio.sleep(0.2)

    with pytest.raises(StoreBusy, match="while this one was held up"):
        serving(folder, meanwhile)


CHILD = """
import asyncio, sys
from pathlib import Path
import connectors.opsgenie
from playbooks_engine.errors import EngineError
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.service import serve

for name, module in list(sys.modules.items()):
    if name.startswith("connectors.opsgenie") and hasattr(module, "SETTLE"):
        module.SETTLE = 0.5  # how long a change may hide; the simulator makes it at once

async def main():
    async with Engine.open(Path(sys.argv[1]), checkpointing=True) as engine:
        return await serve(engine, on_ready=lambda address: print("ready", flush=True))

try:
    asyncio.run(main())
except EngineError as error:
    print(error, flush=True)
    sys.exit(2)
"""


class Service:
    """A service in a process of its own, which does not outlive the test."""

    started: ClassVar[list[Service]] = []

    def __init__(self, folder: Path, faults: str = "") -> None:
        environment = {**os.environ, "PLAYBOOKS_FAULTS": faults}
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.started.append(self)
        self.first_line = self.process.stdout.readline().strip()

    def stop(self, *signals: signal.Signals) -> int:
        for number in signals or (signal.SIGTERM,):
            self.process.send_signal(number)
            time.sleep(0.2)
        return self.ended()

    def ended(self) -> int:
        return self.process.wait(20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def test_a_second_service_on_a_store_is_refused_and_names_the_first(folder: Path) -> None:
    first = Service(folder)
    try:
        assert first.first_line == "ready"
        second = Service(folder)
        assert second.ended() == 2
        assert (
            f"is running already: process {first.process.pid} on {socket.gethostname()}, since 2" in second.first_line
        )
    finally:
        assert first.stop() == 0


def test_after_kill_9_the_next_service_takes_over_at_once(folder: Path) -> None:
    first = Service(folder)
    first.process.kill()
    first.ended()
    second = Service(folder)
    assert second.first_line == "ready"
    assert second.stop() == 0


def test_a_second_signal_ends_it_at_once(folder: Path, opsgenie: Simulator) -> None:
    service = Service(folder)
    wait_for(folder, lambda connection: bool(triggers.event_triggers(connection)))
    opsgenie.misbehave("slow", times=1, method="POST", seconds=15)
    opsgenie.has_alert()
    asyncio.run(until(lambda: any(entry.method == "POST" for entry in opsgenie.ledger)))
    began = time.monotonic()
    assert service.stop(signal.SIGTERM, signal.SIGTERM) == 128 + signal.SIGTERM
    assert time.monotonic() - began < 5


def test_killed_again_and_again_it_chases_each_alert_once(folder: Path, opsgenie: Simulator) -> None:
    first = Service(folder)
    wait_for(folder, lambda connection: bool(triggers.event_triggers(connection)))  # the baseline is empty
    assert first.stop() == 0
    ids: set[str] = set()
    for fault in ("page_stored:2", "watermark_moved:2", "event_claimed:1", "claim:1", "finish:1"):
        ids |= {opsgenie.has_alert(message=f"alert {number}").id for number in range(6)}
        assert Service(folder, f"{fault}:kill").ended() == -signal.SIGKILL, fault

    def chased(connection: Connection) -> bool:
        found = journal.runs(connection, limit=1000)
        return len(found) >= len(ids) and all(run.status in journal.ENDED for run in found)

    last = Service(folder)
    wait_for(folder, chased)
    assert last.stop() == 0
    with Engine.open(folder).database as database, database.reading() as connection:
        found = journal.runs(connection, limit=1000)
    assert sorted(run.event_key or "" for run in found) == sorted(ids)
    assert {run.status for run in found} == {"succeeded"}
    assert notes(opsgenie) == sorted(ids)
