"""Heartbeats over HTTP."""

import pytest

PATH = "/v2/heartbeats"
BODY = {"name": "cron", "interval": 10, "intervalUnit": "minutes", "enabled": True}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH"])
def test_a_heartbeat_can_be_pinged_in_four_ways(ask, client, method):
    answer = client.request(method, f"{PATH}/nightly-backup/ping")
    assert answer.status_code == 202
    assert answer.json()["result"] == "PONG - Heartbeat received"
    assert ask(f"{PATH}/nightly-backup")["lastPingTime"] == "2026-03-27T10:00:00Z"


def test_a_ping_does_not_ask_whether_there_is_such_a_heartbeat(client):
    assert client.get(f"{PATH}/nowhere/ping").status_code == 202
    assert client.get(f"{PATH}/nowhere").status_code == 404


def test_any_key_may_ping_and_not_any_may_read(opsgenie, client_of):
    client = client_of(opsgenie, opsgenie.keys[2])
    assert client.get(f"{PATH}/nightly-backup/ping").status_code == 202
    assert client.get(PATH).status_code == 403


def test_heartbeats_come_as_an_object_with_a_list(ask):
    assert [heartbeat["name"] for heartbeat in ask(PATH)["heartbeats"]] == ["nightly-backup"]


def test_a_heartbeat_is_made_changed_switched_and_removed(do, ask):
    made = do("POST", PATH, {**BODY, "ownerTeam": {"name": "payments"}}, 201)["data"]
    assert (made["interval"], made["expired"], made["alertPriority"]) == (10, False, "P3")
    assert (made["ownerTeam"]["name"], "lastPingTime" in made) == ("payments", False)
    answer = do("PATCH", f"{PATH}/cron", {"interval": 2, "intervalUnit": "hours", "alertTags": ["a"]})
    assert answer["data"] == {"name": "cron", "enabled": True, "expired": False}
    assert (ask(f"{PATH}/cron")["interval"], ask(f"{PATH}/cron")["alertTags"]) == (2, ["a"])
    assert do("POST", f"{PATH}/cron/disable")["data"]["enabled"] is False
    assert do("POST", f"{PATH}/cron/enable")["data"]["enabled"] is True
    assert do("DELETE", f"{PATH}/cron")["result"] == "Deleted"
    do("DELETE", f"{PATH}/cron", status=404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"interval": 0}, "interval"),
        ({"interval": None}, "interval"),
        ({"intervalUnit": "weeks"}, "intervalUnit"),
        ({"enabled": "yes"}, "enabled"),
        ({"alertMessage": "x" * 131}, "alertMessage"),
        ({"alertTags": ["x"] * 21}, "alertTags"),
        ({"alertTags": ["x" * 51]}, "alertTags"),
        ({"alertPriority": "P6"}, "alertPriority"),
        ({"ownerTeam": {"name": "nobody"}}, "ownerTeam"),
    ],
)
def test_a_bad_heartbeat_is_refused_by_field(do, change, field):
    assert list(do("POST", PATH, {**BODY, **change}, 422)["errors"]) == [field]


def test_a_heartbeat_must_say_whether_it_is_enabled(do):
    body = {name: value for name, value in BODY.items() if name != "enabled"}
    assert list(do("POST", PATH, body, 422)["errors"]) == ["enabled"]


def test_a_name_is_taken_once(do):
    do("POST", PATH, {**BODY, "name": "nightly-backup"}, 409)


def test_silence_begins_to_count_with_the_first_ping(opsgenie, do, ask):
    do("POST", PATH, BODY, 201)
    opsgenie.advance(86_400 * 30)
    assert ask(f"{PATH}/cron")["expired"] is False
    assert ask("/v2/alerts") == []


def test_a_heartbeat_that_is_missed_once_raises_an_alert_of_that_moment(opsgenie, do, ask):
    do("POST", PATH, {**BODY, "alertTags": ["cron"], "ownerTeam": {"name": "platform"}}, 201)
    do("POST", f"{PATH}/cron/ping", status=202)
    opsgenie.advance(599)
    assert ask("/v2/alerts") == []
    opsgenie.advance(3600)
    (alert,) = ask("/v2/alerts")
    assert (alert["message"], alert["priority"], alert["tags"]) == ("cron is expired", "P3", ["cron"])
    assert (alert["createdAt"], alert["integration"]["type"]) == ("2026-03-27T10:10:00Z", "Heartbeat")
    assert [responder["type"] for responder in alert["responders"]] == ["team"]
    assert ask(f"{PATH}/cron")["expired"] is True
    opsgenie.advance(3600)
    assert len(ask("/v2/alerts")) == 1


def test_a_heartbeat_that_is_back_closes_its_alert(opsgenie, do, ask):
    do("POST", PATH, {**BODY, "alertMessage": "Nobody runs the jobs", "alertPriority": "P1"}, 201)
    do("GET", f"{PATH}/cron/ping", status=202)
    opsgenie.advance(700)
    assert [(alert["message"], alert["priority"]) for alert in ask("/v2/alerts")] == [("Nobody runs the jobs", "P1")]
    do("GET", f"{PATH}/cron/ping", status=202)
    (alert,) = ask("/v2/alerts")
    assert (alert["status"], alert["report"]["closedBy"]) == ("closed", "System")
    assert ask(f"{PATH}/cron")["expired"] is False
    opsgenie.advance(700)
    assert [alert["status"] for alert in ask("/v2/alerts", sort="createdAt", order="asc")] == ["closed", "open"]


def test_a_disabled_heartbeat_never_expires(opsgenie, do, ask):
    do("POST", PATH, BODY, 201)
    do("GET", f"{PATH}/cron/ping", status=202)
    do("POST", f"{PATH}/cron/disable")
    opsgenie.advance(3600)
    do("POST", f"{PATH}/cron/enable")
    opsgenie.advance(3600)
    assert ask("/v2/alerts") == []
