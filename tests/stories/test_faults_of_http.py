"""Whatever goes wrong on the way: a named error or the truth, soon, nothing done twice, and the key never shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from connectors.opsgenie.shapes import ListPages
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BY_TYPE, CommandFailed, OutcomeUnknown
from playbooks_engine.runtime import transport
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor
from playbooks_engine.sdk import Write
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


@pytest.fixture(scope="module")
def only_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder: Path = tmp_path_factory.mktemp("faults")
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
        (folder / "project.yml").write_text(PROJECT.format(url=opsgenie.url, ca_file=folder / "ca.pem"))
        clock = SkippingClock(opsgenie)
        engine = Engine.open(folder, clock=clock)
        yield Bench(runner, engine, opsgenie, clock)
        runner.run(engine.close())
        stored = b"".join(path.read_bytes() for path in (folder / ".playbooks").rglob("*") if path.is_file())
        assert opsgenie.key.encode() not in stored


@pytest.fixture
def bench(only_bench: Bench, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    if request.node.callspec.params["fault"] in SILENT:
        monkeypatch.setattr(transport, "TOTAL", PATIENCE)
    only_bench.opsgenie.reset()
    yield only_bench
    only_bench.runner.run(only_bench.engine.calling.close())


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("fault", OF_READS)
def test_a_read_that_never_gets_its_answer_says_which_way_it_failed(bench: Bench, fault: str, what: str) -> None:
    name, inputs, path, after = READS[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, ALWAYS, "GET", path, after=after, **bent.options)
    ended = bench.call(name, **inputs)
    if bent.ends is None:
        assert not isinstance(ended, CommandFailed)
        assert ended
    else:
        assert isinstance(ended, CommandFailed), f"a false success: {ended}"
        assert ended.type == bent.ends
    assert bench.opsgenie.applied == []
    assert bench.sent("GET", path) <= 6


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("fault", TRIED_AGAIN)
def test_a_read_that_fails_once_is_sent_again_and_whole(bench: Bench, fault: str, what: str) -> None:
    name, inputs, path, after = READS[what]
    whole = bench.call(name, **inputs)
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, 1, "GET", path, after=after, **bent.options)
    assert bench.call(name, **inputs) == whole


@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "each time"])
@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize("fault", IN_TIME)
def test_a_change_is_made_once_or_not_at_all_and_the_answer_says_which(
    bench: Bench, fault: str, what: str, times: int
) -> None:
    name, inputs, method, path = WRITES[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, times, method, path, **bent.options)
    ended = bench.call(name, **inputs)
    made = len(bench.opsgenie.applied)
    sent = bench.sent(method, path)
    if not isinstance(ended, CommandFailed):
        assert made, f"a false success: {ended}"
    elif not isinstance(ended, OutcomeUnknown):
        # What may be done twice fails as what was seen, so that it is tried again, and says that it may be done.
        assert made == 0 or (what == "safe" and "does no harm" in str(ended)), f"it happened, and ended as {ended}"
    assert sent <= 1 + Write.REPEATS
    if what == "unsafe":
        assert sent == 1
    if what != "safe":
        assert made <= 1, "done twice"


@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "each time"])
@pytest.mark.parametrize("fault", OF_READS)
def test_a_change_whose_confirmation_fails_is_not_sent_again(bench: Bench, fault: str, times: int) -> None:
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, times, "GET", "/v2/alerts/requests/", **bent.options)
    ended = bench.call("add_note", note="looked at", **ON_DISK)
    assert isinstance(ended, dict | OutcomeUnknown), ended
    if times == ALWAYS and bent.ends:
        assert isinstance(ended, OutcomeUnknown), f"a false success: {ended}"
        assert ended.request_id
        assert ended.hint
    assert bench.sent("POST", "/notes") == 1
    assert len(bench.opsgenie.applied) == 1


@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "each time"])
@pytest.mark.parametrize("what", LOOKED_UP)
@pytest.mark.parametrize("fault", [name for name in OF_READS if name in IN_TIME])
def test_a_lost_change_that_cannot_be_looked_up_is_not_sent_again(
    bench: Bench, fault: str, what: str, times: int
) -> None:
    name, inputs, posted, looked = LOOKED_UP[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave("reset_after", 1, "POST", posted)
    bench.opsgenie.misbehave(bent.kind, times, "GET", looked, **bent.options)
    ended = bench.call(name, **inputs)
    assert isinstance(ended, dict | OutcomeUnknown), ended
    if times == ALWAYS and bent.ends:
        assert isinstance(ended, OutcomeUnknown), f"a false success: {ended}"
        assert ended.hint
    assert bench.sent("POST", posted) == 1
    assert len(bench.opsgenie.applied) == 1
