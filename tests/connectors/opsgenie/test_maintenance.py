"""Maintenance: the request of each command, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.maintenance import (
    CancelMaintenance,
    ChangeMaintenanceEndDate,
    CreateMaintenance,
    DeleteMaintenance,
    GetMaintenance,
    ListMaintenance,
    UpdateMaintenance,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ONE = {"maintenance_id": "m1"}
RULES = [{"state": "disabled", "entity": {"id": "p1", "type": "policy"}}]
HOUR = {"time": {"type": "for-1-hour"}, "rules": RULES}
PLANNED = {
    "description": "Move",
    "time": {"type": "schedule", "start_date": "2026-06-03 00:00", "end_date": "2026-06-03 02:00"},
    "rules": RULES,
}
PLANNED_SENT = {
    "description": "Move",
    "time": {"type": "schedule", "startDate": "2026-06-03T00:00:00.000Z", "endDate": "2026-06-03T02:00:00.000Z"},
    "rules": RULES,
}


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "repeat"),
    [
        (ListMaintenance, {}, "GET", "/v1/maintenance", None, "safe"),
        (ListMaintenance, {"type": "past"}, "GET", "/v1/maintenance?type=past", None, "safe"),
        (GetMaintenance, ONE, "GET", "/v1/maintenance/m1", None, "safe"),
        (CreateMaintenance, HOUR, "POST", "/v1/maintenance", HOUR, "verify"),
        (CreateMaintenance, PLANNED, "POST", "/v1/maintenance", PLANNED_SENT, "verify"),
        (UpdateMaintenance, {**ONE, **PLANNED}, "PUT", "/v1/maintenance/m1", PLANNED_SENT, "safe"),
        (
            ChangeMaintenanceEndDate,
            {**ONE, "end_date": "2026-06-03 03:00"},
            "POST",
            "/v1/maintenance/m1/change-end-date",
            {"endDate": "2026-06-03T03:00:00.000Z"},
            "safe",
        ),
        (CancelMaintenance, ONE, "POST", "/v1/maintenance/m1/cancel", None, "verify"),
        (DeleteMaintenance, ONE, "DELETE", "/v1/maintenance/m1", None, "verify"),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("maintenance", "configuration", repeat)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"time": {"type": "schedule", "end_date": "2026-06-03"}}, "`start_date` is mandatory for schedule"),
        ({"time": {"type": "schedule", "start_date": "2026-06-03"}}, "`end_date` is mandatory for schedule"),
        (
            {"time": {"type": "schedule", "start_date": "2026-06-03", "end_date": "2026-06-02"}},
            "`end_date` lies before `start_date`",
        ),
        ({"time": {"type": "for-2-hours"}}, "`time.type`"),
        ({"rules": []}, "`rules`"),
        ({"rules": [{"entity": {"id": "p1", "type": "policy"}}]}, "`state` is mandatory for a policy"),
        (
            {"rules": [{"state": "enabled", "entity": {"id": "i1", "type": "integration"}}]},
            "`state` of an integration can only be disabled",
        ),
    ],
)
def test_a_wrong_maintenance_is_refused_before_anything_is_sent(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        CreateMaintenance.read_inputs({**HOUR, **wrong})
    with pytest.raises(InvalidInput, match=says):
        UpdateMaintenance.read_inputs({**ONE, **HOUR, **wrong})


async def test_a_lost_maintenance_is_found_by_its_description_among_those_to_come() -> None:
    kept = {"id": "m1", "status": "planned", "description": "Move", "time": PLANNED_SENT["time"]}
    sender = GivenSender(answer(200, {"data": [kept]}))
    assert isinstance(await CreateMaintenance.model_validate(PLANNED).look(sender, START), Result)
    assert sender.requests[0].target == "/v1/maintenance?type=non-expired"


async def test_one_without_a_description_looks_like_any_other() -> None:
    assert await CreateMaintenance.model_validate(HOUR).look(GivenSender(), START) is Seen.UNDECIDED


@pytest.mark.parametrize(("status", "seen"), [("cancelled", Result), ("active", Seen)])
async def test_a_lost_cancellation_is_seen_in_the_status(status: str, seen: type) -> None:
    sender = GivenSender(answer(200, {"data": {"id": "m1", "status": status}}))
    assert isinstance(await CancelMaintenance(maintenance_id="m1").look(sender, START), seen)
