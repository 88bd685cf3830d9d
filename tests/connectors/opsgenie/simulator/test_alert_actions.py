"""Everything that can be done to an alert, and how it fails."""

import pytest

CLOSED_AGAIN = [
    ("POST", "/close", None),
    ("POST", "/acknowledge", None),
    ("POST", "/unacknowledge", None),
    ("POST", "/snooze", {"endTime": "2026-03-28T10:00:00Z"}),
    ("POST", "/escalate", {"escalation": {"name": "ops_escalation"}}),
    ("POST", "/assign", {"owner": {"username": "ana@example.com"}}),
    ("PUT", "/priority", {"priority": "P1"}),
    ("PUT", "/message", {"message": "x"}),
    ("PUT", "/description", {"description": "x"}),
]
REMARKS = [
    ("POST", "/notes", {"note": "x"}),
    ("POST", "/tags", {"tags": ["x"]}),
    ("POST", "/details", {"details": {"a": "b"}}),
    ("DELETE", "", None),
]


def test_a_closed_alert_is_closed_and_says_by_whom_and_when(opsgenie, write, ask):
    alert = opsgenie.has_alert(created_at="2026-03-27T09:00:00Z")
    status = write("POST", f"/v2/alerts/{alert.id}/close", {"user": "ana@example.com", "note": "Fixed"})
    assert (status["action"], status["isSuccess"], status["alertId"]) == ("Close", True, alert.id)
    shown = ask(f"/v2/alerts/{alert.id}")
    assert shown["status"] == "closed"
    assert shown["report"] == {"closeTime": 3_600_050, "closedBy": "ana@example.com"}
    assert shown["updatedAt"] == "2026-03-27T10:00:00.05Z"
    assert [note["note"] for note in ask(f"/v2/alerts/{alert.id}/notes")] == ["Fixed"]


@pytest.mark.parametrize(("method", "tail", "body"), CLOSED_AGAIN)
def test_a_closed_alert_is_not_acted_on(opsgenie, write, method, tail, body):
    alert = opsgenie.has_alert(status="closed")
    status = write(method, f"/v2/alerts/{alert.id}{tail}", body)
    assert (status["isSuccess"], status["status"]) == (False, "Alert is already closed")
    assert opsgenie.applied == []


@pytest.mark.parametrize(("method", "tail", "body"), [*CLOSED_AGAIN, *REMARKS])
def test_a_missing_alert_fails_when_processed_and_not_before(opsgenie, write, method, tail, body):
    status = write(method, f"/v2/alerts/nowhere{tail}", body)
    assert (status["isSuccess"], status["status"], status["alertId"]) == (False, "Alert does not exist", "")


@pytest.mark.parametrize(("method", "tail", "body"), REMARKS)
def test_a_closed_alert_still_takes_remarks(opsgenie, write, method, tail, body):
    alert = opsgenie.has_alert(status="closed")
    assert write(method, f"/v2/alerts/{alert.id}{tail}", body)["isSuccess"] is True


def test_an_alias_finds_only_the_open_alert(opsgenie, write):
    opsgenie.has_alert(alias="a", status="closed")
    assert write("POST", "/v2/alerts/a/close", identifierType="alias")["status"] == "Alert does not exist"
    still_open = opsgenie.has_alert(alias="a")
    assert write("POST", "/v2/alerts/a/close", identifierType="alias")["alertId"] == still_open.id


def test_a_tiny_id_finds_the_alert(opsgenie, write):
    alert = opsgenie.has_alert()
    assert write("POST", f"/v2/alerts/{alert.tiny_id}/close", identifierType="tiny")["alertId"] == alert.id


def test_an_acknowledged_alert_has_an_owner(opsgenie, write, ask):
    alert = opsgenie.has_alert()
    write("POST", f"/v2/alerts/{alert.id}/acknowledge", {"user": "ana@example.com"})
    shown = ask(f"/v2/alerts/{alert.id}")
    assert (shown["acknowledged"], shown["isSeen"], shown["seen"]) == (True, True, True)
    assert shown["owner"] == "ana@example.com"
    assert shown["report"] == {"ackTime": 50, "acknowledgedBy": "ana@example.com"}
    again = write("POST", f"/v2/alerts/{alert.id}/acknowledge")
    assert (again["isSuccess"], again["status"]) == (False, "Alert is already acknowledged")


