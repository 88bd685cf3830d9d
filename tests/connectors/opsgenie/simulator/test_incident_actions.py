"""What is done to an incident, over HTTP."""

import pytest


@pytest.fixture
def act(write):
    def do(method, tail, body=None, **query):
        return write(method, f"/v1/incidents/{tail}", body, area="v1/incidents", **query)

    return do


@pytest.fixture
def incident(opsgenie):
    return opsgenie.has_incident(message="Login down", tags=["auth"], details={"region": "eu"}, services=["login"])


def test_a_resolved_or_closed_incident_is_reopened(act, ask, incident):
    assert act("POST", f"{incident.id}/reopen")["status"] == "Incident is already open"
    for end in ("resolve", "close"):
        act("POST", f"{incident.id}/{end}")
        assert act("POST", f"{incident.id}/reopen", {"note": "Not over"})["isSuccess"] is True
        shown = ask(f"/v1/incidents/{incident.id}")
        assert shown["status"] == "open"
        assert "impactEndDate" not in shown
    assert ask(f"/v1/incidents/{incident.id}/notes")[0]["note"] == "Not over"


def test_a_deleted_incident_is_gone_and_its_number_is_not_given_again(opsgenie, act, client, incident):
    status = act("DELETE", incident.tiny_id, identifierType="tiny")
    assert (status["action"], status["isSuccess"]) == ("Delete", True)
    assert client.get(f"/v1/incidents/{incident.id}").status_code == 404
    assert act("DELETE", incident.id)["status"] == "Incident does not exist"
    assert opsgenie.has_incident().tiny_id != incident.tiny_id


def test_tags_and_details_come_and_go(act, ask, incident, client):
    path = f"/v1/incidents/{incident.id}"
    act("POST", f"{incident.id}/tags", {"tags": ["auth", "sso"], "note": "It is the SSO"})
    assert ask(path)["tags"] == ["auth", "sso"]
    act("DELETE", f"{incident.id}/tags", tags="auth,other")
    assert ask(path)["tags"] == ["sso"]
    act("POST", f"{incident.id}/details", {"details": {"host": "idp-1"}})
    assert ask(path)["extraProperties"] == {"region": "eu", "host": "idp-1"}
    act("DELETE", f"{incident.id}/details", keys="region")
    assert ask(path)["extraProperties"] == {"host": "idp-1"}
    for method, tail in (("POST", "tags"), ("DELETE", "tags"), ("POST", "details"), ("DELETE", "details")):
        assert client.request(method, f"{path}/{tail}").status_code == 422


def test_message_description_and_priority_change(act, ask, incident, client):
    path = f"/v1/incidents/{incident.id}"
    assert act("POST", f"{incident.id}/message", {"message": "Nobody can log in"})["action"] == "UpdateMessage"
    act("POST", f"{incident.id}/description", {"description": "Since noon"})
    act("PUT", f"{incident.id}/priority", {"priority": "P1"})
    shown = ask(path)
    assert (shown["message"], shown["description"], shown["priority"]) == ("Nobody can log in", "Since noon", "P1")
    assert client.put(f"{path}/message", json={"message": "x"}).status_code == 405
    assert client.put(f"{path}/priority", json={"priority": "P9"}).status_code == 422
    assert client.post(f"{path}/message", json={"message": "m" * 131}).status_code == 422


@pytest.mark.parametrize("name", ["responder", "responders"])
def test_each_responder_gets_an_alert_that_outlives_the_incident(opsgenie, act, ask, incident, name):
    body = {name: [{"type": "team", "name": "security"}, {"type": "user", "username": "ana@example.com"}]}
    assert act("POST", f"{incident.id}/responders", body)["isSuccess"] is True
    act("POST", f"{incident.id}/responders", body)
    path = f"/v1/incidents/{incident.id}"
    assert [item["type"] for item in ask(path)["responders"]] == ["team", "user"]
    alerts = ask(f"{path}/responder-alert-ids", order="asc")
    assert [opsgenie.alert(alert).message for alert in alerts] == ["Login down", "Login down"]
    assert opsgenie.alert(alerts[0]).teams == [opsgenie.state.team("security")["id"]]
    assert ask(f"{path}/responder-alert-ids", order="asc", limit=1) == alerts[:1]
    act("POST", f"{incident.id}/close")
    assert {alert.status for alert in opsgenie.alerts} == {"open"}


def test_a_responder_must_be_named_and_known(act, client, incident):
    assert client.post(f"/v1/incidents/{incident.id}/responders", json={}).status_code == 422
    nobody = {"responder": [{"type": "user", "id": "nobody"}]}
    assert act("POST", f"{incident.id}/responders", nobody)["status"] == "Responder does not exist"


def test_those_called_at_the_start_get_alerts_too(opsgenie, act, ask):
    service = opsgenie.state.services[0]["id"]
    body = {"message": "x", "impactedServices": [service], "responders": [{"type": "team", "name": "platform"}]}
    incident = act("POST", "create", body)["incidentId"]
    (alert,) = ask(f"/v1/incidents/{incident}/responder-alert-ids")
    assert opsgenie.alert(alert).details["incident-id"] == incident


@pytest.mark.parametrize("plan", ["Free", "Essentials", "Standard", "Enterprise"])
def test_incidents_belong_to_the_two_larger_plans(opsgenie, client, plan):
    opsgenie.has_plan(plan)
    status = 200 if plan in {"Standard", "Enterprise"} else 402
    assert client.get("/v1/incidents").status_code == status
    assert client.get("/v1/incident-templates").status_code == status
    assert client.get("/v2/alerts").status_code == 200
    assert client.get("/v2/account").json()["data"]["plan"]["name"] == plan


def test_removing_needs_the_right_to_delete(opsgenie, client, incident):
    opsgenie.change_key(opsgenie.key, rights="RU")
    assert client.delete(f"/v1/incidents/{incident.id}").status_code == 403
    assert client.post(f"/v1/incidents/{incident.id}/tags", json={"tags": ["x"]}).status_code == 202
