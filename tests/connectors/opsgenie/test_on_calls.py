"""Who is on call: the request of each command."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.on_calls import GetNextOnCalls, GetOnCalls, GetOnCallUser, ListOnCalls
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command
from playbooks_engine.testing import GivenSender, answer

DATE = "date=2020-06-03T00%3A00%3A00.000Z"


@pytest.mark.parametrize(
    ("command", "inputs", "target"),
    [
        (
            GetOnCallUser,
            {"schedule_name": "ops primary/eu"},
            "/v2/schedules/ops%20primary%2Feu/on-calls?scheduleIdentifierType=name",
        ),
        (
            GetOnCallUser,
            {"schedule_name": "ops", "datetime": "2020-06-03 00:00"},
            f"/v2/schedules/ops/on-calls?scheduleIdentifierType=name&{DATE}",
        ),
        (
            GetOnCallUser,
            {"schedule_name": "ops", "datetime": "2020-06-03T02:00:00+02:00"},
            f"/v2/schedules/ops/on-calls?scheduleIdentifierType=name&{DATE}",
        ),
        (GetOnCalls, {"schedule": "s/1"}, "/v2/schedules/s%2F1/on-calls?scheduleIdentifierType=id"),
        (
            GetOnCalls,
            {"schedule": "ops", "schedule_identifier_type": "name", "flat": True, "date": "2020-06-03 00:00"},
            f"/v2/schedules/ops/on-calls?flat=true&{DATE}&scheduleIdentifierType=name",
        ),
        (
            GetNextOnCalls,
            {"schedule": "ops", "flat": False},
            "/v2/schedules/ops/next-on-calls?flat=false&scheduleIdentifierType=id",
        ),
        (ListOnCalls, {}, "/v2/schedules/on-calls"),
        (ListOnCalls, {"flat": True, "date": "2020-06-03 00:00"}, f"/v2/schedules/on-calls?flat=true&{DATE}"),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], target: str) -> None:
    request = command.read_inputs(inputs).request()
    path, _, query = request.target.partition("?")
    assert (path, set(query.split("&"))) == (target.partition("?")[0], set(target.partition("?")[2].split("&")))
    assert (request.method, request.body) == ("GET", None)


@pytest.mark.parametrize("command", [GetOnCallUser, GetOnCalls, GetNextOnCalls, ListOnCalls])
def test_who_is_on_call_has_a_rate_limit_of_its_own(command: type[Command]) -> None:
    assert (command.spec.area, command.spec.limits) == ("schedules", "schedule-oncalls")


def test_a_failure_is_told_in_the_words_of_the_vendor() -> None:
    assert GetOnCallUser.spec.failure == "Get On-call User failed."


@pytest.mark.parametrize(
    ("inputs", "field"),
    [({"flat": "maybe"}, "flat"), ({"date": "now"}, "date"), ({"schedule_identifier_type": "tiny"}, "schedule_iden")],
)
def test_a_wrong_input_is_refused_by_name(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}"):
        GetOnCalls.read_inputs({"schedule": "ops", **inputs})


@pytest.mark.parametrize(
    "data", [{"nextOnCallRecipients": [{"name": "ana"}]}, {"nextOnCallParticipants": ["ana@example.com"]}]
)
async def test_the_two_words_for_who_is_next_are_given_as_they_come(data: Any) -> None:
    assert (await GetNextOnCalls(schedule="s1").run(GivenSender(answer(200, {"data": data})))).output == data
