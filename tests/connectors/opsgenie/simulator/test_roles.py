"""Custom user roles over HTTP."""

import pytest

PATH = "/v2/roles"


def test_a_role_is_made_changed_and_removed(do, ask):
    given = {"name": "Auditor", "extendedRole": "observer", "grantedRights": ["a"], "disallowedRights": ["b"]}
    made = do("POST", PATH, given, 201)["data"]
    assert made == {"id": made["id"], "name": "Auditor"}
    assert ask(f"{PATH}/Auditor", identifierType="name") == {**given, "id": made["id"]}
    assert do("PUT", f"{PATH}/{made['id']}", {"name": "Reader"})["result"] == "Updated"
    assert ask(f"{PATH}/{made['id']}") == {**given, "id": made["id"], "name": "Reader"}
    assert [role["name"] for role in ask(PATH)] == ["Night watch", "Reader"]
    assert do("DELETE", f"{PATH}/Reader", identifierType="name")["result"] == "Deleted"
    do("GET", f"{PATH}/{made['id']}", status=404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x", "extendedRole": "king"}, "extendedRole"),
        ({"name": "x", "grantedRights": "a"}, "grantedRights"),
        ({"name": "x", "grantedRights": ["a"], "disallowedRights": ["a"]}, "disallowedRights"),
    ],
)
def test_a_bad_role_is_refused_by_field(do, body, field):
    assert list(do("POST", PATH, body, 422)["errors"]) == [field]


def test_a_name_is_taken_once(do):
    do("POST", PATH, {"name": "Night watch"}, 409)


def test_a_role_that_somebody_has_stays(do, ask):
    do("PATCH", "/v2/users/ben@example.com", {"role": {"name": "Night watch"}})
    role = ask(PATH)[0]["id"]
    assert "ben@example.com" in do("DELETE", f"{PATH}/{role}", status=428)["message"]
    do("PUT", f"{PATH}/{role}", {"name": "Owls"})
    assert ask("/v2/users/ben@example.com")["role"] == {"id": role, "name": "Owls"}
