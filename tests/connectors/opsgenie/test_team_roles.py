"""Roles of a team: the request of each command, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.team_roles import (
    CreateTeamRole,
    DeleteTeamRole,
    GetTeamRole,
    ListTeamRoles,
    UpdateTeamRole,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

RIGHTS = [{"right": "manage-members", "granted": True}, {"right": "edit-team-roles"}]
AT = "/v2/teams/Pay/roles"


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (ListTeamRoles, {"team_identifier_type": "name"}, f"GET {AT}?teamIdentifierType=name", None),
        (
            GetTeamRole,
            {"role": "a/b", "role_identifier_type": "name"},
            f"GET {AT}/a%2Fb?teamIdentifierType=id&identifierType=name",
            None,
        ),
        (
            CreateTeamRole,
            {"name": "deputy", "rights": RIGHTS},
            f"POST {AT}?teamIdentifierType=id",
            {"name": "deputy", "rights": RIGHTS},
        ),
        (
            UpdateTeamRole,
            {"role": "r1", "rights": RIGHTS},
            f"PATCH {AT}/r1?teamIdentifierType=id&identifierType=id",
            {"rights": RIGHTS},
        ),
        (DeleteTeamRole, {"role": "r1"}, f"DELETE {AT}/r1?teamIdentifierType=id&identifierType=id", None),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs({"team": "Pay", **inputs}).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("teams", "configuration")


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"name": "", "rights": RIGHTS}, "name"),
        ({"name": "n"}, "rights"),
        ({"name": "n", "rights": []}, "rights"),
        ({"name": "n", "rights": [{"granted": True}]}, "rights.0.right"),
    ],
)
def test_a_wrong_input_is_refused_by_name(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        CreateTeamRole.read_inputs({"team": "Pay", **inputs})


async def test_a_lost_creation_is_looked_for_by_its_name() -> None:
    create = CreateTeamRole.read_inputs({"team": "Pay", "name": "deputy", "rights": RIGHTS})
    there = answer(200, {"data": [{"id": "r1", "name": "deputy"}]})
    assert isinstance(await create.look(GivenSender(there), START), Result)
    none = answer(200, {"data": []})
    assert await create.look(GivenSender(by=lambda request: none), START) is Seen.ABSENT


def test_each_command_says_what_a_lost_answer_means() -> None:
    assert [c.spec.repeat for c in (CreateTeamRole, UpdateTeamRole, DeleteTeamRole)] == ["verify", "safe", "verify"]
