"""The example company, and seeds that replace or extend it."""

from datetime import timedelta

import pytest

from connectors.opsgenie.simulator.founding import PARTS, founder
from connectors.opsgenie.simulator.heartbeats import DEFAULTS
from connectors.opsgenie.simulator.running import Simulator

KEY = "abcdefab-1111-4111-8111-abcdefabcdef"


@pytest.fixture
def example(opsgenie):
    with Simulator(now=opsgenie.now, frozen=True) as simulator:
        yield simulator


def test_the_example_has_three_teams_eight_people_and_sixty_alerts(example):
    company = example.state
    assert [team["name"] for team in company.teams] == ["platform", "payments", "security"]
    assert len(company.users) == 8
    assert all(user["username"].endswith("@example.com") for user in company.users)
    assert len(company.alerts) == 60
    assert {incident.status for incident in company.incidents} == {"open", "resolved", "closed"}
    assert [key.rights for key in company.keys] == ["RUDC", "RUDC", "R"]


def test_its_alerts_lie_in_the_last_three_days_and_make_sense(example):
    for alert in example.alerts:
        assert timedelta(0) < example.now - alert.created_at < timedelta(days=3, minutes=1)
        moments = [alert.created_at, alert.acknowledged_at, alert.closed_at, alert.updated_at, example.now]
        known = [moment for moment in moments if moment]
        assert known == sorted(known)
        assert (alert.status == "closed") == (alert.closed_at is not None)
    tiny_ids = [int(alert.tiny_id) for alert in sorted(example.alerts, key=lambda alert: alert.created_at)]
    assert tiny_ids == sorted(tiny_ids)


def test_something_urgent_waits_for_a_playbook(example):
    urgent = [
        alert
        for alert in example.alerts
        if alert.status == "open" and not alert.acknowledged and alert.priority in {"P1", "P2"}
        and example.now - alert.created_at > timedelta(minutes=10)
    ]  # fmt: skip
    assert len(urgent) >= 5
    logins = [alert for alert in example.alerts if "suspicious-login" in alert.tags and alert.status == "open"]
    assert len(logins) >= 4
    assert all(alert.entity for alert in logins)


def test_a_part_of_a_seed_replaces_the_example_s():
    with Simulator(seed={"alerts": [{"message": "Mine"}], "name": "Mine Inc"}) as simulator:
        assert [alert.message for alert in simulator.alerts] == ["Mine"]
        assert simulator.state.name == "Mine Inc"
        assert len(simulator.state.users) == 8


def test_a_part_that_extend_names_is_added():
    seed = {"alerts": [{"message": "Mine"}], "extend": ["alerts", "keys"]}
    with Simulator(seed={**seed, "keys": [{"value": KEY, "name": "mine", "rights": "R"}]}) as simulator:
        assert len(simulator.alerts) == 61
        assert len(simulator.keys) == 4


def test_a_schedule_of_a_seed_is_read_as_the_wire_writes_it(client_of):
    with Simulator() as simulator:
        shown = client_of(simulator).get("/v2/schedules?expand=rotation").json()["data"]
    with Simulator(seed={"schedules": shown}) as again:
        assert client_of(again).get("/v2/schedules?expand=rotation").json()["data"] == shown


def test_a_seed_with_an_unknown_part_is_refused():
    assert "alerts" in PARTS
    with pytest.raises(ValueError, match="a seed has no alarms"):
        founder({"alarms": []})


def test_a_reset_undoes_what_was_done_to_the_seed_s_own_things(client_of):
    heartbeat = {"name": "mine", "enabled": True, "expired": True}
    with Simulator(seed={"heartbeats": [heartbeat]}) as simulator:
        client = client_of(simulator)
        client.get("/v2/heartbeats/mine/ping")
        assert client.get("/v2/heartbeats/mine").json()["data"]["expired"] is False
        simulator.reset()
        assert client.get("/v2/heartbeats/mine").json()["data"] == {**DEFAULTS, **heartbeat}


@pytest.mark.parametrize(
    ("key", "seed", "reason"),
    [
        ("x", {}, "form of a UUID"),
        (None, {"keys": [{"value": "x", "name": "mine"}]}, "form of a UUID"),
        (None, {"keys": [{"value": KEY, "name": "mine", "rights": "RX"}]}, "may be RUDC, not RX"),
    ],
)
def test_a_key_that_could_never_work_is_refused(key, seed, reason):
    with pytest.raises(ValueError, match=reason):
        Simulator(seed=seed, key=key)


def test_a_company_without_keys_is_refused():
    with pytest.raises(ValueError, match="without a key"):
        Simulator(seed={"keys": []})


def test_searches_templates_and_forwardings_can_be_seeded():
    search = {"id": "s", "name": "mine", "query": "tag: x", "owner": {"id": "o"}, "teams": [], "description": ""}
    rule = {
        "fromUser": {"username": "ana@example.com"},
        "toUser": {"username": "ben@example.com"},
        "startDate": "2026-01-01T00:00:00Z",
        "endDate": "2026-02-01T00:00:00Z",
    }
    seed = {"searches": [search], "templates": [], "forwardings": [rule], "extend": ["forwardings"]}
    with Simulator(seed=seed) as simulator:
        assert [item["name"] for item in simulator.state.searches] == ["mine"]
        assert simulator.state.templates == []
        assert len(simulator.state.forwardings) == 2
