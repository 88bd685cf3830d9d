"""The control door, as a shell script uses it."""

import httpx
import pytest


@pytest.fixture
def door(opsgenie):
    def call(name, body=None, status=200):
        url = f"{opsgenie.url}/_simulator/{name}"
        answer = httpx.get(url, trust_env=False) if body is None else httpx.post(url, json=body, trust_env=False)
        assert answer.status_code == status, answer.text
        return answer.json()

    return call


def test_the_door_shows_ledger_applied_and_state(opsgenie, client, door):
    client.post("/v2/alerts", json={"message": "x", "alias": "a"})
    door("clock", {"advance": 1})
    (entry,) = door("ledger")["ledger"]
    (effect,) = door("applied")["applied"]
    assert (entry["method"], entry["status"], entry["time"]) == ("POST", 202, "2026-03-27T10:00:00Z")
    assert entry["changed"] == [effect["subject_id"]]
    assert effect["request_id"] == entry["request_id"]
    state = door("state")
    assert state["alerts"] == {"total": 1, "open": 1, "closed": 0}
    assert (state["requests"], state["applied"], state["writes_waiting"]) == (1, 1, 0)
    assert state["now"] == "2026-03-27T10:00:01Z"


def test_the_door_leaves_no_trace_in_the_ledger(opsgenie, door):
    door("state")
    assert opsgenie.ledger == []


def test_time_is_set_advanced_frozen_and_let_run(opsgenie, door):
    assert door("clock", {"set": "2026-05-01T00:00:00Z"})["now"] == "2026-05-01T00:00:00Z"
    assert door("clock", {"set": 1_774_605_600_000})["now"] == "2026-03-27T10:00:00Z"
    assert door("clock", {"advance": 0.25}) == {"now": "2026-03-27T10:00:00.25Z", "frozen": True}
    assert door("clock", {"frozen": False})["frozen"] is False


def test_faults_are_added_shown_and_cleared(client, door):
    match = {"method": "GET", "path_contains": "/count", "after": 1}
    shown = door("faults", [{"kind": "error", "times": 2, "match": match, "status": 503}, {"kind": "html"}])
    assert shown["faults"][0] == {"kind": "error", "times": 2, "match": match, "status": 503}
    assert client.get("/v2/alerts").status_code == 503  # the page
    assert client.get("/v2/alerts/count").status_code == 200
    assert client.get("/v2/alerts/count").status_code == 503
    assert door("faults", {"clear": True}) == {"faults": []}
    assert client.get("/v2/alerts/count").status_code == 200


def test_settings_turn_delay_limits_late_failures_and_keys(opsgenie, client, door):
    shown = door(
        "settings",
        {
            "process_after": 5,
            "limits": {"Alert": {"per_second": 3, "per_minute": 90}},
            "fail_later": {"action": "Create", "text": "Sorry"},
            "keys": {"integration key, read only": {"rights": "RC"}},
            "overlong": "truncate",
        },
    )
    assert (shown["process_after"], shown["overlong"]) == (5, "truncate")
    assert shown["limits"]["Alert"] == {"per_second": 3, "per_minute": 90}
    assert shown["fail_later"] == [{"action": "Create", "text": "Sorry", "times": 1}]
    assert shown["keys"]["integration key, read only"]["rights"] == "RC"
    request_id = client.post("/v2/alerts", json={"message": "m" * 200}).json()["requestId"]
    door("clock", {"advance": 4})
    assert client.get(f"/v2/alerts/requests/{request_id}").status_code == 404
    door("clock", {"advance": 1})
    assert client.get(f"/v2/alerts/requests/{request_id}").json()["data"]["status"] == "Sorry"


def test_alerts_are_put_in_and_altered_in_the_words_of_the_wire(ask, door):
    given = {"message": "Odd", "createdAt": "2026-03-20T08:00:00.5Z", "teams": ["security"], "tags": ["a"]}
    (alert,) = door("alerts", given)["alerts"]
    assert ask(f"/v2/alerts/{alert['id']}") == alert
    assert (alert["createdAt"], alert["tags"]) == ("2026-03-20T08:00:00.5Z", ["a"])
    (altered,) = door("alerts", [{"id": alert["id"], "status": "closed", "updatedAt": "2026-03-21T08:00:00Z"}])[
        "alerts"
    ]
    assert (altered["status"], altered["message"], altered["updatedAt"]) == ("closed", "Odd", "2026-03-21T08:00:00Z")
    door("alerts", {"message": "Late", "visible_after": 10})
    assert "Late" not in [item["message"] for item in ask("/v2/alerts")]


def test_incidents_are_put_in(ask, door):
    (incident,) = door("incidents", {"message": "Down", "services": ["login"]})["incidents"]
    assert ask(f"/v1/incidents/{incident['id']}") == incident


def test_a_reset_brings_the_start_back(opsgenie, client, door):
    client.post("/v2/alerts", json={"message": "x"})
    door("settings", {"process_after": 9})
    door("faults", {"kind": "error"})
    door("clock", {"advance": 500})
    state = door("reset", {})
    assert (state["requests"], state["alerts"]["total"], state["faults"]) == (0, 0, [])
    assert state["now"] == "2026-03-27T10:00:00Z"
    assert state["settings"]["process_after"] == 0.05
    assert client.get("/v2/alerts").status_code == 200


def test_a_seed_makes_another_company_and_a_wrong_one_changes_nothing(opsgenie, client, door):
    opsgenie.has_alert(message="Before")
    door("clock", {"advance": 60})
    door("seed", {"alerts": [{"message": "Mine"}, {"message": "Half", "teams": ["nobody"]}]}, status=400)
    assert [alert.message for alert in opsgenie.alerts] == ["Before"]
    planted = door("seed", {"alerts": [{"message": "Mine"}], "schedules": []})
    assert (planted["now"], planted["alerts"]["total"], planted["schedules"]) == ("2026-03-27T10:00:00Z", 1, [])
    assert client.get("/v2/alerts").json()["data"][0]["message"] == "Mine"
    opsgenie.has_alert()
    assert door("reset", {})["alerts"]["total"] == 1
    other = "abcdefab-1111-4111-8111-abcdefabcdef"
    door("seed", {"keys": [{"value": other, "name": "mine"}]})
    assert opsgenie.keys == [other]
    assert client.get("/v2/alerts").status_code == 401


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("faults", {"kind": "sulk"}),
        ("faults", {"kind": "slow", "match": {"verb": "GET"}}),
        ("clock", {"set": "noon"}),
        ("clock", {"skip": 1}),
        ("settings", {"colour": "red"}),
        ("settings", {"limits": {"Nowhere": {"per_second": 1}}}),
        ("settings", {"keys": {"nobody": {"rights": ""}}}),
        ("alerts", {"colour": "red"}),
        ("alerts", {"teams": ["nobody"]}),
        ("alerts", 7),
        ("seed", {"colour": []}),
        ("seed", {"alerts": [{"teams": ["nobody"]}]}),
        ("seed", []),
    ],
)
def test_a_wrong_turn_is_refused_with_its_reason(door, name, body):
    assert len(door(name, body, status=400)["message"]) > 10


def test_an_unknown_knob_is_a_404_that_lists_the_known_ones(door):
    assert "ledger" in door("knob", status=404)["message"]


def test_the_plan_and_late_showing_are_settings(client):
    settings = client.post("/_simulator/settings", json={"plan": "Free", "visible_after": 5}).json()
    assert (settings["plan"], settings["visible_after"]) == ("Free", 5)
    assert client.get("/v1/incidents").status_code == 402
    assert client.post("/_simulator/settings", json={"plan": "Gold"}).status_code == 400
