"""Token buckets: what a second and a minute hold, domain by domain."""

import pytest

from connectors.opsgenie.simulator.example_company import identifier
from connectors.opsgenie.simulator.limits import DEFAULTS, Limits

DOORS = {
    "Alert": ("GET", "/v2/alerts/count"),
    "Search": ("GET", "/v2/alerts"),
    "Incident": ("GET", "/v1/incidents"),
    "Configuration": ("GET", "/v2/schedules"),
    "Integration Configuration": ("POST", f"/v2/integrations/{identifier('integration', 'API')}/enable"),
    "Heartbeat": ("GET", "/v2/heartbeats/any/ping"),
    "Schedule-oncalls": ("GET", "/v2/schedules/on-calls"),
}


def test_every_domain_is_tried_here():
    assert set(DOORS) == set(DEFAULTS)


@pytest.mark.parametrize(("domain", "door"), DOORS.items())
def test_a_domain_has_a_bucket_of_its_own(opsgenie, client, domain, door):
    opsgenie.limit(domain, per_second=2)
    statuses = [client.request(*door).status_code for _ in range(3)]
    assert [status < 300 for status in statuses] == [True, True, False]
    for other in DOORS.keys() - {domain}:
        assert client.request(*DOORS[other]).status_code < 300


def test_too_many_requests_are_told_so_in_the_vendor_s_words(opsgenie, client):
    opsgenie.limit("Alert", per_second=1)
    welcome = client.get("/v2/alerts/count")
    assert welcome.headers["X-RateLimit-Reason"] == "ACCOUNT"
    answer = client.get("/v2/alerts/count")
    assert answer.status_code == 429
    message = "You are making too many requests! To avoid errors, we recommend you limit requests."
    assert answer.json()["message"] == message
    assert answer.headers["X-RateLimit-State"] == "THROTTLED"
    assert answer.headers["X-RateLimit-Period-In-Sec"] == "1"
    assert "Retry-After" not in answer.headers


def test_a_second_fills_the_second_s_bucket(opsgenie, client):
    opsgenie.limit("Alert", per_second=2)
    assert [client.get("/v2/alerts/count").status_code for _ in range(3)] == [200, 200, 429]
    opsgenie.advance(0.5)
    assert [client.get("/v2/alerts/count").status_code for _ in range(2)] == [200, 429]
    opsgenie.advance(60)
    assert [client.get("/v2/alerts/count").status_code for _ in range(3)] == [200, 200, 429]


def test_the_minute_s_bucket_holds_when_the_second_s_would_not(opsgenie, client):
    opsgenie.limit("Alert", per_second=100, per_minute=3)
    assert [client.get("/v2/alerts/count").status_code for _ in range(4)] == [200, 200, 200, 429]
    opsgenie.advance(10)
    answer = client.get("/v2/alerts/count")
    assert (answer.status_code, answer.headers["X-RateLimit-Period-In-Sec"]) == (429, "60")
    opsgenie.advance(10)
    assert client.get("/v2/alerts/count").status_code == 200


def test_a_refused_request_takes_no_token(opsgenie, client):
    opsgenie.limit("Alert", per_second=1)
    assert client.get("/v2/alerts/count").status_code == 200
    for _ in range(5):
        assert client.get("/v2/alerts/count").status_code == 429
        opsgenie.advance(0.2)
    assert client.get("/v2/alerts/count").status_code == 200


def test_a_quiet_account_is_ok_and_a_hurried_one_bursts(opsgenie, client):
    opsgenie.limit("Alert", per_second=10)
    states = [client.get("/v2/alerts/count").headers["X-RateLimit-State"] for _ in range(11)]
    assert (states[0], states[8:]) == ("OK", ["BURST", "BURST", "THROTTLED"])


def test_a_throttled_write_is_not_applied(opsgenie, client):
    opsgenie.limit("Alert", per_second=1)
    client.get("/v2/alerts/count")
    assert client.post("/v2/alerts", json={"message": "x"}).status_code == 429
    opsgenie.advance(5)
    assert opsgenie.alerts == []


def test_a_domain_nobody_knows_has_no_limit():
    with pytest.raises(ValueError, match="no request domain 'Alerts'"):
        Limits().set("Alerts", per_second=1)
