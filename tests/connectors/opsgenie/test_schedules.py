"""Schedules: the request of each command."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.schedules import GetOnCallUser, GetSchedules, GetScheduleTimeline
from playbooks_engine.sdk import Command, Result
from playbooks_engine.testing import GivenSender, answer


@pytest.mark.parametrize(
    ("command", "inputs", "target"),
    [
        (GetSchedules, {}, "/v2/schedules"),
        (GetSchedules, {"expand": "rotation"}, "/v2/schedules?expand=rotation"),
        (
            GetOnCallUser,
            {"schedule_name": "ops primary/eu"},
            "/v2/schedules/ops%20primary%2Feu/on-calls?scheduleIdentifierType=name",
        ),
        (
            GetOnCallUser,
            {"schedule_name": "ops", "datetime": "2020-06-03 00:00"},
            "/v2/schedules/ops/on-calls?scheduleIdentifierType=name&date=2020-06-03T00%3A00%3A00.000Z",
        ),
        (
            GetOnCallUser,
            {"schedule_name": "ops", "datetime": "2020-06-03T02:00:00+02:00"},
            "/v2/schedules/ops/on-calls?scheduleIdentifierType=name&date=2020-06-03T00%3A00%3A00.000Z",
        ),
        (GetScheduleTimeline, {"schedule_name": "ops"}, "/v2/schedules/ops/timeline?identifierType=name"),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], target: str) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == ("GET", target, None)


@pytest.mark.parametrize(
    ("command", "limits"),
    [(GetSchedules, "configuration"), (GetOnCallUser, "schedule-oncalls"), (GetScheduleTimeline, "configuration")],
)
def test_who_is_on_call_has_a_rate_limit_of_its_own(command: type[Command], limits: str) -> None:
    assert (command.spec.area, command.spec.limits) == ("schedules", limits)


def test_a_failure_is_told_in_the_words_of_the_vendor() -> None:
    assert GetOnCallUser.spec.failure == "Get On-call User failed."


async def test_the_output_is_data() -> None:
    document = {"data": [{"id": "s1"}], "expandable": ["rotation"], "took": 0.1, "requestId": "r"}
    assert await GetSchedules().run(GivenSender(answer(200, document))) == Result([{"id": "s1"}], document)
