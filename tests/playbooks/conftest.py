"""The shipped playbooks in a project of their own, on a simulated Opsgenie and a real mail server."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.planning import Planned, plan
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.runtime.starting import EventVersion, start
from playbooks_engine.store import events, journal
from playbooks_engine.store.journal import Run, StepRow
from playbooks_engine.testing.answering import AnsweringService

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: write, incidents: write}}
    fetch:
      alerts: {{every: 1s, start: 8d}}
  chat:
    connector: notify
    urls: [env:TEST_CHAT_URL]
  idp:
    connector: http
    server_url: {directory}
    allow: {{requests: write}}
web: {{port: 0}}
"""


class Mailbox(MailHandler):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def directory() -> Iterator[AnsweringService]:
    """What locks accounts."""
    with AnsweringService(lambda method, path: {"locked": True}) as service:
        yield service


@pytest.fixture
def project(
    tmp_path: Path,
    opsgenie: Simulator,
    mailbox: tuple[Mailbox, int],
    directory: AnsweringService,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    monkeypatch.setenv("TEST_OPS_KEY", opsgenie.key)
    monkeypatch.setenv("TEST_CHAT_URL", f"mailto://127.0.0.1:{mailbox[1]}?to=team@example.com")
    shutil.copytree(PLAYBOOKS, tmp_path / "playbooks")
    (tmp_path / "project.yml").write_text(PROJECT.format(url=opsgenie.url, directory=directory.url))
    return tmp_path


class Ran:
    """A run that has ended, with its steps."""

    def __init__(self, run: Run, steps: list[StepRow]) -> None:
        self.run = run
        self.status = run.status
        self.output = run.output
        self.error = run.error
        self.steps = {step.path: step for step in steps}


@pytest.fixture
def run(project: Path) -> Callable[..., Ran]:
    """Run a shipped playbook to its end, in a store that lasts for the test."""

    def run(name: str, event: str | None = None, **inputs: Any) -> Ran:
        async def whole() -> Ran:
            async with Engine.open(project) as engine:
                version = None
                if event is not None:
                    from playbooks_engine.runtime.fetching import fetch

                    await fetch(engine, "ops.alerts")
                    with engine.database.reading() as connection:
                        stored = events.event(connection, "ops.alerts", event)
                    assert stored is not None
                    version = EventVersion("ops.alerts", event, stored.version_id)
                loaded = engine.library.playbook(name)
                run_id = start(engine, loaded, {"kind": "person"}, inputs, event=version)
                with engine.database.transaction() as connection:
                    claimed = journal.claim(connection, run_id, engine.owner, engine.clock.now(), LEASE)
                assert claimed is not None
                await execute(engine, claimed)
                with engine.database.reading() as connection:
                    ended = journal.run_by_id(connection, run_id)
                    assert ended is not None
                    return Ran(ended, journal.steps(connection, run_id))

        return asyncio.run(whole())

    return run


@pytest.fixture
def planned(project: Path) -> Callable[..., Planned]:
    """Plan a shipped playbook."""

    def planned(name: str, **inputs: Any) -> Planned:
        async def whole() -> Planned:
            async with Engine.open(project) as engine:
                return await plan(engine, engine.library.playbook(name), inputs)

        return asyncio.run(whole())

    return planned
