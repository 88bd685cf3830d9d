"""What goes wrong on the way to a service, an engine that meets it, and what has to hold however that ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from connectors.opsgenie.shapes import ListPages
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BY_TYPE, CommandFailed
from playbooks_engine.runtime import transport
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.runtime.starting import start
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Run, StepRow
from playbooks_engine.testing.clock import START

ME = Actor("person", "tester")
PATIENCE = 0.12
"""Seconds that one exchange may take where silence is tried; 30 outside of tests."""
SOON = 5.0
ALWAYS = 1_000_000
PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:STORY_OPS_KEY
    ca_file: {ca_file}
    allow: {{alerts: full, teams: full}}
"""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, and how a read that meets it each time ends."""

    kind: str
    options: dict[str, Any]
    ends: str | None


FAULTS = {
    "late": Fault("slow", {"seconds": 0.02}, None),
    "too late": Fault("slow", {"seconds": 3 * PATIENCE}, "timeout"),
    "409": Fault("error", {"status": 409}, "conflict"),
    "422": Fault("error", {"status": 422}, "unprocessable"),
    "500": Fault("error", {"status": 500}, "server_error"),
    "502": Fault("error", {"status": 502}, "server_error"),
    "503": Fault("error", {"status": 503}, "server_error"),
    "page of a proxy": Fault("html", {"status": 200}, "unexpected_answer"),
    "page of a proxy 403": Fault("html", {"status": 403}, "forbidden"),
    "page of a proxy 502": Fault("html", {"status": 502}, "server_error"),
    "reset before": Fault("reset_before", {}, "connection"),
    "reset after": Fault("reset_after", {}, "connection"),
    "silence before": Fault("silent_before", {}, "timeout"),
    "silence after": Fault("silent", {}, "timeout"),
    "500 after": Fault("error_after", {"status": 500}, "server_error"),
    "half the json": Fault("truncated", {}, "unexpected_answer"),
    "cut in transit": Fault("truncated", {"in_transit": True}, "connection"),
}
SILENT = {name for name, fault in FAULTS.items() if fault.ends == "timeout"}
# What came too late is done later than any look: time in these tests passes at once, and it would be seen too soon.
IN_TIME = [name for name in FAULTS if name != "too late"]
# Before and after are the same to what only reads.
OF_READS = [name for name in FAULTS if not name.endswith(" before")]
TRIED_AGAIN = [name for name in OF_READS if BY_TYPE.get(FAULTS[name].ends or "", CommandFailed).retryable]

READS = {
    "one alert": ("get_alert", {"identifier": "disk", "identifier_type": "alias"}, "/v2/alerts/disk", 0),
    "the second page": ("list_alerts", {}, "/v2/alerts", 1),
    "the test command": ("test_connection", {}, "/v2/alerts", 0),
}
SENT_AGAIN = {what: read for what, read in READS.items() if read[0] != "test_connection"}
"""A check is sent once: it tells what it met."""
ON_DISK = {"identifier": "disk", "identifier_type": "alias"}
# A change, the method it is sent with, and a part of its path.
WRITES = {
    "keyed": ("create_alert", {"message": "new", "alias": "new"}, "POST", "/v2/alerts"),
    "verify": ("add_note", {"note": "looked at", **ON_DISK}, "POST", "/notes"),
    "unsafe": ("escalate_alert", {"escalation": "ops_escalation", **ON_DISK}, "POST", "/escalate"),
    "safe": ("update_alert_priority", {"priority": "P1", **ON_DISK}, "PUT", "/priority"),
    "destructive": ("delete_alert", ON_DISK, "DELETE", "/v2/alerts"),
    "a setting": ("create_team", {"name": "night"}, "POST", "/v2/teams"),
}
LOOKED_UP = {
    "alert by alias": ("create_alert", {"message": "new", "alias": "new"}, "/v2/alerts", "/v2/alerts/new"),
    "list of notes": ("add_note", {"note": "looked at", **ON_DISK}, "/notes", "/notes"),
    "team by name": ("create_team", {"name": "night"}, "/v2/teams", "/v2/teams"),
}


class SkippingClock:
    """Whoever waits is woken at once, and the simulator's time goes along."""

    def __init__(self, opsgenie: Simulator) -> None:
        self.opsgenie = opsgenie
        self.elapsed = 0.0

    def now(self) -> datetime:
        return self.opsgenie.now

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.elapsed += max(seconds, 0)
        self.opsgenie.advance(max(seconds, 0))
        await asyncio.sleep(0)


