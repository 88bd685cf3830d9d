"""Escalations over HTTP."""

import pytest

PATH = "/v2/escalations"
RULE = {
    "condition": "if-not-acked",
    "notifyType": "default",
    "delay": {"timeAmount": 5},
    "recipient": {"type": "user", "username": "ana@example.com"},
}


def test_an_escalation_has_rules(ask):
    escalation = ask(f"{PATH}/ops_escalation", identifierType="name")
    assert [rule["delay"]["timeAmount"] for rule in escalation["rules"]] == [0, 10]
    assert escalation["rules"][0]["recipient"]["name"] == "ops_primary"
    assert escalation in ask(PATH)


def test_an_escalation_is_made_changed_and_removed(opsgenie, do, ask):
    body = {
        "name": "night",
        "rules": [RULE],
        "ownerTeam": {"name": "payments"},
        "repeat": {"count": 2, "waitInterval": 5},
    }
    made = do("POST", PATH, body, 201)["data"]
    shown = ask(f"{PATH}/{made['id']}")
    assert shown["rules"][0]["delay"] == {"timeAmount": 5, "timeUnit": "minutes"}
    assert shown["rules"][0]["recipient"] == {
        "type": "user",
        "id": opsgenie.state.user("ana@example.com")["id"],
        "username": "ana@example.com",
    }
    assert shown["repeat"] == {
        "waitInterval": 5,
        "count": 2,
        "resetRecipientStates": False,
        "closeAlertAfterAll": False,
    }
    do("PATCH", f"{PATH}/night", {"description": "For nights"}, identifierType="name")
    assert ask(f"{PATH}/{made['id']}") == {**shown, "description": "For nights"}
    do("DELETE", f"{PATH}/{made['id']}")
    do("GET", f"{PATH}/{made['id']}", status=404)


def test_it_is_followed_when_on_call(do, ask):
    do("POST", PATH, {"name": "night", "rules": [RULE]}, 201)
    rotation = {
        "type": "daily",
        "startDate": "2026-03-01T00:00:00Z",
        "participants": [{"type": "escalation", "name": "night"}],
    }
    do("POST", "/v2/schedules", {"name": "nights", "rotations": [rotation]}, 201)
    on_call = ask("/v2/schedules/nights/on-calls", scheduleIdentifierType="name")["onCallParticipants"]
    assert on_call[0]["onCallParticipants"][0]["escalationTime"] == 5
    refused = do("DELETE", f"{PATH}/night", status=428, identifierType="name")
    assert refused["message"] == "The escalation is used by schedule nights"
    do("PATCH", f"{PATH}/night", {"name": "dark"}, identifierType="name")
    assert ask("/v2/schedules/nights", identifierType="name")["rotations"][0]["participants"][0]["name"] == "dark"


def test_a_name_is_taken_once(do):
    do("POST", PATH, {"name": "ops_escalation", "rules": [RULE]}, 409)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"rules": []}, "rules"),
        ({"rules": [{**RULE, "condition": "if-bored"}]}, "rules#condition"),
        ({"rules": [{**RULE, "notifyType": "some"}]}, "rules#notifyType"),
        ({"rules": [{**RULE, "delay": None}]}, "rules#delay"),
        ({"rules": [{**RULE, "delay": {"timeAmount": -1}}]}, "rules#delay#timeAmount"),
        ({"rules": [{**RULE, "delay": {"timeAmount": 1, "timeUnit": "years"}}]}, "rules#delay#timeUnit"),
        ({"rules": [{**RULE, "recipient": {"type": "escalation", "name": "x"}}]}, "rules#recipient#type"),
        ({"rules": [{**RULE, "recipient": {"type": "team", "name": "nowhere"}}]}, "rules#recipient#id"),
        ({"ownerTeam": {"name": "nowhere"}}, "ownerTeam"),
        ({"repeat": {"count": "twice"}}, "repeat#count"),
    ],
)
def test_a_bad_escalation_is_refused_by_field(do, change, field):
    assert list(do("POST", PATH, {"name": "x", "rules": [RULE], **change}, 422)["errors"]) == [field]


def test_what_is_not_there_is_a_404(do):
    assert do("GET", f"{PATH}/x", status=404)["message"] == "No escalation exists with id [x]"
