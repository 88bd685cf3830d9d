"""Teams: the request of each command, the limits, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.teams import (
    AddTeamMember,
    CreateTeam,
    DeleteTeam,
    GetTeam,
    ListTeamLogs,
    ListTeams,
    RemoveTeamMember,
    UpdateTeam,
)
from playbooks_engine.errors import Forbidden, InvalidInput, OutcomeUnknown, UnexpectedAnswer
from playbooks_engine.sdk import Answer, Command, Result, Seen, Write
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (ListTeams, {}, "GET /v2/teams", None),
        (GetTeam, {"identifier": "a/b", "identifier_type": "name"}, "GET /v2/teams/a%2Fb?identifierType=name", None),
        (CreateTeam, {"name": "Payments"}, "POST /v2/teams", {"name": "Payments"}),
        (
            CreateTeam,
            {
                "name": "Pay_1 - a.b",
                "description": "d",
                "members": [{"user": "ana", "role": "admin"}, {"user": {"id": "u"}}],
            },
            "POST /v2/teams",
            {
                "name": "Pay_1 - a.b",
                "description": "d",
                "members": [{"user": {"username": "ana"}, "role": "admin"}, {"user": {"id": "u"}}],
            },
        ),
        (UpdateTeam, {"team_id": "t1", "name": "New"}, "PATCH /v2/teams/t1", {"name": "New"}),
        (DeleteTeam, {"identifier": "t1"}, "DELETE /v2/teams/t1?identifierType=id", None),
        (
            AddTeamMember,
            {"team": "t1", "user": "ana@example.com", "role": "admin"},
            "POST /v2/teams/t1/members?teamIdentifierType=id",
            {"user": {"username": "ana@example.com"}, "role": "admin"},
        ),
        (
            RemoveTeamMember,
            {"team": "Pay", "team_identifier_type": "name", "member": "ana@example.com"},
            "DELETE /v2/teams/Pay/members/ana%40example.com?teamIdentifierType=name",
            None,
        ),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs(inputs).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("teams", "configuration")


@pytest.mark.parametrize(
    ("command", "inputs", "field"),
    [
        (CreateTeam, {}, "name"),
        (CreateTeam, {"name": "x" * 100}, "name"),
        (CreateTeam, {"name": "a/b"}, "name"),
        (CreateTeam, {"name": "a", "members": [{"role": "admin"}]}, "members.0.user"),
        (UpdateTeam, {"team_id": "t1", "name": "a;b"}, "name"),
        (GetTeam, {"identifier": "t1", "identifier_type": "tiny"}, "identifier_type"),
        (AddTeamMember, {"team": "t1", "user": {"name": "ana"}}, "user"),
        (AddTeamMember, {"team": "t1"}, "user"),
        (RemoveTeamMember, {"team": "t1"}, "member"),
    ],
)
def test_a_wrong_input_is_refused_by_name(command: type[Command], inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}"):
        command.read_inputs(inputs)


@pytest.mark.parametrize(
    ("command", "effect", "repeat"),
    [
        (CreateTeam, "write", "verify"),
        (UpdateTeam, "write", "safe"),
        (DeleteTeam, "destructive", "verify"),
        (AddTeamMember, "write", "verify"),
        (RemoveTeamMember, "destructive", "verify"),
        (ListTeamLogs, "read", "safe"),
    ],
)
def test_each_command_says_what_it_does_and_what_a_lost_answer_means(
    command: type[Command], effect: str, repeat: str
) -> None:
    assert (command.spec.effect, command.spec.repeat) == (effect, repeat)


async def test_logs_go_on_where_data_says() -> None:
    sender = GivenSender(
        answer(200, {"data": {"offset": "17_1", "logs": [{"log": "b"}]}}),
        answer(200, {"data": {"logs": [{"log": "a"}]}}),
    )
    result = await ListTeamLogs(identifier="t1").run(sender)
    assert [entry["log"] for entry in result.output] == ["b", "a"]
    assert [r.target for r in sender.sent] == [
        "/v2/teams/t1/logs?identifierType=id&limit=100",
        "/v2/teams/t1/logs?identifierType=id&limit=100&offset=17_1",
    ]


async def test_an_answer_without_logs_is_not_opsgenie() -> None:
    with pytest.raises(UnexpectedAnswer, match="list of logs"):
        await ListTeamLogs(identifier="t1").run(GivenSender(answer(200, {"data": {}})))


def team(*members: dict[str, Any]) -> Answer:
    return answer(200, {"data": {"id": "t1", "members": list(members)}})


ANA = {"user": {"id": "u1", "username": "ana@example.com"}, "role": "user"}
ADD = AddTeamMember(team="Pay", team_identifier_type="name", user="Ana@example.com")
ADD_BY_ID = AddTeamMember.read_inputs({"team": "t1", "user": {"id": "u1"}, "role": "User"})
ADD_ADMIN = AddTeamMember(team="t1", user="ana@example.com", role="admin")


@pytest.mark.parametrize(
    ("command", "given", "seen"),
    [
        (ADD, team(ANA), Result),
        (ADD, team(), Seen.ABSENT),
        (ADD_BY_ID, team(ANA), Result),
        (ADD_ADMIN, team(ANA), Seen.UNDECIDED),
        (RemoveTeamMember(team="t1", member="ana@example.com"), team(), Result),
        (RemoveTeamMember(team="t1", member="u1"), team(ANA), Seen.ABSENT),
    ],
)
async def test_a_lost_change_of_members_is_seen_among_them(command: Write, given: Answer, seen: Any) -> None:
    found = await command.look(GivenSender(given), START)
    assert isinstance(found, Result) if seen is Result else found is seen


async def test_the_team_is_read_as_it_is_named() -> None:
    sender = GivenSender(team(ANA))
    await ADD.look(sender, START)
    assert sender.requests[0].target == "/v2/teams/Pay?identifierType=name"


async def test_a_refusal_to_show_the_members_proves_nothing() -> None:
    forbidden = answer(403, {"message": "Api key is not authorized", "code": 40301})
    removal = RemoveTeamMember(team="t1", member="ana@example.com")
    with pytest.raises(Forbidden):
        await removal.look(GivenSender(forbidden), START)
    with pytest.raises(OutcomeUnknown):
        await removal.run(GivenSender(lost(), forbidden))


async def test_a_lost_creation_is_looked_for_by_its_name() -> None:
    there = answer(200, {"data": [{"id": "t1", "name": "Payments", "description": "d"}]})
    look = CreateTeam(name="Payments", description="d").look(GivenSender(there), START)
    assert isinstance(await look, Result)
    look = CreateTeam(name="Payments", description="other").look(GivenSender(there), START)
    assert await look is Seen.UNDECIDED