@dataclass
class Bench:
    """An engine on a simulator, in one loop."""

    runner: asyncio.Runner
    engine: Engine
    opsgenie: Simulator
    clock: SkippingClock

    def call(self, name: str, /, **inputs: Any) -> Any:
        """The output, or the error it ended with; neither late nor with the key in it."""
        command = self.engine.calling.command("ops", name, inputs)
        began, elapsed = time.monotonic(), self.clock.elapsed
        try:
            ended = self.runner.run(self.engine.calling.call("ops", command, ME)).result.output  # type: ignore[union-attr]
        except CommandFailed as error:
            ended = error
            self._is_told_well(error)
        assert time.monotonic() - began < SOON
        assert self.clock.elapsed - elapsed < 300
        self.opsgenie.behave()
        self.opsgenie.advance(60)
        return ended

    def _is_told_well(self, error: CommandFailed) -> None:
        assert BY_TYPE[error.type] is type(error), "an error of a named kind"
        assert error.indicator
        assert error.message
        assert self.opsgenie.key not in f"{error} {error.as_json()} {error!r} {error.__cause__!r}"

    def sent(self, method: str, part: str) -> int:
        return sum(entry.method == method and part in entry.path for entry in self.opsgenie.ledger)

    def run(self, text: str) -> Finished:
        """Run a playbook to its end; neither late nor with the key in anything it kept."""
        name = "amid"
        (self.engine.project.folder / "playbooks" / f"{name}.yml").write_text(text)
        began, elapsed = time.monotonic(), self.clock.elapsed
        run_id = start(self.engine, self.engine.library.playbook(name), {"kind": "person"}, {})
        with self.engine.database.transaction() as cx:
            claimed = journal.claim(cx, run_id, self.engine.owner, self.engine.clock.now(), LEASE)
        assert claimed is not None
        self.runner.run(execute(self.engine, claimed))
        assert time.monotonic() - began < SOON
        assert self.clock.elapsed - elapsed < 300
        self.opsgenie.behave()
        self.opsgenie.advance(60)
        with self.engine.database.reading() as cx:
            run = journal.run_by_id(cx, run_id)
            assert run is not None
            finished = Finished(run, journal.steps(cx, run_id))
        assert self.opsgenie.key not in repr(finished)
        return finished


@dataclass(frozen=True)
class Finished:
    """A run that is over, as the store has it."""

    run: Run
    steps: list[StepRow]

    def step(self, path: str) -> StepRow:
        [row] = [row for row in self.steps if row.path == path]
        return row


@contextmanager
def open_bench(folder: Path, **connections: str) -> Iterator[Bench]:
    """An engine on a simulator with three alerts; afterwards, the store is searched for the key.

    `connections` are more of them, as project.yml has them.
    """
    alerts = [{"message": "Disk is full", "alias": "disk"}, {"message": "one more"}, {"message": "and one more"}]
    with (
        Simulator({"alerts": alerts, "incidents": []}, now=START, frozen=True) as opsgenie,
        pytest.MonkeyPatch.context() as patch,
        asyncio.Runner() as runner,
    ):
        patch.setenv("STORY_OPS_KEY", opsgenie.key)
        patch.setattr(ListPages, "PAGE", 2)
        # Each test opens its own connections, and reading all of the machine's authorities takes longer than the rest.
        trustme.CA().cert_pem.write_to_path(folder / "ca.pem")
        more = "".join(f"  {name}: {settings}\n" for name, settings in connections.items())
        (folder / "project.yml").write_text(PROJECT.format(url=opsgenie.url, ca_file=folder / "ca.pem") + more)
        (folder / "playbooks").mkdir()
        clock = SkippingClock(opsgenie)
        engine = Engine.open(folder, clock=clock)
        yield Bench(runner, engine, opsgenie, clock)
        runner.run(engine.close())
        stored = b"".join(path.read_bytes() for path in (folder / ".playbooks").rglob("*") if path.is_file())
        assert opsgenie.key.encode() not in stored


@contextmanager
def fresh(bench: Bench, fault: str) -> Iterator[Bench]:
    """The bench for one test: as it was at the start, with connections of its own, impatient where silence is tried."""
    with pytest.MonkeyPatch.context() as patch:
        if fault in SILENT:
            patch.setattr(transport, "TOTAL", PATIENCE)
        bench.opsgenie.reset()
        yield bench
        bench.runner.run(bench.engine.calling.close())
