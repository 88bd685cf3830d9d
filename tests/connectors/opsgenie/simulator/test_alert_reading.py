"""Listing, counting and looking at alerts."""

import pytest

from connectors.opsgenie.simulator.alert_reading import SORTS


def test_a_listed_alert_has_the_parts_of_the_vendor_s_sample(opsgenie, ask):
    opsgenie.has_alert(teams=["platform"])
    assert set(ask("/v2/alerts")[0]) == {
        "seen", "id", "tinyId", "alias", "message", "status", "acknowledged", "isSeen", "tags", "snoozed", "count",
        "lastOccurredAt", "createdAt", "updatedAt", "source", "owner", "priority", "teams", "responders",
        "integration", "ownerTeamId",
    }  # fmt: skip


def test_the_newest_alert_comes_first(opsgenie, ask):
    for minute in (10, 30, 20):
        opsgenie.has_alert(alias=str(minute), created_at=f"2026-03-27T09:{minute}:00Z")
    assert [alert["alias"] for alert in ask("/v2/alerts")] == ["30", "20", "10"]
    assert [alert["alias"] for alert in ask("/v2/alerts", order="asc")] == ["10", "20", "30"]


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_of_the_vendor_works_both_ways(opsgenie, ask, sort):
    opsgenie.has_alert(alias="a", message="a", source="a", count=1, created_at="2026-03-27T08:00:00Z")
    opsgenie.has_alert(
        alias="b", message="b", source="b", count=2, status="closed", acknowledged=True, owner="ana@example.com",
        created_at="2026-03-27T09:00:00Z", snoozed_until="2026-03-27T12:00:00Z",
        integration={"id": "", "name": "B", "type": "B"},
    )  # fmt: skip
    up = [alert["alias"] for alert in ask("/v2/alerts", sort=sort, order="asc")]
    down = [alert["alias"] for alert in ask("/v2/alerts", sort=sort, order="desc")]
    assert up == (["b", "a"] if sort == "status" else ["a", "b"])
    assert down == up[::-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [("sort", "colour"), ("order", "up"), ("limit", "0"), ("limit", "101"), ("limit", "x"), ("offset", "-1")],
)
def test_a_bad_parameter_is_refused_by_name(client, name, value):
    answer = client.get("/v2/alerts", params={name: value})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [name]


def test_a_count_agrees_with_the_list(opsgenie, ask):
    for number in range(7):
        opsgenie.has_alert(alias=str(number), priority="P1" if number % 2 else "P2")
    assert ask("/v2/alerts/count") == {"count": 7}
    assert ask("/v2/alerts/count", query="priority:P1") == {"count": len(ask("/v2/alerts", query="priority:P1"))}


def test_a_missing_alert_is_a_404(client):
    answer = client.get("/v2/alerts/nowhere")
    assert answer.status_code == 404
    assert answer.json()["message"] == "Alert does not exist"


def test_an_alert_is_found_by_id_tiny_id_and_alias(opsgenie, ask):
    alert = opsgenie.has_alert(alias="db-01/disk")
    assert ask(f"/v2/alerts/{alert.id}")["id"] == alert.id
    assert ask(f"/v2/alerts/{alert.tiny_id}", identifierType="tiny")["id"] == alert.id
    assert ask("/v2/alerts/db-01%2Fdisk", identifierType="alias")["id"] == alert.id


def test_the_log_tells_what_happened(opsgenie, write, ask):
    alert_id = write("POST", "/v2/alerts", {"message": "x"})["alertId"]
    write("POST", f"/v2/alerts/{alert_id}/close", {"user": "ana@example.com"})
    logs = ask(f"/v2/alerts/{alert_id}/logs")
    assert [log["log"] for log in logs] == ["Closed alert", "Alert created via API"]
    assert set(logs[0]) == {"log", "type", "owner", "createdAt", "offset"}
    assert logs[0]["owner"] == "ana@example.com"


def test_recipients_are_the_people_behind_the_responders(opsgenie, write, ask):
    alert = opsgenie.has_alert(teams=["payments"])
    write("POST", f"/v2/alerts/{alert.id}/acknowledge", {"user": "elif@example.com"})
    shown = {item["user"]["username"]: item["state"] for item in ask(f"/v2/alerts/{alert.id}/recipients")}
    assert shown == {"elif@example.com": "action", "farid@example.com": "notactive"}


def test_a_late_alert_is_listed_only_when_its_time_has_come(opsgenie, ask):
    alert = opsgenie.has_alert(visible_after=60, created_at="2026-03-27T09:00:00Z")
    assert ask("/v2/alerts") == []
    assert ask("/v2/alerts/count") == {"count": 0}
    assert ask(f"/v2/alerts/{alert.id}")["id"] == alert.id
    opsgenie.advance(60)
    assert [item["createdAt"] for item in ask("/v2/alerts")] == ["2026-03-27T09:00:00Z"]


def test_a_listing_is_never_older_than_the_last_change(opsgenie, write, ask):
    alert = opsgenie.has_alert(priority="P4")
    assert len(ask("/v2/alerts", query="priority:P4")) == 1
    assert len(ask("/v2/alerts", query="priority:P4")) == 1
    write("PUT", f"/v2/alerts/{alert.id}/priority", {"priority": "P1"})
    assert ask("/v2/alerts", query="priority:P4") == []
    opsgenie.change(alert.id, priority="P4")
    assert len(ask("/v2/alerts", query="priority:P4")) == 1
