"""Teams over HTTP."""

import pytest

PATH = "/v2/teams"
ANA = {"user": {"username": "ana@example.com"}, "role": "admin"}
BY_NAME = {"teamIdentifierType": "name"}


def test_teams_show_their_members_only_one_by_one(ask):
    assert [team["name"] for team in ask(PATH)] == ["platform", "payments", "security"]
    assert set(ask(PATH)[0]) == {"id", "name", "description", "links"}
    security = ask(f"{PATH}/security", identifierType="name")
    assert [member["role"] for member in security["members"]] == ["admin", "user", "user"]
    assert ask(f"{PATH}/{security['id']}") == security
    assert security in ask(PATH, expand="member")


def test_a_team_is_made_changed_and_removed(do, ask):
    made = do("POST", PATH, {"name": "Data. 1-2_3", "members": [ANA]}, 201)["data"]
    shown = ask(f"{PATH}/{made['id']}")
    assert [member["user"]["username"] for member in shown["members"]] == ["ana@example.com"]
    do("PATCH", f"{PATH}/{made['id']}", {"description": "Numbers"})
    assert ask(f"{PATH}/{made['id']}") == {**shown, "description": "Numbers"}
    assert do("DELETE", f"{PATH}/{made['id']}")["result"] == "Deleted"
    assert do("GET", f"{PATH}/{made['id']}", status=404)["message"] == f"No team exists with id [{made['id']}]"


def test_a_team_is_changed_by_id_only(do):
    do("PATCH", f"{PATH}/payments", {"description": "x"}, 404, identifierType="name")


def test_a_new_name_is_known_everywhere(opsgenie, do, ask):
    do("PATCH", f"{PATH}/{opsgenie.state.team('platform')['id']}", {"name": "machines"})
    assert ask("/v2/schedules/ops_primary", identifierType="name")["ownerTeam"]["name"] == "machines"
    escalation = ask("/v2/escalations/ops_escalation", identifierType="name")
    assert escalation["ownerTeam"]["name"] == escalation["rules"][1]["recipient"]["name"] == "machines"


def test_members_come_and_go(do, ask):
    def members():
        shown = ask(f"{PATH}/payments", identifierType="name")["members"]
        return {member["user"]["username"]: member["role"] for member in shown}

    path = f"{PATH}/payments/members"
    added = do("POST", path, {"user": {"username": "ana@example.com"}}, **BY_NAME)
    assert added["data"]["name"] == "payments"
    assert members()["ana@example.com"] == "user"
    do("POST", path, ANA, **BY_NAME)
    assert members()["ana@example.com"] == "admin"
    do("DELETE", f"{path}/ana@example.com", **BY_NAME)
    assert "ana@example.com" not in members()
    do("DELETE", f"{path}/ana@example.com", status=404, **BY_NAME)


def test_every_change_is_logged_and_read_page_by_page(opsgenie, do, ask):
    path = f"{PATH}/payments/members"
    for name in ("ana", "ben", "chloe"):
        do("POST", path, {"user": {"username": f"{name}@example.com"}}, **BY_NAME)
        opsgenie.advance(1)
    first = ask(f"{PATH}/payments/logs", identifierType="name", limit=2, order="asc")
    assert [set(line) for line in first["logs"]] == [{"log", "owner", "createdDate"}] * 2
    second = ask(f"{PATH}/payments/logs", identifierType="name", limit=2, order="asc", offset=first["offset"])
    assert [line["log"] for line in second["logs"]] == ["Added member chloe@example.com"]
    assert second["offset"] == ""
    assert ask(f"{PATH}/platform/logs", identifierType="name") == {"offset": "", "logs": []}


def test_a_team_in_use_stays(do):
    refused = do("DELETE", f"{PATH}/payments", status=428, identifierType="name")
    assert refused["message"] == "The team is used by service checkout"


def test_a_name_is_taken_once(opsgenie, do):
    do("POST", PATH, {"name": "platform"}, 409)
    do("PATCH", f"{PATH}/{opsgenie.state.team('payments')['id']}", {"name": "platform"}, 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "x", "members": [{}]}, "members#user"),
        ({"name": "x", "members": [{"user": {"id": "nobody"}}]}, "members#user"),
        ({"name": "x", "members": [{**ANA, "role": "king"}]}, "members#role"),
    ],
)
def test_a_bad_team_is_refused_by_field(do, body, field):
    assert list(do("POST", PATH, body, 422)["errors"]) == [field]
