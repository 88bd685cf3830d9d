"""Rotations: the request of each command, the limits, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.rotations import (
    CreateScheduleRotation,
    DeleteScheduleRotation,
    GetScheduleRotation,
    ListScheduleRotations,
    UpdateScheduleRotation,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ANA = {"type": "user", "username": "ana@example.com"}
GIVEN: dict[str, Any] = {"schedule": "ops", "type": "weekly", "start_date": "2024-01-01 08:00", "participants": [ANA]}
WIRE = {"type": "weekly", "startDate": "2024-01-01T08:00:00.000Z", "participants": [ANA]}
WEEK = {
    "type": "weekday-and-time-of-day",
    "restrictions": [
        {"start_day": "monday", "start_hour": 8, "start_min": 0, "end_day": "friday", "end_hour": 18, "end_min": 0}
    ],
}


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (
            ListScheduleRotations,
            {"schedule": "a/b", "schedule_identifier_type": "name"},
            "GET /v2/schedules/a%2Fb/rotations?scheduleIdentifierType=name",
            None,
        ),
        (
            GetScheduleRotation,
            {"schedule": "ops", "rotation_id": "r/1"},
            "GET /v2/schedules/ops/rotations/r%2F1?scheduleIdentifierType=id",
            None,
        ),
        (CreateScheduleRotation, GIVEN, "POST /v2/schedules/ops/rotations?scheduleIdentifierType=id", WIRE),
        (
            CreateScheduleRotation,
            {
                **GIVEN,
                "name": "nights",
                "end_date": "2024-02-01 08:00",
                "length": 2,
                "participants": [{"type": "team", "name": "Payments"}, {"type": "escalation", "id": "e1"}],
                "time_restriction": WEEK,
            },
            "POST /v2/schedules/ops/rotations?scheduleIdentifierType=id",
            {
                **WIRE,
                "name": "nights",
                "endDate": "2024-02-01T08:00:00.000Z",
                "length": 2,
                "participants": [{"type": "team", "name": "Payments"}, {"type": "escalation", "id": "e1"}],
                "timeRestriction": {
                    "type": "weekday-and-time-of-day",
                    "restrictions": [
                        {
                            "startDay": "monday",
                            "startHour": 8,
                            "startMin": 0,
                            "endDay": "friday",
                            "endHour": 18,
                            "endMin": 0,
                        }
                    ],
                },
            },
        ),
        (
            UpdateScheduleRotation,
            {"schedule": "ops", "rotation_id": "r1", "participants": [{"type": "none"}]},
            "PATCH /v2/schedules/ops/rotations/r1?scheduleIdentifierType=id",
            {"participants": [{"type": "none"}]},
        ),
        (
            DeleteScheduleRotation,
            {"schedule": "ops", "rotation_id": "r1"},
            "DELETE /v2/schedules/ops/rotations/r1?scheduleIdentifierType=id",
            None,
        ),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs(inputs).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("schedules", "configuration")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"type": "monthly"}, "`type`"),
        ({"start_date": "soon"}, "`start_date`"),
        ({"length": 0}, "`length`"),
        ({"participants": []}, "`participants`"),
        ({"participants": [{"type": "user"}]}, "one of `id` and `username`"),
        ({"participants": [{"type": "user", "name": "ana"}]}, "`name` is not for type user"),
        ({"participants": [{"type": "team", "username": "ana"}]}, "`username` is not for type team"),
        ({"participants": [{"type": "none", "id": "1"}]}, "`id` is not for type none"),
        ({"participants": [{"type": "schedule", "id": "1"}]}, "`participants.0.type`"),
        ({"end_date": "2024-01-01 08:00"}, "`end_date` must be later"),
        ({"time_restriction": {"type": "weekly"}}, "`time_restriction`"),
    ],
)
def test_a_wrong_input_is_refused_by_name(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        CreateScheduleRotation.read_inputs({**GIVEN, **inputs})


def test_a_patch_without_the_other_date_is_not_compared() -> None:
    one = {"schedule": "ops", "rotation_id": "r1"}
    UpdateScheduleRotation.read_inputs({**one, "end_date": "1990-01-01 00:00"})
    with pytest.raises(InvalidInput, match="`end_date` must be later"):
        UpdateScheduleRotation.read_inputs({**one, "end_date": "1990-01-01 00:00", "start_date": "1990-01-02 00:00"})


def listed(*rotations: dict[str, Any]) -> Answer:
    return answer(200, {"data": list(rotations)})


KEPT = {"id": "r1", "name": "nights", "type": "weekly", "startDate": "2024-01-01T08:00:00Z", "length": 1}


@pytest.mark.parametrize(
    ("name", "given", "seen"),
    [
        ("nights", listed({"id": "r0", "name": "days"}, KEPT), Result),
        ("nights", listed({**KEPT, "startDate": "2024-01-01T08:30:00Z"}), Seen.UNDECIDED),
        ("nights", listed({"id": "r0", "name": "days"}), Seen.ABSENT),
        (None, listed(), Seen.ABSENT),
        (None, listed({**KEPT, "type": "daily"}), Seen.UNDECIDED),
    ],
)
async def test_a_lost_rotation_is_looked_for_by_its_name(name: str | None, given: Answer, seen: Any) -> None:
    sender = GivenSender(by=lambda request: given)
    found = await CreateScheduleRotation.read_inputs({**GIVEN, "name": name}).look(sender, START)
    assert isinstance(found, Result) if seen is Result else found is seen
    assert {r.target for r in sender.requests} == {"/v2/schedules/ops/rotations?scheduleIdentifierType=id"}


def test_each_command_says_what_a_lost_answer_means() -> None:
    commands = (CreateScheduleRotation, UpdateScheduleRotation, DeleteScheduleRotation)
    assert [c.spec.repeat for c in commands] == ["verify", "safe", "verify"]
    assert DeleteScheduleRotation.spec.effect == "destructive"
