"""Making, changing and removing users over HTTP."""

import pytest

NEW = {"username": "ines@example.com", "fullName": "Inés Example", "role": {"name": "user"}}


def test_a_new_user_has_what_was_given_and_an_address_to_be_reached_at(do, ask):
    given = {**NEW, "timeZone": "Europe/Madrid", "tags": ["night"], "details": {"team": ["a", "b"]}}
    made = do("POST", "/v2/users", given, 201)
    assert (made["result"], made["data"]["name"]) == ("Created", "ines@example.com")
    user = ask("/v2/users/ines@example.com", expand="contact")
    assert user["id"] == made["data"]["id"]
    assert (user["timeZone"], user["tags"], user["details"]) == ("Europe/Madrid", ["night"], {"team": ["a", "b"]})
    assert user["role"] == {"id": "User", "name": "User"}
    assert (user["verified"], user["blocked"], user["createdAt"]) == (False, False, "2026-03-27T10:00:00Z")
    assert [contact["to"] for contact in user["userContacts"]] == ["ines@example.com"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": None}, "username"),
        ({"username": "Ines@example.com"}, "username"),
        ({"username": "ines"}, "username"),
        ({"username": "i" * 100 + "@example.com"}, "username"),
        ({"fullName": ""}, "fullName"),
        ({"fullName": "x" * 513}, "fullName"),
        ({"role": None}, "role"),
        ({"role": {"name": "King"}}, "role"),
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"userAddress": {"city": 3}}, "userAddress#city"),
        ({"details": {"team": "a"}}, "details"),
        ({"details": ["a"]}, "details"),
        ({"invitationDisabled": "no"}, "invitationDisabled"),
    ],
)
def test_a_bad_user_is_refused_by_field(do, change, field):
    assert list(do("POST", "/v2/users", {**NEW, **change}, 422)["errors"]) == [field]


def test_a_username_is_taken_once(do):
    do("POST", "/v2/users", {**NEW, "username": "ana@example.com"}, 409)
    do("PATCH", "/v2/users/ben@example.com", {"username": "ana@example.com"}, 409)
    do("PATCH", "/v2/users/ana@example.com", {"username": "ana@example.com"})


def test_a_role_may_be_one_of_the_company_s_own(do, ask):
    do("POST", "/v2/users", {**NEW, "role": {"name": "Night watch"}}, 201)
    assert ask("/v2/users/ines@example.com")["role"]["name"] == "Night watch"


def test_a_change_leaves_the_rest_alone(do, ask):
    before = ask("/v2/users/ana@example.com")
    assert do("PATCH", "/v2/users/ana@example.com", {"fullName": "Ana Changed"})["result"] == "Updated"
    assert ask("/v2/users/ana@example.com") == {**before, "fullName": "Ana Changed"}


def test_a_new_username_is_carried_everywhere(opsgenie, do, ask):
    opsgenie.has_override("ops_secondary", "ana@example.com", "2026-03-27T09:00:00Z", "2026-03-27T12:00:00Z")
    opsgenie.has_forwarding("ben@example.com", "ana@example.com", "2026-03-27T09:00:00Z", "2026-03-28T09:00:00Z")
    rule = {"delay": {"timeAmount": 0}, "recipient": {"type": "user", "username": "ana@example.com"}}
    do("POST", "/v2/escalations", {"name": "mine", "rules": [rule]}, 201)
    do("PATCH", "/v2/users/ana@example.com", {"username": "anna@example.com"})
    shown = str([
        ask("/v2/teams", expand="member"),
        ask("/v2/escalations"),
        ask("/v2/schedules", expand="rotation"),
        ask("/v2/schedules/ops_secondary/overrides", scheduleIdentifierType="name"),
        ask("/v2/forwarding-rules"),
    ])  # fmt: skip
    assert "'ana@example.com'" not in shown
    assert shown.count("'anna@example.com'") >= 6


def test_somebody_on_call_can_not_be_removed(do):
    message = do("DELETE", "/v2/users/ben@example.com", status=428)["message"]
    assert message == "The user is used by schedule ops_primary"


def test_who_is_removed_is_in_no_team_and_forwards_nothing(opsgenie, do, ask):
    opsgenie.has_forwarding("elif@example.com", "ana@example.com", "2026-03-27T09:00:00Z", "2026-03-28T09:00:00Z")
    assert do("DELETE", "/v2/users/elif@example.com")["result"] == "Deleted"
    do("DELETE", "/v2/users/elif@example.com", status=404)
    members = ask("/v2/teams/payments", identifierType="name")["members"]
    assert [member["user"]["username"] for member in members] == ["farid@example.com"]
    assert "elif@example.com" not in str(ask("/v2/forwarding-rules"))
