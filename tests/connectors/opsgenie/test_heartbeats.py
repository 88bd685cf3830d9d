"""Heartbeats: the request of each command, and what a ping is."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.connection import OpsgenieConnection
from connectors.opsgenie.heartbeats import (
    CreateHeartbeat,
    DeleteHeartbeat,
    DisableHeartbeat,
    EnableHeartbeat,
    GetHeartbeat,
    ListHeartbeats,
    PingHeartbeat,
    UpdateHeartbeat,
)
from playbooks_engine.errors import InvalidInput, UnexpectedAnswer
from playbooks_engine.sdk import Command, Result
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

NEW = {"name": "backup", "interval": 10, "interval_unit": "minutes"}
BODY = {"name": "backup", "interval": 10, "intervalUnit": "minutes", "enabled": True}
MORE = {
    "description": "d",
    "owner_team": "Payments",
    "alert_message": "m",
    "alert_tags": ["t"],
    "alert_priority": "P1",
}
MORE_BODY = {
    "description": "d",
    "ownerTeam": {"name": "Payments"},
    "alertMessage": "m",
    "alertTags": ["t"],
    "alertPriority": "P1",
}


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "repeat"),
    [
        (PingHeartbeat, {"name": "night/ly"}, "GET", "/v2/heartbeats/night%2Fly/ping", None, "safe"),
        (ListHeartbeats, {}, "GET", "/v2/heartbeats", None, "safe"),
        (GetHeartbeat, {"name": "backup"}, "GET", "/v2/heartbeats/backup", None, "safe"),
        (CreateHeartbeat, NEW, "POST", "/v2/heartbeats", BODY, "verify"),
        (CreateHeartbeat, {**NEW, **MORE}, "POST", "/v2/heartbeats", {**BODY, **MORE_BODY}, "verify"),
        (UpdateHeartbeat, {"name": "b", "interval": 5}, "PATCH", "/v2/heartbeats/b", {"interval": 5}, "safe"),
        (UpdateHeartbeat, {"name": "b", **MORE}, "PATCH", "/v2/heartbeats/b", MORE_BODY, "safe"),
        (EnableHeartbeat, {"name": "b"}, "POST", "/v2/heartbeats/b/enable", None, "safe"),
        (DisableHeartbeat, {"name": "b"}, "POST", "/v2/heartbeats/b/disable", None, "safe"),
        (DeleteHeartbeat, {"name": "b"}, "DELETE", "/v2/heartbeats/b", None, "verify"),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("heartbeats", "heartbeat", repeat)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "x" * 201}, "name"),
        ({"interval": 0}, "interval"),
        ({"interval_unit": "weeks"}, "interval_unit"),
        ({"description": "x" * 10_001}, "description"),
        ({"alert_message": "x" * 131}, "alert_message"),
        ({"alert_tags": ["x"] * 21}, "alert_tags"),
        ({"alert_tags": ["x" * 51]}, "alert_tags.0"),
        ({"alert_priority": "P0"}, "alert_priority"),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_sent(wrong: dict[str, Any], field: str) -> None:
    for command in (CreateHeartbeat, UpdateHeartbeat):
        with pytest.raises(InvalidInput, match=f"`{field}`"):
            command.read_inputs({**NEW, **wrong})


def test_a_ping_is_a_get_that_writes_and_any_key_may_do_it() -> None:
    assert (PingHeartbeat.spec.method, PingHeartbeat.spec.effect) == ("GET", "write")
    assert OpsgenieConnection.right_needed(PingHeartbeat.spec) == "any valid key"
    assert OpsgenieConnection.right_needed(DeleteHeartbeat.spec) == "Delete and Configuration access"


async def test_a_ping_gives_the_pong() -> None:
    pong = {"result": "PONG - Heartbeat received", "took": 0.1, "requestId": "r"}
    assert await PingHeartbeat(name="b").run(GivenSender(answer(202, pong))) == Result({"result": pong["result"]}, pong)


async def test_the_list_stands_one_step_deeper_than_elsewhere() -> None:
    document = {"data": {"heartbeats": [{"name": "b"}]}, "took": 0.1}
    assert await ListHeartbeats().run(GivenSender(answer(200, document))) == Result([{"name": "b"}], document)
    with pytest.raises(UnexpectedAnswer):
        await ListHeartbeats().run(GivenSender(answer(200, {"data": {}})))


async def test_a_lost_heartbeat_is_found_by_its_name() -> None:
    sender = GivenSender(answer(404, {"message": "No heartbeat"}), answer(200, {"data": {**BODY, "expired": False}}))
    assert isinstance(await CreateHeartbeat.model_validate(NEW).look(sender, START), Result)
    assert {r.target for r in sender.requests} == {"/v2/heartbeats/backup"}
