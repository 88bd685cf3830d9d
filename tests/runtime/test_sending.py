"""Where requests leave: nothing without permission, audit row and intent; retries of reads only; 429 waited out."""

import asyncio
import base64
import contextlib
import logging
from typing import Any

import pytest

from connectors.opsgenie.alerts.acting import CloseAlert, EscalateAlert
from connectors.opsgenie.alerts.creating import CreateAlert
from playbooks_engine.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ServerError,
    StoreUnusable,
)
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.transport import Transport
from playbooks_engine.sdk import Answer, Command, Connector, Request, Result, Sender, Write
from playbooks_engine.store.audit import audit_rows
from playbooks_engine.store.database import Database

ME = Actor("person", "me")


async def call(engine: Any, name: str, plan: bool = False, **inputs: Any) -> Any:
    return await engine.calling.call("ops", engine.calling.command("ops", name, inputs), ME, plan=plan)


async def arrival(bench: Any) -> None:
    """Return when the first request has reached the service, which is in another thread."""
    while not bench.simulator.ledger:  # noqa: ASYNC110 - nobody there could set an event of this loop
        await asyncio.sleep(0.001)


def allow(bench: Any, levels: str) -> None:
    project = bench.folder / "project.yml"
    project.write_text(project.read_text().replace("{alerts: full, incidents: full}", levels))


# permission


@pytest.mark.parametrize(
    ("levels", "name", "inputs", "allowed"),
    [
        ("{}", "get_alert", {"identifier": "x"}, True),
        ("{alerts: off}", "get_alert", {"identifier": "x"}, False),
        ("{}", "create_alert", {"message": "x"}, False),
        ("{alerts: read}", "create_alert", {"message": "x"}, False),
        ("{alerts: write}", "create_alert", {"message": "x"}, True),
        ("{incidents: full}", "create_alert", {"message": "x"}, False),
        ("{alerts: write}", "delete_alert", {"identifier": "x"}, False),
        ("{alerts: full}", "delete_alert", {"identifier": "x"}, True),
    ],
)
async def test_what_is_not_allowed_does_not_leave(
    bench: Any, levels: str, name: str, inputs: dict[str, str], *, allowed: bool
) -> None:
    allow(bench, levels)
    async with bench.engine() as engine:
        with contextlib.suppress(NotFound, Rejected) if allowed else pytest.raises(NotAllowed, match="does not allow"):
            await call(engine, name, **inputs)
    assert bool(bench.simulator.ledger) is allowed
    [row] = bench.audit()
    assert row.decision == ("allowed" if allowed else "denied")
    assert row.outcome is not None
    assert bench.intents() == []


