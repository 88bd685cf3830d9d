"""Policies over HTTP."""

import pytest

PATH = "/v2/policies"
ALERT = {"type": "alert", "name": "Disks", "enabled": True, "message": "{{message}}!"}
QUIET = {"type": "notification", "name": "Quiet", "enabled": True, "suppress": True}


@pytest.fixture
def team(ask):
    return ask("/v2/teams/platform", identifierType="name")["id"]


def test_a_policy_of_the_account_is_made_changed_switched_and_removed(do, ask):
    made = do("POST", PATH, ALERT, 201)["data"]
    path = f"{PATH}/{made['id']}"
    assert made == {"id": made["id"], "name": "Disks", "type": "alert", "order": 0, "enabled": True}
    assert ask(f"{PATH}/alert") == [made]
    assert ask(path)["message"] == "{{message}}!"
    answer = do("PUT", path, {"type": "alert", "name": "All disks", "enabled": True})
    assert (answer["result"], answer["data"]["name"]) == ("Updated", "All disks")
    assert ask(path)["message"] == "{{message}}"
    assert do("POST", f"{path}/disable")["result"] == "Disabled"
    assert ask(path)["enabled"] is False
    assert do("POST", f"{path}/enable")["result"] == "Enabled"
    assert do("DELETE", path)["result"] == "Deleted"
    do("GET", path, status=404)
    assert ask(f"{PATH}/alert") == []


def test_a_team_s_policies_are_found_with_the_team_alone(do, ask, team):
    mine = do("POST", PATH, ALERT, 201, teamId=team)["data"]["id"]
    assert ask(f"{PATH}/alert") == []
    assert [policy["id"] for policy in ask(f"{PATH}/alert", teamId=team)] == [mine]
    assert ask(f"{PATH}/{mine}", teamId=team)["teamId"] == team
    do("GET", f"{PATH}/{mine}", status=404)
    do("GET", f"{PATH}/alert", status=404, teamId="nobody")


def test_notification_policies_exist_only_in_teams(do, ask, team):
    assert list(do("POST", PATH, QUIET, 422)["errors"]) == ["teamId"]
    do("GET", f"{PATH}/notification", status=422)
    do("POST", PATH, QUIET, 201, teamId=team)
    assert [policy["name"] for policy in ask(f"{PATH}/notification", teamId=team)] == ["Quiet"]
    assert ask(f"{PATH}/alert", teamId=team) == []


def test_a_policy_keeps_its_type(do, team):
    made = do("POST", PATH, ALERT, 201)["data"]["id"]
    assert list(do("PUT", f"{PATH}/{made}", QUIET, 422)["errors"]) == ["type"]
    assert list(do("POST", PATH, {"name": "x", "type": "other"}, 422)["errors"]) == ["type"]


def test_a_policy_is_moved_among_its_like(do, ask, team):
    identifiers = [do("POST", PATH, {**ALERT, "name": name}, 201)["data"]["id"] for name in "abc"]
    do("POST", PATH, ALERT, 201, teamId=team)
    do("POST", f"{PATH}/{identifiers[2]}/change-order", {"targetIndex": 0})
    assert [(policy["name"], policy["order"]) for policy in ask(f"{PATH}/alert")] == [("c", 0), ("a", 1), ("b", 2)]
    do("POST", f"{PATH}/{identifiers[2]}/change-order", {"targetIndex": 1000})
    assert [policy["name"] for policy in ask(f"{PATH}/alert")] == ["a", "b", "c"]
    assert list(do("POST", f"{PATH}/{identifiers[0]}/change-order", {}, 422)["errors"]) == ["targetIndex"]
