"""Every operation that the five documents name, end to end: our engine, a real store, HTTP to a pretend Opsgenie."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from seed_operations import OPERATIONS

from connectors.opsgenie import connector
from connectors.opsgenie.documents import D3, INCIDENT_RULES, NIGHTINGALE, NOTIFICATION_RULES, bare, number_of
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor
from playbooks_engine.store.audit import AuditRow, audit_rows

ME = Actor("person", "tester")
ANA, BEN = "ana@example.com", "ben@example.com"
PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:STORY_OPS_KEY
    allow: {{{areas}}}
"""


@dataclass(frozen=True)
class Stop:
    """One call, and what was seen of it."""

    output: Any
    seen: bool
    asked: list[str]
    applied: list[str]


@dataclass
class Walk:
    """Calls that are made one after another, and what each left behind."""

    engine: Engine
    opsgenie: Simulator
    stops: dict[str, Stop] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    fell: dict[str, Exception] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)

    async def call(self, name: str, sees: Callable[[], Any] = lambda: True, /, **inputs: Any) -> Any:
        """Perform one operation, then look with `sees` at what the service has become."""
        asked, applied = len(self.opsgenie.ledger), len(self.opsgenie.applied)
        self.calls.append(name)
        called = await self.engine.calling.call("ops", self.engine.calling.command("ops", name, inputs), ME)
        assert called.result is not None
        self.stops[name] = Stop(
            called.result.output,
            bool(sees()),
            [f"{entry.method} {entry.path}" for entry in self.opsgenie.ledger[asked:]],
            [effect.action for effect in self.opsgenie.applied[applied:]],
        )
        return called.result.output

    async def go(self, *ways: Callable[[Walk], Awaitable[None]]) -> None:
        for way in ways:
            try:
                await way(self)
            except Exception as error:  # whatever it is, it is told by the test of each operation that it kept away
                self.fell[way.__name__] = error

    def user(self, username: str) -> dict[str, Any] | None:
        return next((user for user in self.opsgenie.state.users if user["username"] == username), None)


def _one(things: list[dict[str, Any]], **wanted: Any) -> dict[str, Any] | None:
    return next((thing for thing in things if wanted.items() <= thing.items()), None)


async def schedules(walk: Walk) -> None:
    await walk.call("test_connection")
    await walk.call("get_schedules")
    await walk.call("get_schedule", identifier="ops_primary", identifier_type="name")
    await walk.call("get_schedule_timeline", schedule_name="ops_primary")
    await walk.call("get_on_call_user", schedule_name="ops_primary")
    await walk.call("get_on_calls", schedule="ops_primary", schedule_identifier_type="name", flat=True)
    await walk.call("get_next_on_calls", schedule="ops_primary", schedule_identifier_type="name")


async def alerts(walk: Walk) -> None:
    opsgenie = walk.opsgenie
    known = {"identifier": "disk", "identifier_type": "alias"}

    def disk() -> Any:
        return opsgenie.alert("disk", "alias")

    made = await walk.call(
        "create_alert", lambda: disk().message == "Disk is full", message="Disk is full", alias="disk"
    )
    await walk.call("get_alert", **known)
    await walk.call("list_alerts", query="status: open")
    await walk.call("fetch_event", number_of_events=10)
    await walk.call("count_alerts", query="status: open")
    await walk.call("get_request_status", request_id=opsgenie.applied[-1].request_id)
    assert made["alertId"] == disk().id
    await walk.call("acknowledge_alert", lambda: disk().acknowledged, note="mine", **known)
    later = opsgenie.now + timedelta(hours=1)
    await walk.call("snooze_alert", lambda: disk().snoozed_until, end_time=later.isoformat(), **known)
    await walk.call("assign_alert", lambda: disk().owner == BEN, owner=BEN, **known)
    await walk.call(
        "escalate_alert",
        lambda: any(responder.get("type") == "escalation" for responder in disk().responders),
        escalation="ops_escalation",
        **known,
    )
    await walk.call("add_note", lambda: disk().notes[-1].text == "looked at", note="looked at", **known)
    await walk.call("close_alert", lambda: opsgenie.alert(made["alertId"]).status == "closed", **known)  # type: ignore[union-attr]
    gone = await walk.call("create_alert", message="Disk is full", alias="disk")
    await walk.call("delete_alert", lambda: opsgenie.alert(gone["alertId"]) is None, identifier=gone["alertId"])


