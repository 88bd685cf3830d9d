"""Roles of teams over HTTP."""

import pytest

PATH = "/v2/teams/security/roles"
BY_NAME = {"teamIdentifierType": "name"}
RIGHTS = [{"right": "edit-team-roles", "granted": True}, {"right": "delete-team-roles"}]


def test_a_role_is_made_given_changed_and_removed(do, ask):
    assert [role["name"] for role in ask(PATH, **BY_NAME)] == ["observer"]
    made = do("POST", PATH, {"name": "lead", "rights": RIGHTS}, 201, **BY_NAME)["data"]
    shown = ask(f"{PATH}/lead", identifierType="name", **BY_NAME)
    assert shown == {"id": made["id"], "name": "lead", "rights": [RIGHTS[0], {**RIGHTS[1], "granted": True}]}
    do("POST", "/v2/teams/security/members", {"user": {"username": "hiro@example.com"}, "role": "lead"}, **BY_NAME)
    assert do("DELETE", f"{PATH}/{made['id']}", status=428, **BY_NAME)["message"].endswith("hiro@example.com")
    do("PATCH", f"{PATH}/{made['id']}", {"name": "head"}, **BY_NAME)
    members = ask("/v2/teams/security", identifierType="name")["members"]
    assert {member["user"]["username"]: member["role"] for member in members}["hiro@example.com"] == "head"
    do("DELETE", "/v2/teams/security/members/hiro@example.com", **BY_NAME)
    assert do("DELETE", f"{PATH}/head", identifierType="name", **BY_NAME)["result"] == "Deleted"
    do("GET", f"{PATH}/{made['id']}", status=404, **BY_NAME)


@pytest.mark.parametrize("name", ["observer", "user", "admin"])
def test_a_name_is_taken_once(do, name):
    do("POST", PATH, {"name": name, "rights": RIGHTS}, 409, **BY_NAME)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rights": RIGHTS}, "name"),
        ({"name": "x"}, "rights"),
        ({"name": "x", "rights": [{}]}, "rights#right"),
        ({"name": "x", "rights": [{"right": "x", "granted": "yes"}]}, "rights#granted"),
    ],
)
def test_a_bad_role_is_refused_by_field(do, body, field):
    assert list(do("POST", PATH, body, 422, **BY_NAME)["errors"]) == [field]