def test_an_acknowledgement_can_be_taken_back(opsgenie, write, ask):
    alert = opsgenie.has_alert(acknowledged=True)
    write("POST", f"/v2/alerts/{alert.id}/unacknowledge")
    assert ask(f"/v2/alerts/{alert.id}")["acknowledged"] is False


def test_a_snooze_ends_by_itself(opsgenie, write, ask):
    alert = opsgenie.has_alert()
    write("POST", f"/v2/alerts/{alert.id}/snooze", {"endTime": "2026-03-27T11:00:00+00:00"})
    shown = ask(f"/v2/alerts/{alert.id}")
    assert (shown["snoozed"], shown["snoozedUntil"], shown["acknowledged"]) == (True, "2026-03-27T11:00:00Z", True)
    opsgenie.advance(3600)
    shown = ask(f"/v2/alerts/{alert.id}")
    assert (shown["snoozed"], shown["acknowledged"], shown["updatedAt"]) == (False, False, "2026-03-27T11:00:00Z")
    assert "snoozedUntil" not in shown


@pytest.mark.parametrize("end", [None, "tomorrow", 7, "2026-03-27T09:59:00Z"])
def test_a_snooze_needs_an_end_in_the_future(opsgenie, client, end):
    answer = client.post(f"/v2/alerts/{opsgenie.has_alert().id}/snooze", json={"endTime": end})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["endTime"]


def test_an_escalated_alert_gets_the_escalation_as_responder(opsgenie, write, ask):
    alert = opsgenie.has_alert()
    write("POST", f"/v2/alerts/{alert.id}/escalate", {"escalation": {"name": "ops_escalation"}})
    escalation = opsgenie.state.escalation("ops_escalation")
    assert ask(f"/v2/alerts/{alert.id}")["responders"] == [{"type": "escalation", "id": escalation["id"]}]
    status = write("POST", f"/v2/alerts/{alert.id}/escalate", {"escalation": {"name": "nope"}})
    assert (status["isSuccess"], status["status"]) == (False, "Escalation does not exist")


def test_an_assigned_alert_has_its_owner(opsgenie, write, ask):
    alert = opsgenie.has_alert()
    write("POST", f"/v2/alerts/{alert.id}/assign", {"owner": {"username": "ben@example.com"}})
    assert ask(f"/v2/alerts/{alert.id}")["owner"] == "ben@example.com"
    write("POST", f"/v2/alerts/{alert.id}/assign", {"owner": {"id": opsgenie.state.user("ana@example.com")["id"]}})
    assert ask(f"/v2/alerts/{alert.id}")["owner"] == "ana@example.com"
    status = write("POST", f"/v2/alerts/{alert.id}/assign", {"owner": {"username": "x@example.com"}})
    assert status["status"] == "User does not exist"


def test_tags_are_added_once_and_removed(opsgenie, write, ask):
    alert = opsgenie.has_alert(tags=["a", "b"])
    write("POST", f"/v2/alerts/{alert.id}/tags", {"tags": ["b", "c"]})
    assert ask(f"/v2/alerts/{alert.id}")["tags"] == ["a", "b", "c"]
    write("DELETE", f"/v2/alerts/{alert.id}/tags", tags="a,c", note="not these")
    assert ask(f"/v2/alerts/{alert.id}")["tags"] == ["b"]
    assert ask(f"/v2/alerts/{alert.id}/notes")[0]["note"] == "not these"


def test_details_are_added_and_removed(opsgenie, write, ask):
    alert = opsgenie.has_alert(details={"a": "1", "b": "2"})
    write("POST", f"/v2/alerts/{alert.id}/details", {"details": {"b": "3", "c": "4"}})
    assert ask(f"/v2/alerts/{alert.id}")["details"] == {"a": "1", "b": "3", "c": "4"}
    write("DELETE", f"/v2/alerts/{alert.id}/details", keys="a,b")
    assert ask(f"/v2/alerts/{alert.id}")["details"] == {"c": "4"}


