"""From an alert to the people who would be told."""

import httpx
import pytest

RULES = "/v2/users/{}@example.com/notification-rules"
MAIL = {"contact": {"method": "email", "to": "x@example.com"}, "enabled": True}


@pytest.fixture
def told(opsgenie):
    def names(kind="create-alert"):
        return [notice.user.split("@")[0] for notice in opsgenie.notifications if notice.action_type == kind]

    return names


@pytest.fixture
def alert(opsgenie, client):
    def make(*responders, **more):
        given = [{"type": kind, "username" if kind == "user" else "name": name} for kind, name in responders]
        client.post("/v2/alerts", json={"message": "Disk", "alias": "disk", "responders": given, **more})
        opsgenie.advance(1)

    return make


def test_a_user_is_told_by_the_steps_of_their_first_rule_that_fits(opsgenie, do, alert):
    step = {**MAIL, "sendAfter": {"timeAmount": 5}}
    body = {"name": "Disks", "actionType": "create-alert", "enabled": True, "order": 0, "steps": [step]}
    condition = {"field": "message", "operation": "contains", "expectedValue": "Disk"}
    criteria = {"type": "match-all-conditions", "conditions": [condition]}
    do("POST", RULES.format("ana"), {**body, "criteria": criteria}, 201)
    alert(("user", "ana@example.com"))
    assert opsgenie.notifications == []
    opsgenie.advance(300)
    (notice,) = opsgenie.notifications
    assert (notice.rule, notice.to, notice.alert_id) == ("Disks", "x@example.com", opsgenie.alerts[0].id)
    assert notice.as_json()["at"] == "2026-03-27T10:05:00.05Z"


def test_a_step_is_not_taken_once_the_alert_is_acknowledged(opsgenie, do, client, alert, told):
    rule = do("GET", RULES.format("ana"))["data"][0]["id"]
    do("POST", f"{RULES.format('ana')}/{rule}/steps", {**MAIL, "sendAfter": {"timeAmount": 10}}, 201)
    alert(("user", "ana@example.com"))
    client.post("/v2/alerts/disk/acknowledge?identifierType=alias", json={})
    opsgenie.advance(3600)
    assert told() == ["ana"]


def test_a_schedule_stands_for_who_is_on_call(ask, alert, told):
    on_call = ask("/v2/schedules/ops_primary/on-calls", scheduleIdentifierType="name", flat="true")
    alert(("schedule", "ops_primary"))
    assert [f"{name}@example.com" for name in told()] == on_call["onCallRecipients"]


def test_an_escalation_goes_on_until_somebody_acknowledges(opsgenie, client, alert, told):
    alert(("escalation", "ops_escalation"))
    assert len(told()) == 1
    opsgenie.advance(600)
    assert told()[1:] == ["ana", "ben", "chloe", "dmitri"]
    client.delete("/v2/alerts/disk?identifierType=alias")
    alert(("escalation", "ops_escalation"))
    client.post("/v2/alerts/disk/acknowledge?identifierType=alias", json={})
    opsgenie.advance(3600)
    assert len(told()) == 6


def test_a_team_tells_whom_its_routing_rules_name(opsgenie, alert, told):
    alert(("team", "payments"), priority="P3")
    assert told() == []
    alert(("team", "payments"), priority="P1", alias="urgent")
    assert len(told()) == 1


def test_a_new_owner_and_a_new_responder_are_told(opsgenie, do, client, alert, told):
    rule = {"name": "Mine", "actionType": "assigned-alert", "enabled": True}
    do("POST", RULES.format("ben"), {**rule, "steps": [{**MAIL, "sendAfter": {"timeAmount": 0}}]}, 201)
    alert()
    client.post("/v2/alerts/disk/assign?identifierType=alias", json={"owner": {"username": "ben@example.com"}})
    responder = {"type": "user", "username": "hiro@example.com"}
    client.post("/v2/alerts/disk/responders?identifierType=alias", json={"responder": responder})
    opsgenie.advance(1)
    assert (told("assigned-alert"), told()) == (["ben"], ["hiro"])


def test_the_others_are_told_of_a_close(opsgenie, do, client, alert, told):
    for name in ("ana", "ben"):
        rule = {"name": "Closed", "actionType": "closed-alert", "enabled": True, "steps": [MAIL]}
        do("POST", RULES.format(name), rule, 201)
    alert(("user", "ana@example.com"), ("user", "ben@example.com"))
    client.post("/v2/alerts/disk/close?identifierType=alias", json={"user": "ana@example.com"})
    opsgenie.advance(1)
    assert told("closed-alert") == ["ben"]


@pytest.mark.parametrize(("start", "expected"), [(10, 0), (11, 1), (12, 0)])
def test_a_rule_holds_in_its_hours_where_its_user_lives(do, alert, told, start, expected):
    rule = do("GET", RULES.format("ana"))["data"][0]["id"]
    window = {"startHour": start, "startMin": 0, "endHour": start + 1, "endMin": 0}
    body = {"timeRestriction": {"type": "time-of-day", "restriction": window}}
    do("PATCH", f"{RULES.format('ana')}/{rule}", body)
    alert(("user", "ana@example.com"))
    assert len(told()) == expected


def test_a_disabled_contact_rule_or_step_tells_nobody(opsgenie, do, alert, told):
    contact = do("GET", "/v2/users/ana@example.com/contacts")["data"][0]["id"]
    do("POST", f"/v2/users/ana@example.com/contacts/{contact}/disable")
    rule = do("GET", RULES.format("ben"))["data"][0]["id"]
    do("POST", f"{RULES.format('ben')}/{rule}/disable")
    alert(("user", "ana@example.com"), ("user", "ben@example.com"), ("user", "hiro@example.com"))
    assert told() == ["hiro"]


def test_notifications_show_at_the_control_door(opsgenie, alert):
    alert(("user", "ana@example.com"))
    shown = httpx.get(f"{opsgenie.url}/_simulator/notifications", trust_env=False).json()["notifications"]
    assert [(notice["user"], notice["method"]) for notice in shown] == [("ana@example.com", "email")]
