"""Who may come in, and who may do what."""

import base64
import re

import httpx
import pytest

from connectors.opsgenie.simulator.keys import Key
from connectors.opsgenie.simulator.server import ROUTER

UNKNOWN = "99999999-9999-4999-8999-999999999999"


def _get(opsgenie, header, path="/v2/alerts"):
    headers = {"Authorization": header} if header is not None else {}
    return httpx.get(opsgenie.url + path, headers=headers, trust_env=False)


def _basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_a_key_opens_in_both_forms(opsgenie):
    assert _get(opsgenie, f"GenieKey {opsgenie.key}").status_code == 200
    assert _get(opsgenie, _basic(f":{opsgenie.key}")).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer {key}",
        "{key}",
        f"GenieKey {UNKNOWN}",
        _basic(f":{UNKNOWN}"),
        _basic("no colon"),
        "Basic ???",
    ],
)
def test_a_stranger_is_not_authenticated(opsgenie, header):
    answer = _get(opsgenie, header.format(key=opsgenie.key) if header else header)
    assert answer.status_code == 401
    assert answer.json()["message"] == "Could not authenticate"
    assert set(answer.json()) == {"message", "took", "requestId"}


def test_a_basic_header_with_a_user_name_is_not_authenticated(opsgenie):
    assert _get(opsgenie, _basic(f"ana:{opsgenie.key}")).status_code == 401


@pytest.mark.parametrize("header", ["GenieKey secret", "GenieKey", _basic(":secret"), f"GenieKey {UNKNOWN}0"])
def test_a_key_of_the_wrong_shape_is_told_so(opsgenie, header):
    answer = _get(opsgenie, header)
    assert answer.status_code == 422
    assert answer.json()["message"] == "Key format is not valid!"


def test_the_key_is_judged_before_the_body(opsgenie):
    url = f"{opsgenie.url}/v2/alerts"
    answer = httpx.post(url, content=b"not json", headers={"Authorization": f"GenieKey {UNKNOWN}"}, trust_env=False)
    assert answer.status_code == 401


def test_a_disabled_integration_s_key_is_not_authenticated(opsgenie, client):
    assert client.get("/v2/alerts").status_code == 200
    opsgenie.change_key(opsgenie.key, enabled=False)
    assert client.get("/v2/alerts").status_code == 401


def test_a_settings_key_may_not_write_alerts(opsgenie, client_of):
    client = client_of(opsgenie, opsgenie.keys[1])
    alert = opsgenie.has_alert()
    for answer in (
        client.post("/v2/alerts", json={"message": "x"}),
        client.post(f"/v2/alerts/{alert.id}/close"),
        client.delete(f"/v2/alerts/{alert.id}"),
    ):
        assert answer.status_code == 403
        assert answer.json()["code"] == 40301
        assert answer.json()["message"] == "To perform this action, use an API key from an API integration."
    assert client.get(f"/v2/alerts/{alert.id}").status_code == 200
    assert client.get("/v2/schedules").status_code == 200
    service = opsgenie.state.services[0]["id"]
    created = client.post("/v1/incidents/create", json={"message": "x", "serviceId": service})
    assert created.status_code == 202


@pytest.mark.parametrize(
    ("path", "noun"),
    [
        ("/v2/schedules", "schedule"),
        ("/v2/schedules/nowhere/on-calls", "schedule"),
        ("/v2/users", "user"),
        ("/v2/teams", "team"),
        ("/v2/escalations", "escalation"),
    ],
)
def test_configuration_needs_a_right_of_its_own(opsgenie, client_of, path, noun):
    answer = client_of(opsgenie, opsgenie.keys[2]).get(path)
    assert answer.status_code == 403
    assert answer.json()["code"] == 40301
    assert answer.json()["message"] == f"Api key is not authorized to access the {noun}"


def test_each_right_opens_its_own_door(opsgenie, client):
    alert = opsgenie.has_alert()
    doors = {
        "R": ("GET", f"/v2/alerts/{alert.id}"),
        "U": ("POST", f"/v2/alerts/{alert.id}/close"),
        "D": ("DELETE", f"/v2/alerts/{alert.id}"),
    }
    for letter, (method, path) in doors.items():
        for rights in ("R", "U", "D"):
            opsgenie.change_key(opsgenie.key, rights=rights)
            assert (client.request(method, path).status_code != 403) == (letter == rights)
    opsgenie.change_key(opsgenie.key, rights="C")
    assert client.get("/v2/schedules").status_code == 403
    opsgenie.change_key(opsgenie.key, rights="RC")
    assert client.get("/v2/schedules").status_code == 200


@pytest.mark.parametrize(
    "route", [route for route in ROUTER.routes if not route.keyless], ids=lambda route: f"{route.method} {route.path}"
)
def test_no_route_opens_with_a_right_missing_or_with_the_wrong_kind_of_key(opsgenie, client, client_of, route):
    path = re.sub(r"{[^}]*}", "x", route.path)
    needed = route.right + ("C" if route.configuration else "")
    for missing in needed:
        opsgenie.change_key(opsgenie.key, rights="RUDC".replace(missing, ""))
        answer = client.request(route.method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, 40301)
        assert answer.json()["message"] == f"Api key is not authorized to access the {route.noun}"
    opsgenie.change_key(opsgenie.key, rights=needed)
    assert client.request(route.method, path).status_code != 403
    settings = client_of(opsgenie, opsgenie.keys[1]).request(route.method, path)
    assert (settings.status_code == 403) == route.alert_write


def test_a_ping_needs_no_right_but_a_valid_key(opsgenie, client):
    opsgenie.change_key(opsgenie.key, rights="")
    assert client.get("/v2/heartbeats/any/ping").status_code == 202
    assert _get(opsgenie, f"GenieKey {UNKNOWN}", "/v2/heartbeats/any/ping").status_code == 401


def test_a_key_does_not_print_itself():
    assert UNKNOWN not in repr(Key(UNKNOWN, "mine"))