def test_priority_message_and_description_are_replaced(opsgenie, write, ask):
    alert = opsgenie.has_alert(priority="P5")
    write("PUT", f"/v2/alerts/{alert.id}/priority", {"priority": "P1"})
    write("PUT", f"/v2/alerts/{alert.id}/message", {"message": "New"})
    write("PUT", f"/v2/alerts/{alert.id}/description", {"description": "Longer"})
    shown = ask(f"/v2/alerts/{alert.id}")
    assert (shown["priority"], shown["message"], shown["description"]) == ("P1", "New", "Longer")


def test_a_deleted_alert_is_gone(opsgenie, client, write):
    alert = opsgenie.has_alert(alias="a")
    assert write("DELETE", f"/v2/alerts/{alert.id}")["isSuccess"] is True
    assert client.get(f"/v2/alerts/{alert.id}").status_code == 404
    assert client.get("/v2/alerts/a", params={"identifierType": "alias"}).status_code == 404


@pytest.mark.parametrize(
    ("method", "tail", "body", "field"),
    [
        ("POST", "/notes", {}, "note"),
        ("POST", "/tags", {"tags": []}, "tags"),
        ("DELETE", "/tags", None, "tags"),
        ("POST", "/details", {}, "details"),
        ("DELETE", "/details", None, "keys"),
        ("POST", "/assign", {}, "owner"),
        ("POST", "/assign", {"owner": {"name": "ana"}}, "owner"),
        ("POST", "/escalate", {"escalation": "ops"}, "escalation"),
        ("PUT", "/priority", {"priority": "P9"}, "priority"),
        ("PUT", "/message", {"message": "m" * 131}, "message"),
        ("POST", "/close", {"note": "n" * 25_001}, "note"),
        ("POST", "/close?identifierType=name", None, "identifierType"),
    ],
)
def test_a_bad_request_is_refused_at_once(opsgenie, client, method, tail, body, field):
    answer = client.request(method, f"/v2/alerts/{opsgenie.has_alert().id}{tail}", json=body)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    ("responder", "kind"),
    [
        ({"type": "user", "username": "ben@example.com"}, "user"),
        ({"type": "team", "name": "payments"}, "team"),
        ({"type": "escalation", "name": "ops_escalation"}, "escalation"),
        ({"type": "schedule", "name": "ops_primary"}, "schedule"),
    ],
)
def test_a_responder_of_any_kind_is_added_once(opsgenie, write, responder, kind):
    alert = opsgenie.has_alert()
    for _ in range(2):
        assert write("POST", f"/v2/alerts/{alert.id}/responders", {"responder": responder})["isSuccess"] is True
    assert [item["type"] for item in opsgenie.alert(alert.id).responders] == [kind]


def test_a_responder_nobody_knows_is_found_out_later_and_a_wrong_kind_at_once(opsgenie, write, client):
    alert = opsgenie.has_alert()
    path = f"/v2/alerts/{alert.id}/responders"
    status = write("POST", path, {"responder": {"type": "team", "name": "nowhere"}})
    assert (status["isSuccess"], status["status"]) == (False, "Responder does not exist")
    for body in ({}, {"responder": {"type": "group", "id": "x"}}, {"responder": {"type": "team"}}):
        assert client.post(path, json=body).status_code == 422


def test_a_team_is_added(opsgenie, write, client):
    alert = opsgenie.has_alert()
    path = f"/v2/alerts/{alert.id}/teams"
    assert write("POST", path, {"team": {"name": "payments"}, "note": "Yours"})["isSuccess"] is True
    team = opsgenie.state.team("payments")["id"]
    assert opsgenie.alert(alert.id).teams == [team]
    assert opsgenie.alert(alert.id).responders == [{"type": "team", "id": team}]
    assert write("POST", path, {"team": {"id": "nowhere"}})["status"] == "Team does not exist"
    assert client.post(path, json={"team": {}}).status_code == 422


def test_a_custom_action_runs_when_the_alert_offers_it(opsgenie, write):
    alert = opsgenie.has_alert(actions=["Restart now"])
    status = write("POST", f"/v2/alerts/{alert.id}/actions/Restart%20now", {"note": "Please"})
    assert (status["isSuccess"], status["action"]) == (True, "ExecuteCustomAction")
    assert "Action [Restart now] was asked for" in [line.text for line in opsgenie.alert(alert.id).logs]
    refused = write("POST", f"/v2/alerts/{alert.id}/actions/Burn")
    assert (refused["isSuccess"], refused["status"]) == (False, "Action does not exist")
