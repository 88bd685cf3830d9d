"""What belongs to a user, over HTTP."""

import pytest


def test_the_teams_of_a_user_are_those_with_them_as_a_member(ask):
    assert [team["name"] for team in ask("/v2/users/ana@example.com/teams")] == ["platform", "security"]
    assert [team["name"] for team in ask("/v2/users/farid@example.com/teams")] == ["payments"]


def test_the_schedules_of_a_user_are_those_with_a_turn_of_theirs(ask):
    schedules = ask("/v2/users/ben@example.com/schedules")
    assert [(schedule["name"], schedule["enabled"]) for schedule in schedules] == [("ops_primary", True)]
    assert ask("/v2/users/farid@example.com/schedules") == []


def test_the_escalations_of_a_user_are_those_that_reach_them_or_their_team(ask):
    assert [escalation["name"] for escalation in ask("/v2/users/dmitri@example.com/escalations")] == ["ops_escalation"]


def test_the_forwarding_rules_of_a_user_take_from_them(ask):
    (rule,) = ask("/v2/users/ben@example.com/forwarding-rules")
    assert rule["toUser"]["username"] == "chloe@example.com"
    assert ask("/v2/users/chloe@example.com/forwarding-rules") == []


@pytest.mark.parametrize("tail", ["teams", "schedules", "escalations", "forwarding-rules"])
def test_an_unknown_user_has_no_belongings(client, tail):
    answer = client.get(f"/v2/users/nobody/{tail}")
    assert answer.status_code == 404
    assert answer.json()["message"] == "User not found with identifier [nobody]"


def test_a_saved_search_is_shown_and_removed(do, ask):
    (brief,) = ask("/v2/users/saved-searches")
    assert ask(f"/v2/users/saved-searches/{brief['id']}")["query"] == "timezone: Europe/Berlin"
    assert ask("/v2/users/saved-searches/in Berlin", identifierType="name")["id"] == brief["id"]
    assert do("DELETE", f"/v2/users/saved-searches/{brief['id']}")["result"] == "Deleted"
    assert ask("/v2/users/saved-searches") == []
    do("GET", f"/v2/users/saved-searches/{brief['id']}", status=404)
