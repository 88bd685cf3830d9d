"""Schedules: the request of each command, the limits, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.schedules import (
    CreateSchedule,
    DeleteSchedule,
    ExportOnCallUser,
    ExportSchedule,
    GetSchedule,
    GetSchedules,
    GetScheduleTimeline,
    UpdateSchedule,
)
from playbooks_engine.errors import InvalidInput, UnexpectedAnswer
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ROTATION = {
    "type": "weekly",
    "start_date": "2024-01-01 08:00",
    "participants": [{"type": "user", "username": "ana@example.com"}, {"type": "none"}],
    "length": 2,
    "time_restriction": {
        "type": "time-of-day",
        "restriction": {"start_hour": 8, "start_min": 0, "end_hour": 18, "end_min": 30},
    },
}
ON_THE_WIRE = {
    "type": "weekly",
    "startDate": "2024-01-01T08:00:00.000Z",
    "participants": [{"type": "user", "username": "ana@example.com"}, {"type": "none"}],
    "length": 2,
    "timeRestriction": {
        "type": "time-of-day",
        "restriction": {"startHour": 8, "startMin": 0, "endHour": 18, "endMin": 30},
    },
}


@pytest.mark.parametrize(
    ("command", "inputs", "target"),
    [
        (GetSchedules, {}, "/v2/schedules"),
        (GetSchedules, {"expand": "rotation"}, "/v2/schedules?expand=rotation"),
        (GetSchedule, {"identifier": "ops"}, "/v2/schedules/ops?identifierType=id"),
        (
            GetSchedule,
            {"identifier": "a/b", "identifier_type": "name"},
            "/v2/schedules/a%2Fb?identifierType=name",
        ),
        (GetScheduleTimeline, {"schedule_name": "ops"}, "/v2/schedules/ops/timeline?identifierType=name"),
        (
            GetScheduleTimeline,
            {
                "schedule_name": "s1",
                "identifier_type": "id",
                "interval": 2,
                "interval_unit": "months",
                "date": "2020-06-03T02:00:00+02:00",
                "expand": ["base", "override"],
            },
            "/v2/schedules/s1/timeline?identifierType=id&interval=2&intervalUnit=months"
            "&date=2020-06-03T00%3A00%3A00.000Z&expand=base%2Coverride",
        ),
        (ExportSchedule, {"identifier": "a/b"}, "/v2/schedules/a%2Fb.ics?identifierType=id"),
        (ExportOnCallUser, {"identifier": "ana@example.com"}, "/v2/schedules/on-calls/ana%40example.com.ics"),
    ],
)
def test_a_read_builds_its_request(command: type[Command], inputs: dict[str, Any], target: str) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == ("GET", target, None)
    assert (command.spec.area, command.spec.limits) == ("schedules", "configuration")


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (CreateSchedule, {"name": "ops"}, "POST /v2/schedules", {"name": "ops"}),
        (
            CreateSchedule,
            {
                "name": "ops",
                "description": "d",
                "timezone": "Europe/Berlin",
                "enabled": False,
                "owner_team": "Payments",
                "rotations": [ROTATION],
            },
            "POST /v2/schedules",
            {
                "name": "ops",
                "description": "d",
                "timezone": "Europe/Berlin",
                "enabled": False,
                "ownerTeam": {"name": "Payments"},
                "rotations": [ON_THE_WIRE],
            },
        ),
        (
            UpdateSchedule,
            {"identifier": "ops", "identifier_type": "name", "name": "ops2", "owner_team": {"id": "t1"}},
            "PATCH /v2/schedules/ops?identifierType=name",
            {"name": "ops2", "ownerTeam": {"id": "t1"}},
        ),
        (DeleteSchedule, {"identifier": "s1"}, "DELETE /v2/schedules/s1?identifierType=id", None),
    ],
)
def test_a_change_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs(inputs).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("schedules", "configuration")


@pytest.mark.parametrize(
    ("command", "inputs", "field"),
    [
        (GetSchedules, {"expand": "team"}, "expand"),
        (GetSchedule, {"identifier": "s", "identifier_type": "tiny"}, "identifier_type"),
        (GetScheduleTimeline, {"schedule_name": "s", "interval": 0}, "interval"),
        (GetScheduleTimeline, {"schedule_name": "s", "interval_unit": "years"}, "interval_unit"),
        (GetScheduleTimeline, {"schedule_name": "s", "expand": ["all"]}, "expand.0"),
        (GetScheduleTimeline, {"schedule_name": "s", "date": "today"}, "date"),
        (CreateSchedule, {}, "name"),
        (CreateSchedule, {"name": "x" * 100}, "name"),
        (CreateSchedule, {"name": "ops", "description": "x" * 10_000}, "description"),
        (CreateSchedule, {"name": "ops", "owner_team": {}}, "owner_team"),
        (CreateSchedule, {"name": "ops", "rotations": [{**ROTATION, "participants": []}]}, "rotations.0.participants"),
        (UpdateSchedule, {"identifier": "s", "name": ""}, "name"),
    ],
)
def test_a_wrong_input_is_refused_by_name(command: type[Command], inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}"):
        command.read_inputs(inputs)


@pytest.mark.parametrize(
    ("command", "effect", "repeat"),
    [
        (CreateSchedule, "write", "verify"),
        (UpdateSchedule, "write", "safe"),
        (DeleteSchedule, "destructive", "verify"),
        (ExportSchedule, "read", "safe"),
    ],
)
def test_each_command_says_what_it_does_and_what_a_lost_answer_means(
    command: type[Command], effect: str, repeat: str
) -> None:
    assert (command.spec.effect, command.spec.repeat) == (effect, repeat)


async def test_the_output_is_data() -> None:
    document = {"data": [{"id": "s1"}], "expandable": ["rotation"], "took": 0.1, "requestId": "r"}
    assert await GetSchedules().run(GivenSender(answer(200, document))) == Result([{"id": "s1"}], document)


def listed(**fields: Any) -> Answer:
    team = {"id": "t1", "name": "Payments"}
    return answer(200, {"data": [{"id": "s1", "name": "ops", "timezone": "UTC", "ownerTeam": team, **fields}]})


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (listed(), Result),
        (listed(timezone="Europe/Berlin"), Seen.UNDECIDED),
        (listed(ownerTeam={"id": "t2", "name": "Other"}), Seen.UNDECIDED),
        (listed(name="other"), Seen.ABSENT),
    ],
)
async def test_a_lost_creation_is_looked_for_by_its_name(given: Answer, seen: Any) -> None:
    sender = GivenSender(by=lambda request: given)
    create = CreateSchedule(name="ops", timezone="UTC", owner_team="Payments")
    found = await create.look(sender, START)
    assert isinstance(found, Result) if seen is Result else found is seen
    assert {r.target for r in sender.requests} == {"/v2/schedules"}


async def test_a_deleted_schedule_cannot_be_read() -> None:
    missing = answer(404, {"message": "No schedule exists with id [s1]"})
    assert isinstance(await DeleteSchedule(identifier="s1").look(GivenSender(missing), START), Result)


CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:ops ü\r\nEND:VCALENDAR\r\n"


async def test_a_calendar_is_text() -> None:
    sender = GivenSender(Answer(200, {"content-type": "text/calendar"}, CALENDAR.encode()))
    assert await ExportSchedule(identifier="ops").run(sender) == Result(CALENDAR, CALENDAR)
    assert sender.sent[0].headers == {"Accept": "text/calendar"}


@pytest.mark.parametrize("content", [b"", b"<html>Sign in</html>", b'{"data": {}}', b"\xff\xfe"])
async def test_anything_else_is_no_calendar(content: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match=r"no calendar \(text/html\)"):
        await ExportOnCallUser(identifier="u1").run(GivenSender(Answer(200, {"content-type": "text/html"}, content)))
