"""Creating alerts: fields, limits, de-duplication."""

import pytest


def test_an_alert_has_everything_it_was_created_with(opsgenie, write, ask):
    body = {
        "message": "Disk full on db-01",
        "alias": "db-01/disk",
        "description": "Volume /var at 93 percent",
        "responders": [{"type": "team", "name": "platform"}, {"type": "user", "username": "ana@example.com"}],
        "visibleTo": [{"type": "team", "name": "security"}],
        "actions": ["Restart"],
        "tags": ["disk", "prod"],
        "details": {"mount": "/var"},
        "entity": "db-01",
        "source": "prometheus",
        "priority": "P1",
        "note": "Look at /var/log",
    }
    write("POST", "/v2/alerts", body)
    alert = ask("/v2/alerts/db-01%2Fdisk", identifierType="alias")
    platform = opsgenie.state.team("platform")["id"]
    assert {name: alert[name] for name in body if name in alert and name != "responders"} == {
        name: body[name] for name in body if name not in {"responders", "visibleTo", "note"}
    }
    assert alert["responders"] == [
        {"type": "team", "id": platform},
        {"type": "user", "id": opsgenie.state.user("ana@example.com")["id"]},
    ]
    assert alert["teams"] == [{"id": platform}]
    assert alert["ownerTeamId"] == platform
    assert (alert["status"], alert["acknowledged"], alert["count"], alert["owner"]) == ("open", False, 1, "")
    assert alert["createdAt"] == alert["lastOccurredAt"] == "2026-03-27T10:00:00.05Z"
    assert alert["integration"]["type"] == "API"
    assert "report" not in alert
    assert "snoozedUntil" not in alert
    notes = ask("/v2/alerts/db-01%2Fdisk/notes", identifierType="alias")
    assert [note["note"] for note in notes] == ["Look at /var/log"]


def test_what_is_left_out_has_the_service_s_defaults(write, ask):
    alert_id = write("POST", "/v2/alerts", {"message": "x"})["alertId"]
    alert = ask(f"/v2/alerts/{alert_id}")
    assert alert["alias"] == alert["id"] == alert_id
    assert alert["priority"] == "P3"
    assert alert["source"] == "127.0.0.1"
    assert alert_id.endswith("-1774605600050")


def test_an_open_alias_is_counted_up_and_not_created_again(opsgenie, write, ask):
    first = write("POST", "/v2/alerts", {"message": "First", "alias": "a", "priority": "P1"})
    second = write("POST", "/v2/alerts", {"message": "Second", "alias": "a", "priority": "P5"})
    assert second["isSuccess"] is True
    assert second["alertId"] == first["alertId"]
    alert = ask("/v2/alerts/a", identifierType="alias")
    assert (alert["count"], alert["message"], alert["priority"]) == (2, "First", "P1")
    assert alert["lastOccurredAt"] == "2026-03-27T10:00:01.05Z"
    assert alert["createdAt"] == "2026-03-27T10:00:00.05Z"
    assert len(opsgenie.alerts) == 1
    assert [effect.deduplicated for effect in opsgenie.applied] == [False, True]


def test_a_closed_alias_makes_a_new_alert(opsgenie, write):
    first = write("POST", "/v2/alerts", {"message": "First", "alias": "a"})
    write("POST", "/v2/alerts/a/close", identifierType="alias")
    second = write("POST", "/v2/alerts", {"message": "Second", "alias": "a"})
    assert second["alertId"] != first["alertId"]
    assert opsgenie.alert("a", "alias").id == second["alertId"]
    assert opsgenie.alert(second["alertId"]).count == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message", ""),
        ("message", None),
        ("message", 7),
        ("message", "m" * 131),
        ("alias", "a" * 513),
        ("description", "d" * 15_001),
        ("tags", ["t"] * 21),
        ("tags", ["t" * 51]),
        ("tags", "disk"),
        ("details", {"k": "v" * 8000}),
        ("details", {"k": 1}),
        ("entity", "e" * 513),
        ("source", "s" * 101),
        ("user", "u" * 101),
        ("note", "n" * 25_001),
        ("responders", [{"type": "team", "name": "platform"}] * 51),
        ("visibleTo", [{"type": "team", "name": "platform"}] * 51),
        ("actions", ["a"] * 11),
        ("priority", "P6"),
        ("priority", "p1"),
    ],
)
def test_a_field_outside_its_limits_is_refused_by_name(opsgenie, client, field, value):
    answer = client.post("/v2/alerts", json={"message": "x", field: value})
    assert answer.status_code == 422
    assert answer.json()["message"] == "Request body is not processable. Please check the errors."
    assert list(answer.json()["errors"]) == [field]
    opsgenie.advance(1)
    assert opsgenie.alerts == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message", "m" * 130),
        ("alias", "a" * 512),
        ("description", "d" * 15_000),
        ("tags", ["t" * 50] * 20),
        ("details", {"k": "v" * 7999}),
        ("note", "n" * 25_000),
        ("priority", "P5"),
    ],
)
def test_a_field_just_within_its_limits_is_taken(client, field, value):
    assert client.post("/v2/alerts", json={"message": "x", field: value}).status_code == 202


def test_every_bad_field_is_named_at_once(client):
    answer = client.post("/v2/alerts", json={"alias": "a" * 600, "priority": "high"})
    assert set(answer.json()["errors"]) == {"message", "alias", "priority"}


def test_a_responder_of_an_unknown_type_is_named_with_a_hash(client):
    answer = client.post("/v2/alerts", json={"message": "x", "responders": [{"type": "bb", "id": "1"}]})
    assert answer.json()["errors"] == {"responders#type": "Invalid recipient type 'bb'"}


def test_overlong_fields_are_cut_when_that_is_the_setting(opsgenie, write, ask):
    opsgenie.truncate_overlong()
    alert_id = write("POST", "/v2/alerts", {"message": "m" * 200, "tags": ["t" * 60]})["alertId"]
    alert = ask(f"/v2/alerts/{alert_id}")
    assert (len(alert["message"]), alert["tags"]) == (130, ["t" * 50])


def test_lists_can_be_made_to_show_a_new_alert_late(opsgenie, write, ask):
    opsgenie.show_alerts_after(30)
    status = write("POST", "/v2/alerts", {"message": "Slow to show"})
    assert status["isSuccess"] is True
    assert ask(f"/v2/alerts/{status['alertId']}")["message"] == "Slow to show"
    assert ask("/v2/alerts") == []
    assert ask("/v2/alerts/count") == {"count": 0}
    opsgenie.advance(30)
    assert [alert["id"] for alert in ask("/v2/alerts")] == [status["alertId"]]
