"""Services, integrations, heartbeats and the account over HTTP."""

import pytest


def test_services_are_paged_and_found_by_id(ask, client):
    assert [service["name"] for service in ask("/v1/services")] == ["checkout", "login", "search", "status-page"]
    login = ask("/v1/services")[1]
    assert ask(f"/v1/services/{login['id']}") == login
    assert "offset=2" in client.get("/v1/services?limit=2").json()["paging"]["next"]
    assert [service["name"] for service in ask("/v1/services", query="log")] == ["login"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1/services/x", "No service exists with id [x]"),
    ],
)
def test_what_is_not_there_is_a_404(client, path, message):
    answer = client.get(path)
    assert (answer.status_code, answer.json()["message"]) == (404, message)


def test_the_account_counts_its_users(ask):
    assert ask("/v2/account") == {
        "name": "Example Company",
        "userCount": 8,
        "plan": {"maxUserCount": 100, "name": "Enterprise", "isYearly": True},
    }


def test_integrations_can_be_chosen_by_type_and_team(ask):
    assert [item["name"] for item in ask("/v2/integrations")] == ["API", "Prometheus"]
    assert [item["name"] for item in ask("/v2/integrations", type="API")] == ["API"]
    assert ask("/v2/integrations", teamName="payments") == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH"])
def test_a_heartbeat_can_be_pinged_in_four_ways(ask, client, method):
    answer = client.request(method, "/v2/heartbeats/nightly-backup/ping")
    assert answer.status_code == 202
    assert answer.json()["result"] == "PONG - Heartbeat received"
    assert ask("/v2/heartbeats/nightly-backup")["lastPingTime"] == "2026-03-27T10:00:00Z"


def test_a_ping_does_not_ask_whether_there_is_such_a_heartbeat(client):
    assert client.get("/v2/heartbeats/nowhere/ping").status_code == 202
    assert client.get("/v2/heartbeats/nowhere").status_code == 404


def test_heartbeats_come_as_an_object_with_a_list(ask):
    assert [heartbeat["name"] for heartbeat in ask("/v2/heartbeats")["heartbeats"]] == ["nightly-backup"]
