"""Users: the request of each command."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.users import (
    CreateUser,
    DeleteUser,
    DeleteUserSavedSearch,
    GetSingleUser,
    GetUserSavedSearch,
    ListUserEscalations,
    ListUserForwardingRules,
    ListUsers,
    ListUserSavedSearches,
    ListUserSchedules,
    ListUserTeams,
    UpdateUser,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command
from playbooks_engine.testing import GivenSender, answer

ANA = "ana@example.com"
NEW = {"username": ANA, "full_name": "Ana Example", "role": "User"}


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body"),
    [
        (GetSingleUser, {"identifier": "ana+ops@example.com"}, "GET", "/v2/users/ana%2Bops%40example.com", None),
        (GetSingleUser, {"identifier": "4d3c-1"}, "GET", "/v2/users/4d3c-1", None),
        (GetSingleUser, {"identifier": "1", "expand": "contact"}, "GET", "/v2/users/1?expand=contact", None),
        (ListUsers, {}, "GET", "/v2/users", None),
        (
            ListUsers,
            {"query": "role: admin", "sort": "fullName", "order": "desc", "max_items": 5},
            "GET",
            "/v2/users?query=role%3A%20admin&sort=fullName&order=desc",
            None,
        ),
        (
            CreateUser,
            NEW,
            "POST",
            "/v2/users",
            {"username": ANA, "fullName": "Ana Example", "role": {"name": "User"}},
        ),
        (
            CreateUser,
            {
                **NEW,
                "role": {"id": "r1"},
                "skype_username": "ana",
                "time_zone": "Europe/Berlin",
                "locale": "en_US",
                "user_address": {"country": "DE", "zip_code": "10115"},
                "tags": ["oncall"],
                "details": {"snake_key": ["a", "b"]},
                "invitation_disabled": True,
            },
            "POST",
            "/v2/users",
            {
                "username": ANA,
                "fullName": "Ana Example",
                "role": {"id": "r1"},
                "skypeUsername": "ana",
                "timeZone": "Europe/Berlin",
                "locale": "en_US",
                "userAddress": {"country": "DE", "zipCode": "10115"},
                "tags": ["oncall"],
                "details": {"snake_key": ["a", "b"]},
                "invitationDisabled": True,
            },
        ),
        (
            UpdateUser,
            {"identifier": ANA, "full_name": "A", "role": {"name": "Admin"}},
            "PATCH",
            "/v2/users/ana%40example.com",
            {"fullName": "A", "role": {"name": "Admin"}},
        ),
        (DeleteUser, {"identifier": ANA}, "DELETE", "/v2/users/ana%40example.com", None),
        (ListUserTeams, {"identifier": "1"}, "GET", "/v2/users/1/teams", None),
        (ListUserSchedules, {"identifier": "1"}, "GET", "/v2/users/1/schedules", None),
        (ListUserEscalations, {"identifier": "1"}, "GET", "/v2/users/1/escalations", None),
        (ListUserForwardingRules, {"identifier": "1"}, "GET", "/v2/users/1/forwarding-rules", None),
        (ListUserSavedSearches, {}, "GET", "/v2/users/saved-searches", None),
        (GetUserSavedSearch, {"search_id": "s/1"}, "GET", "/v2/users/saved-searches/s%2F1", None),
        (DeleteUserSavedSearch, {"search_id": "s1"}, "DELETE", "/v2/users/saved-searches/s1", None),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)


def test_a_user_must_be_named() -> None:
    with pytest.raises(InvalidInput, match="`identifier` is missing"):
        GetSingleUser.read_inputs({})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": "Ana@example.com"}, "username"),
        ({"username": "ana"}, "username"),
        ({"username": "a" * 90 + "@example.com"}, "username"),
        ({"full_name": ""}, "full_name"),
        ({"full_name": "x" * 513}, "full_name"),
        ({"time_zone": "x" * 512}, "time_zone"),
        ({"role": {}}, "role"),
        ({"role": {"id": "1", "name": "x"}}, "role"),
        ({"user_address": {"street": "x"}}, "user_address.street"),
        ({"details": {"k": "no list"}}, "details.k"),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_sent(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}"):
        CreateUser.read_inputs({**NEW, **wrong})
    with pytest.raises(InvalidInput, match=f"`{field}"):
        UpdateUser.read_inputs({"identifier": "1", **wrong})


@pytest.mark.parametrize(
    ("command", "limits", "repeat"),
    [
        (GetSingleUser, "configuration", "safe"),
        (ListUsers, "search", "safe"),
        (CreateUser, "configuration", "verify"),
        (UpdateUser, "configuration", "safe"),
        (DeleteUser, "configuration", "verify"),
    ],
)
def test_users_are_configuration_and_their_list_is_a_search(command: type[Command], limits: str, repeat: str) -> None:
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("users", limits, repeat)


def test_a_change_of_the_name_by_which_a_user_is_found_is_not_repeated() -> None:
    assert UpdateUser(identifier=ANA, username="ben@example.com").when_lost == "unsafe"
    assert UpdateUser(identifier=ANA, username=ANA).when_lost == "safe"
    assert UpdateUser(identifier="4d3c-1", username="ben@example.com").when_lost == "safe"


async def test_the_list_of_users_is_read_over_all_pages() -> None:
    first = {"data": [{"id": f"u{n}"} for n in range(100)], "totalCount": 101, "paging": {"next": "https://x"}}
    last = {"data": [{"id": "u100"}], "totalCount": 101, "paging": {"first": "https://x"}}
    sender = GivenSender(answer(200, first), answer(200, last))
    assert len((await ListUsers().run(sender)).output) == 101
    assert [r.target for r in sender.sent] == ["/v2/users?limit=100&offset=0", "/v2/users?limit=100&offset=100"]
