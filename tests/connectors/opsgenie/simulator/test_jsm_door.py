"""The door of Jira Service Management: the same alerts under another address, and nothing but five calls."""

import base64

import pytest

from connectors.opsgenie.simulator.jsm_door import ADDRESS, OFFERED, behind
from connectors.opsgenie.simulator.server import DOOR, ROUTER

ALERTS = f"{ADDRESS}/v2/alerts"


def test_the_door_offers_exactly_the_calls_of_its_page():
    assert {(route.method, route.path) for route in DOOR.routes} == OFFERED
    assert {route.handler for route in DOOR.routes} <= {route.handler for route in ROUTER.routes}


def test_only_what_comes_under_its_address_comes_through_it():
    assert behind(f"{ALERTS}/a%2Fb/close") == "/v2/alerts/a%2Fb/close"
    assert behind("/v2/alerts") is behind(ADDRESS) is behind("/jsm/ops/integrations/v2/alerts") is None


def test_an_alert_goes_through_the_door_from_its_creation_to_its_close(opsgenie, client, write, ask):
    status = write("POST", ALERTS, {"message": "Disk full", "alias": "disk/1", "details": {"a": "b"}}, ALERTS[1:])
    assert (status["action"], status["isSuccess"], status["alias"]) == ("Create", True, "disk/1")
    again = client.post(ALERTS, json={"message": "Disk full", "alias": "disk/1"})
    assert (again.status_code, set(again.json())) == (202, {"result", "took", "requestId"})
    opsgenie.advance(1)
    (alert,) = ask("/v2/alerts")
    assert (alert["id"], alert["count"]) == (status["alertId"], 2)
    for tail, by, body in (
        ("acknowledge", {"identifierType": "tiny"}, {"user": "ana@example.com"}),
        ("notes", {}, {"note": "Seen"}),
        ("close", {"identifierType": "alias"}, {"source": "n9e"}),
    ):
        named = {"tiny": alert["tinyId"], "alias": "disk%2F1"}.get(by.get("identifierType", ""), alert["id"])
        assert write("POST", f"{ALERTS}/{named}/{tail}", body, ALERTS[1:], **by)["isSuccess"]
    shown = ask(f"/v2/alerts/{alert['id']}")
    assert (shown["status"], shown["acknowledged"]) == ("closed", True)
    assert [note["note"] for note in ask(f"/v2/alerts/{alert['id']}/notes")] == ["Seen"]
    assert opsgenie.ledger[0].path == ALERTS


def test_a_status_is_asked_for_at_both_addresses(opsgenie, client):
    request = client.post(ALERTS, json={"message": "x"}).json()["requestId"]
    pending = client.get(f"{ALERTS}/requests/{request}")
    assert (pending.status_code, pending.headers["X-Opsgenie-Errortype"]) == (404, "RequestNotProcessed")
    opsgenie.advance(1)
    there, here = client.get(f"{ALERTS}/requests/{request}"), client.get(f"/v2/alerts/requests/{request}")
    assert there.json()["data"] == here.json()["data"]


@pytest.mark.parametrize("route", ROUTER.routes, ids=lambda route: f"{route.method} {route.path}")
def test_what_the_door_does_not_offer_is_not_there(opsgenie, client, route):
    if (route.method, route.path) in OFFERED:
        return
    opsgenie.limit("Alert", per_second=1000)
    parts = route.path.replace("{", "").replace("}", "")
    answer = client.request(route.method, ADDRESS + parts)
    # A path of one of the five under another method is known; every other is not.
    assert answer.status_code in {404, 405}
    assert answer.json()["message"] in {"No handler found", "Method not allowed"}
    assert opsgenie.applied == []


def test_the_door_takes_the_key_in_both_forms_and_refuses_as_usual(opsgenie, client):
    integration, settings, reading = opsgenie.keys
    basic = base64.b64encode(f":{integration}".encode()).decode()
    for header, status in {
        f"GenieKey {integration}": 202,
        f"Basic {basic}": 202,
        f"GenieKey {settings}": 403,
        f"GenieKey {reading}": 403,
        f"GenieKey {integration[:-1]}": 422,
        "GenieKey 00000000-0000-4000-8000-000000000000": 401,
    }.items():
        answer = client.post(ALERTS, json={"message": "x"}, headers={"Authorization": header})
        assert answer.status_code == status, header


def test_faults_and_limits_hold_at_the_door_too(opsgenie, client):
    opsgenie.misbehave("error", path="/jsm/", status=503)
    assert client.post("/v2/alerts", json={"message": "x"}).status_code == 202
    assert client.post(ALERTS, json={"message": "x"}).status_code == 503
    opsgenie.limit("Alert", per_second=1)
    assert [client.post(path, json={"message": "x"}).status_code for path in ("/v2/alerts", ALERTS)] == [202, 429]
