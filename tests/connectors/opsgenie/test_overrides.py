"""Overrides: the request of each command, the limits, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.overrides import (
    CreateScheduleOverride,
    DeleteScheduleOverride,
    GetScheduleOverride,
    ListScheduleOverrides,
    UpdateScheduleOverride,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

BO = {"type": "user", "username": "bo@example.com"}
GIVEN: dict[str, Any] = {
    "schedule": "ops",
    "user": BO,
    "start_date": "2024-01-01 08:00",
    "end_date": "2024-01-02 08:00",
}
WIRE = {"user": BO, "startDate": "2024-01-01T08:00:00.000Z", "endDate": "2024-01-02T08:00:00.000Z"}
ONE = {"schedule": "ops", "alias": "a/1"}
AT = "/v2/schedules/ops/overrides"


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (
            ListScheduleOverrides,
            {"schedule": "ops", "schedule_identifier_type": "name"},
            f"GET {AT}?scheduleIdentifierType=name",
            None,
        ),
        (GetScheduleOverride, ONE, f"GET {AT}/a%2F1?scheduleIdentifierType=id", None),
        (CreateScheduleOverride, GIVEN, f"POST {AT}?scheduleIdentifierType=id", WIRE),
        (
            CreateScheduleOverride,
            {**GIVEN, "alias": "holiday", "user": {"type": "none"}, "rotations": ["nights", {"id": "r1"}]},
            f"POST {AT}?scheduleIdentifierType=id",
            {**WIRE, "alias": "holiday", "user": {"type": "none"}, "rotations": [{"name": "nights"}, {"id": "r1"}]},
        ),
        (UpdateScheduleOverride, {**GIVEN, **ONE}, f"PUT {AT}/a%2F1?scheduleIdentifierType=id", WIRE),
        (DeleteScheduleOverride, ONE, f"DELETE {AT}/a%2F1?scheduleIdentifierType=id", None),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs(inputs).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("schedules", "configuration")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"user": {"type": "team", "id": "t1"}}, "`user.type`"),
        ({"user": {"type": "user"}}, "one of `id` and `username`"),
        ({"end_date": "2024-01-01 07:00"}, "`end_date` must be later"),
        ({"rotations": []}, "`rotations`"),
        ({"rotations": [{}]}, "`rotations.0"),
        ({"alias": ""}, "`alias`"),
    ],
)
def test_a_wrong_input_is_refused_by_name(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        CreateScheduleOverride.read_inputs({**GIVEN, **inputs})


@pytest.mark.parametrize("missing", ["user", "start_date", "end_date"])
def test_an_override_is_replaced_as_a_whole(missing: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{missing}` is missing"):
        UpdateScheduleOverride.read_inputs({k: v for k, v in {**GIVEN, **ONE}.items() if k != missing})


def listed(**fields: Any) -> Answer:
    kept = {"alias": "holiday", "startDate": "2024-01-01T08:00:00Z", "endDate": "2024-01-02T08:00:00Z", **fields}
    return answer(200, {"data": [kept]})


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (listed(user={**BO, "id": "u1"}), Result),
        (listed(endDate="2024-01-03T08:00:00Z"), Seen.UNDECIDED),
        (listed(alias="other"), Seen.ABSENT),
    ],
)
async def test_a_lost_override_is_looked_for_by_its_alias(given: Answer, seen: Any) -> None:
    create = CreateScheduleOverride.read_inputs({**GIVEN, "alias": "holiday"})
    found = await create.look(GivenSender(by=lambda request: given), START)
    assert isinstance(found, Result) if seen is Result else found is seen


def test_the_alias_is_the_key() -> None:
    assert (CreateScheduleOverride.spec.repeat, CreateScheduleOverride.spec.key_field) == ("keyed", "alias")
    assert (UpdateScheduleOverride.spec.repeat, DeleteScheduleOverride.spec.repeat) == ("safe", "verify")