async def incidents(walk: Walk) -> None:
    def status(identifier: str) -> str | None:
        return next((i.status for i in walk.opsgenie.state.incidents if i.id == identifier), None)

    def there() -> bool:
        return any(i.message == "Payments are down" for i in walk.opsgenie.state.incidents)

    made = await walk.call(
        "create_incident", there, message="Payments are down", service_id=walk.opsgenie.state.services[0]["id"]
    )
    await walk.call("get_incident", identifier=made["incidentId"])
    await walk.call("list_incidents", query="status: open")
    await walk.call(
        "close_incident", lambda: status(made["incidentId"]) == "closed", identifier=made["incidentId"], note="over"
    )


async def people(walk: Walk) -> None:
    state = walk.opsgenie.state
    new = "zoe@example.com"
    await walk.call("list_users")
    await walk.call("get_single_user", identifier=ANA)
    await walk.call("create_user", lambda: walk.user(new), username=new, full_name="Zoe Z", role="User")
    await walk.call("delete_user", lambda: walk.user(new) is None, identifier=new)
    await walk.call("list_teams")
    await walk.call("create_team", lambda: _one(state.teams, name="night"), name="night")
    await walk.call("list_escalations")
    await walk.call(
        "create_escalation",
        lambda: _one(state.escalations, name="night"),
        name="night",
        rules=[{"delay": {"time_amount": 5}, "recipient": {"type": "team", "name": "night"}}],
    )


async def notification_rules(walk: Walk) -> None:
    def rule() -> dict[str, Any] | None:
        return _one((walk.user(ANA) or {})["notificationRules"], name="Closed ones")

    def step(address: str) -> dict[str, Any] | None:
        return next((s for s in (rule() or {})["steps"] if s["contact"]["to"] == address), None)

    await walk.call("list_notification_rules", identifier=ANA)
    made = await walk.call(
        "create_notification_rule",
        rule,
        identifier=ANA,
        name="Closed ones",
        action_type="closed-alert",
        steps=[{"contact": {"method": "email", "to": ANA}, "send_after": {"time_amount": 1}}],
    )
    it = {"identifier": ANA, "rule_id": made["id"]}
    await walk.call("get_notification_rule", **it)
    await walk.call(
        "update_notification_rule", lambda: (rule() or {})["repeat"]["loopAfter"] == 7, repeat={"loop_after": 7}, **it
    )
    await walk.call("disable_notification_rule", lambda: not (rule() or {})["enabled"], **it)
    await walk.call("enable_notification_rule", lambda: (rule() or {})["enabled"], **it)
    await walk.call("change_notification_rule_order", order=0, **it)
    sms = {"method": "sms", "to": "1-5551234567"}
    await walk.call("create_contact", identifier=ANA, method="sms", to=sms["to"])
    await walk.call("list_notification_rule_steps", **it)
    added = await walk.call("create_notification_rule_step", lambda: step(sms["to"]), contact=sms, **it)
    one = {**it, "step_id": added["id"]}
    await walk.call("get_notification_rule_step", **one)
    await walk.call("disable_notification_rule_step", lambda: not (step(sms["to"]) or {})["enabled"], **one)
    await walk.call("enable_notification_rule_step", lambda: (step(sms["to"]) or {})["enabled"], **one)
    await walk.call(
        "update_notification_rule_step",
        lambda: (step(sms["to"]) or {})["sendAfter"]["timeAmount"] == 9,
        send_after={"time_amount": 9},
        **one,
    )
    await walk.call("delete_notification_rule_step", lambda: step(sms["to"]) is None, **one)
    await walk.call(
        "copy_notification_rules",
        lambda: _one((walk.user(BEN) or {})["notificationRules"], name="Closed ones"),
        identifier=ANA,
        to_users=[BEN],
        rule_types=["closed-alert"],
    )
    await walk.call("delete_notification_rule", lambda: rule() is None, **it)


async def incident_rules(walk: Walk) -> None:
    service = walk.opsgenie.state.services[0]

    def rule() -> dict[str, Any] | None:
        rules = service.get("incidentRules", [])
        return rules[-1] if rules else None

    properties = {"message": "Down", "priority": "P1", "stakeholder_properties": {"message": "We look at it"}}
    it = {"service_id": service["id"]}
    made = await walk.call("create_incident_rule", rule, incident_properties=properties, **it)
    await walk.call("list_incident_rules", **it)
    changed = {**properties, "priority": "P2"}
    it["rule_id"] = made["id"]
    await walk.call(
        "update_incident_rule",
        lambda: (rule() or {})["incidentProperties"]["priority"] == "P2",
        condition_match_type="match-all",
        incident_properties=changed,
        **it,
    )
    await walk.call("delete_incident_rule", lambda: rule() is None, **it)


