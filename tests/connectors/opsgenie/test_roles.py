"""Custom user roles: the request of each command."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.roles import CreateRole, DeleteRole, GetRole, ListRoles, UpdateRole
from playbooks_engine.sdk import Command

BY_NAME = {"identifier": "Night watch", "identifier_type": "name"}
PATH = "/v2/roles/Night%20watch?identifierType=name"
RIGHTS = {"extended_role": "user", "granted_rights": ["a"], "disallowed_rights": ["b"]}
RIGHTS_SENT = {"extendedRole": "user", "grantedRights": ["a"], "disallowedRights": ["b"]}


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "repeat"),
    [
        (ListRoles, {}, "GET", "/v2/roles", None, "safe"),
        (GetRole, {"identifier": "r1"}, "GET", "/v2/roles/r1?identifierType=id", None, "safe"),
        (CreateRole, {"name": "N", **RIGHTS}, "POST", "/v2/roles", {"name": "N", **RIGHTS_SENT}, "verify"),
        (UpdateRole, {**BY_NAME, **RIGHTS}, "PUT", PATH, RIGHTS_SENT, "safe"),
        (DeleteRole, BY_NAME, "DELETE", PATH, None, "verify"),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("roles", "configuration", repeat)


def test_a_change_of_the_name_by_which_a_role_is_found_is_not_repeated() -> None:
    assert UpdateRole(identifier="Old", identifier_type="name", name="New").when_lost == "unsafe"
    assert UpdateRole(identifier="r1", name="New").when_lost == "safe"