async def test_every_single_request_is_judged_also_the_looks(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The permission goes away while a change is being confirmed: the next question does not leave."""
    async with bench.engine() as engine:
        command = engine.calling.command("ops", "create_alert", {"message": "x"})
        link = engine.calling.link("ops")
        plain = Transport.exchange

        async def exchange(self: Transport, request: Request) -> Answer:
            link.connection.allow["alerts"] = "off"
            return await plain(self, request)

        monkeypatch.setattr(Transport, "exchange", exchange)
        with pytest.raises(NotAllowed):
            await engine.calling.call("ops", command, ME)
    assert [entry.method for entry in bench.simulator.ledger] == ["POST"]


class Sneaky(Command, route="GET /v2/schedules", area="schedules"):
    """Says that it reads, and sends something else."""

    method: str = "POST"
    """What it really sends."""

    async def run(self, sender: Sender) -> Result:
        request = Request(self.method, "/v2/alerts", body={"message": "sneaked in"})
        return Result(await sender.send(request))


class Peeking(Write, route="POST /v2/alerts", area="alerts", repeat="unsafe"):
    """Looks something up with a request that changes."""

    async def run(self, sender: Sender) -> Result:
        return Result(await sender.look_up(Request("POST", "/v2/alerts", body={"message": "sneaked in"})))


@pytest.mark.parametrize("command", [Sneaky(), Sneaky(method="DELETE"), Sneaky(method="PUT"), Peeking()])
@pytest.mark.parametrize("plan", [True, False])
async def test_a_read_sends_nothing_but_reads(bench: Any, command: Command, *, plan: bool) -> None:
    async with bench.engine() as engine:
        with pytest.raises(TypeError, match=r"sends|looks something up"):
            await engine.calling.call("ops", command, ME, plan=plan)
    assert bench.simulator.ledger == []


async def test_a_plan_sends_no_write_of_any_command(bench: Any) -> None:
    async with bench.engine() as engine:
        connector: Connector = engine.catalog.connector("opsgenie")
        tried = 0
        for name, command in connector.commands.items():
            if command.spec.reads:
                continue
            fields = {n: f.examples[0] for n, f in command.model_fields.items() if f.is_required() and f.examples}
            try:
                made = engine.calling.command("ops", name, fields)
            except Exception:  # noqa: S112 - some need inputs that stand in no example
                continue
            engine.calling.link("ops").connection.allow[command.spec.area] = "full"
            for file in command.spec.file_fields:
                (engine.project.folder / "files").mkdir(exist_ok=True)
                (engine.project.folder / "files" / fields[file]).write_text("x")
            called = await engine.calling.call("ops", made, ME, plan=True)
            assert called.result is None
            assert called.planned is not None
            assert called.requests == 0
            tried += 1
    assert tried > 10
    assert bench.simulator.ledger == []
    assert {(row.decision, row.outcome) for row in bench.audit()} == {("planned", "planned")}


# audit and intent


async def test_the_audit_row_is_in_the_store_before_the_request_leaves(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int, int]] = []
    plain = Transport.exchange

    async def exchange(self: Transport, request: Request) -> Answer:
        with bench.store() as database, database.reading() as cx:
            intents = cx.exec_driver_sql("select count(*) from intent").scalar()
            seen.append((request.method, len(audit_rows(cx)), intents))
        return await plain(self, request)

    monkeypatch.setattr(Transport, "exchange", exchange)
    async with bench.engine() as engine:
        await call(engine, "get_schedules")
        await call(engine, "create_alert", message="x")
    assert seen[0] == ("GET", 1, 0)
    assert seen[1] == ("POST", 2, 1)
    assert {row.outcome for row in bench.audit()} == {"succeeded"}


async def test_an_intent_is_on_the_disk_before_its_write_leaves(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    durable: list[bool] = []
    plain = Database.write

    def write(self: Database, batch: Any, durably: bool = False, **how: Any) -> None:
        durable.append(durably)
        plain(self, batch, durably, **how)

    monkeypatch.setattr(Database, "write", write)
    left: list[tuple[str, bool]] = []
    exchange = Transport.exchange

    async def leaving(self: Transport, request: Request) -> Answer:
        left.append((request.method, durable[-1]))
        return await exchange(self, request)

    monkeypatch.setattr(Transport, "exchange", leaving)
    async with bench.engine() as engine:
        await call(engine, "get_schedules")
        await call(engine, "create_alert", message="x")
    assert left[:2] == [("GET", False), ("POST", True)]


async def test_when_the_audit_cannot_be_written_nothing_leaves(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **how: Any) -> None:
        raise StoreUnusable("The disk is full.")

    async with bench.engine() as engine:
        with monkeypatch.context() as patched:
            patched.setattr(Database, "write", full)
            for name, inputs in (("get_schedules", {}), ("create_alert", {"message": "x"})):
                with pytest.raises(StoreUnusable):
                    await call(engine, name, **inputs)
    assert bench.simulator.ledger == []


async def test_a_call_that_fails_completes_its_audit_row(bench: Any) -> None:
    async with bench.engine() as engine:
        with pytest.raises(Exception, match="Message"):
            await call(engine, "get_alert", identifier="nothing")
    [row] = bench.audit()
    assert (row.outcome, row.status_code, row.requests, row.target) == ("not_found", 404, 1, "nothing")


# retries


async def test_a_read_is_sent_again_when_the_service_fails(bench: Any) -> None:
    bench.simulator.misbehave("error", times=3, status=503)
    async with bench.engine() as engine:
        called = await call(engine, "get_schedules")
    assert called.requests == 4
    assert len(bench.simulator.ledger) == 4
    assert bench.audit()[0].requests == 4


async def test_a_read_is_given_up_after_four_attempts(bench: Any) -> None:
    bench.simulator.misbehave("error", times=100, status=500)
    async with bench.engine() as engine:
        with pytest.raises(ServerError):
            await call(engine, "get_schedules")
    assert len(bench.simulator.ledger) == 4


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
async def test_a_refused_read_is_not_sent_again(bench: Any, status: int) -> None:
    bench.simulator.misbehave("error", times=100, status=status)
    async with bench.engine() as engine:
        with pytest.raises(Exception, match="Message"):
            await call(engine, "get_schedules")
    assert len(bench.simulator.ledger) == 1


async def test_a_write_is_sent_again_only_when_it_surely_never_left(bench: Any) -> None:
    """Nobody listens at first: nothing left, so it may be tried again, and is given up after four times."""
    bench.simulator.stop()
    async with bench.engine() as engine:
        link = engine.calling.link("ops")
        sent = 0
        plain = link.transport.exchange

        async def counted(request: Request) -> Answer:
            nonlocal sent
            sent += 1
            if sent == 3:
                bench.simulator.start()
            return await plain(request)

        link.transport.exchange = counted
        await call(engine, "create_alert", message="x")
    assert bench.applied == ["Create"]
    assert len(bench.writes) == 1


async def test_an_unsafe_write_whose_answer_is_a_500_is_sent_once(bench: Any) -> None:
    alert = bench.simulator.has_alert(message="x")
    bench.simulator.misbehave("error", times=10, method="POST", status=500)
    async with bench.engine() as engine:
        with pytest.raises(OutcomeUnknown):
            await engine.calling.call("ops", EscalateAlert(identifier=alert.id, escalation="ops_escalation"), ME)
    assert len(bench.writes) == 1


async def test_a_close_by_alias_waits_for_an_alert_that_is_still_queued(bench: Any) -> None:
    bench.simulator.process_after(10)
    async with bench.engine() as engine:
        create = asyncio.create_task(engine.calling.call("ops", CreateAlert(message="x", alias="late"), ME))
        await arrival(bench)
        bench.simulator.process_after(0)
        await engine.calling.call("ops", CloseAlert(identifier="late", identifier_type="alias"), ME)
        await create
    assert bench.applied == ["Create", "Close"]


async def test_a_close_of_an_alert_that_never_was_says_so(bench: Any) -> None:
    async with bench.engine() as engine:
        with pytest.raises(Rejected) as caught:
            await engine.calling.call("ops", CloseAlert(identifier="none", identifier_type="alias"), ME)
    assert "waited 30 s" in (caught.value.hint or "")


# rate limits


async def test_a_429_is_waited_out_and_spends_no_attempt(bench: Any) -> None:
    bench.simulator.misbehave("error", times=6, status=429, headers={"X-RateLimit-Period-In-Sec": "1"})
    async with bench.engine() as engine:
        called = await call(engine, "get_schedules")
    assert called.requests == 7
    assert bench.clock.monotonic() >= 6


async def test_a_429_that_lasts_is_rate_limited_after_the_patience(bench: Any) -> None:
    bench.simulator.misbehave("error", times=1_000, status=429, headers={"X-RateLimit-Period-In-Sec": "60"})
    async with bench.engine() as engine:
        for name, inputs in (("get_schedules", {}), ("create_alert", {"message": "x"})):
            with pytest.raises(RateLimited) as caught:
                await call(engine, name, **inputs)
            assert caught.value.status_code == 429
            assert caught.value.indicator
    assert bench.applied == []


async def test_a_refused_write_never_happened_and_may_be_tried_again(bench: Any) -> None:
    bench.simulator.misbehave("error", times=3, status=429, method="POST", headers={"X-RateLimit-Period-In-Sec": "1"})
    async with bench.engine() as engine:
        await call(engine, "create_alert", message="x")
    assert bench.applied == ["Create"]
    assert {alert.count for alert in bench.simulator.alerts} == {1}


async def test_one_domain_that_is_throttled_does_not_delay_another(bench: Any) -> None:
    bench.simulator.misbehave(
        "error", times=1, path="/v2/alerts", status=429, headers={"X-RateLimit-Period-In-Sec": "60"}
    )
    async with bench.engine() as engine:
        slow = asyncio.create_task(call(engine, "list_alerts"))
        await arrival(bench)
        began = bench.clock.monotonic()
        await call(engine, "get_schedules")
        assert bench.clock.monotonic() - began < 1
        await slow
    assert bench.clock.monotonic() >= 60


# the key


async def test_a_key_that_the_service_repeats_is_nowhere_to_be_found(
    bench: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "kanarie0-1111-2222-3333-444444444444"
    monkeypatch.setenv("TEST_OPS_KEY", key)
    caplog.set_level(logging.DEBUG)
    plain = Transport.exchange

    async def repeating(self: Transport, request: Request) -> Answer:
        await plain(self, request)
        basic = base64.b64encode(f":{key}".encode()).decode()
        said = f'{{"message": "no such key {key} ({basic})", "took": 1, "requestId": "r-{key}"}}'
        return Answer(401, {"content-type": "application/json"}, said.encode())

    monkeypatch.setattr(Transport, "exchange", repeating)
    # An alert may hold anything, our own key too; pieced together here, so that the text of the playbook does not.
    said = "${{ 'kanarie0-1111-2222' ~ '-3333-444444444444' }}"
    done = await bench.run(f"""
connections: {{ops: opsgenie}}
steps:
  - id: a
    uses: ops.create_alert
    continue_on_error: true
    with: {{message: "the key is {said}", tags: ["{said}"], details: {{k: "{said}"}}}}
  - id: b
    uses: core.log
    with: {{message: "GenieKey {said}"}}
  - id: c
    uses: ops.get_alert
    with: {{identifier: "{said}"}}
""")
    assert (done.status, done.error["type"]) == ("failed", "auth")
    told = [str(done.run), str(done.steps), caplog.text, str(bench.audit()), str(bench.intents())]
    told += [file.read_bytes().decode("latin-1") for file in (bench.folder / ".playbooks").iterdir()]
    for secret in (key, base64.b64encode(f":{key}".encode()).decode()):
        assert not [text for text in told if secret in text]
    assert "***" in told[1]


@pytest.mark.parametrize("plan", [False, True])
@pytest.mark.parametrize("name", ["get_alert", "delete_alert"])
async def test_what_the_address_does_not_offer_is_refused_before_anything_is_counted(
    bench: Any, name: str, *, plan: bool
) -> None:
    project = bench.folder / "project.yml"
    project.write_text(project.read_text().replace(bench.simulator.url, f"{bench.simulator.url}/jsm/ops/integration"))
    async with bench.engine() as engine:
        with pytest.raises(InvalidInput, match="does not offer this") as caught:
            await call(engine, name, plan=plan, identifier="x")
    assert caught.value.indicator
    assert (bench.audit(), bench.intents(), bench.simulator.ledger) == ([], [], [])