async def settings(walk: Walk) -> None:
    state = walk.opsgenie.state
    # The last one: the first brought the key with which all this is asked.
    [integration] = [one for one in state.integrations if one["name"] == "Prometheus"]
    team = state.teams[0]["id"]
    await walk.call("list_integrations")
    await walk.call("disable_integration", lambda: not integration["enabled"], integration_id=integration["id"])
    await walk.call("enable_integration", lambda: integration["enabled"], integration_id=integration["id"])
    await walk.call("list_heartbeats")
    await walk.call("get_heartbeat", name="nightly-backup")
    await walk.call("ping_heartbeat", lambda: state.heartbeats[0].get("lastPingTime"), name="nightly-backup")
    everything = {"type": "match-all"}
    for name in ("first", "second"):
        made = await walk.call(
            "create_alert_policy",
            lambda name=name: _one(state.policies, name=name),
            name=name,
            message="{{message}}",
            filter=everything,
        )
    await walk.call(
        "create_notification_policy",
        lambda: _one(state.policies, name="quiet"),
        name="quiet",
        team_id=team,
        suppress=True,
        filter=everything,
    )
    await walk.call("list_alert_policies")

    def alert_policies() -> list[str]:
        return [policy["name"] for policy in state.policies if policy["type"] == "alert"]

    assert alert_policies() == ["first", "second"]
    await walk.call(
        "change_policy_order",
        lambda: alert_policies() == ["second", "first"],
        policy_id=made["id"],
        target_index=0,
    )


WAYS = (schedules, alerts, incidents, people, notification_rules, incident_rules, settings)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """All of it, once; the tests look at what it left."""
    folder = tmp_path_factory.mktemp("every_operation")
    with Simulator() as opsgenie, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORY_OPS_KEY", opsgenie.key)
        opsgenie.process_after(0)
        areas = ", ".join(f"{area}: full" for area in connector.areas)
        (folder / "project.yml").write_text(PROJECT.format(url=opsgenie.url, areas=areas))
        yield asyncio.run(_walked(folder, opsgenie))


async def _walked(folder: Path, opsgenie: Simulator) -> Walk:
    async with Engine.open(folder) as engine:
        walk = Walk(engine, opsgenie)
        await walk.go(*WAYS)
        engine.gathering.flush()
        with engine.database.reading() as cx:
            walk.audit = audit_rows(cx, limit=1_000)
    return walk


def test_no_operation_of_the_documents_is_forgotten(walk: Walk) -> None:
    assert walk.fell == {}
    assert set(OPERATIONS) <= set(walk.calls)
    assert {number_of(connector.commands[name]) for name in walk.stops} - {None} == set(range(1, 35))
    assert set(walk.stops) >= D3
    routes = {bare(connector.commands[name].spec.route) for name in walk.stops}
    assert routes >= NOTIFICATION_RULES | INCIDENT_RULES | NIGHTINGALE


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_of_the_documents_succeeds_and_is_seen(walk: Walk, name: str) -> None:
    assert name in walk.stops, f"not reached: {walk.fell}"
    stop = walk.stops[name]
    command = connector.commands[name]
    assert stop.asked
    assert stop.output not in (None, [], {}, "")
    if command.spec.reads:
        assert stop.applied == []
    else:
        # A ping changes a heartbeat, and nothing that the simulator's list of changes is about.
        assert stop.applied or name == "ping_heartbeat", f"the ledger has {stop.asked}, and nothing was changed"
        assert stop.seen, f"answered {stop.output}, and the service is not as it should be"


def test_each_call_left_one_row_in_the_audit(walk: Walk) -> None:
    rows = sorted(row.command for row in walk.audit)
    assert rows == sorted(walk.calls)
    assert {(row.decision, row.outcome) for row in walk.audit} == {("allowed", "succeeded")}


def test_an_operation_asks_the_address_that_its_document_names(walk: Walk) -> None:
    for name, stop in walk.stops.items():
        spec = connector.commands[name].spec
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(spec.route))
        assert any(re.fullmatch(pattern, asked) for asked in stop.asked), (name, stop.asked)
