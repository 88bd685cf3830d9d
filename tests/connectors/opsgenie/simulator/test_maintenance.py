"""Maintenance over HTTP."""

import pytest

PATH = "/v1/maintenance"
LATER = {"type": "schedule", "startDate": "2026-03-28T10:00:00Z", "endDate": "2026-03-28T12:00:00Z"}


@pytest.fixture
def rules(ask):
    return [{"state": "disabled", "entity": {"id": ask("/v2/integrations")[1]["id"], "type": "integration"}}]


def test_a_maintenance_is_planned_then_active_then_past(opsgenie, do, ask, rules):
    made = do("POST", PATH, {"time": LATER, "rules": rules, "description": "Move"}, 201)["data"]
    assert made == {"id": made["id"], "status": "planned", "time": LATER, "description": "Move"}
    assert ask(f"{PATH}/{made['id']}")["rules"] == rules
    opsgenie.advance(86_400)
    assert ask(f"{PATH}/{made['id']}")["status"] == "active"
    assert len(ask(PATH, type="non-expired")) == 1
    opsgenie.advance(7200)
    assert [item["status"] for item in ask(PATH, type="past")] == ["past"]
    assert ask(PATH, type="non-expired") == []
    do("POST", f"{PATH}/{made['id']}/cancel", status=422)


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("for-5-minutes", "2026-03-27T10:05:00Z"),
        ("for-30-minutes", "2026-03-27T10:30:00Z"),
        ("for-1-hour", "2026-03-27T11:00:00Z"),
        ("indefinitely", None),
    ],
)
def test_one_from_now_on_ends_when_it_says(do, rules, kind, end):
    made = do("POST", PATH, {"time": {"type": kind}, "rules": rules}, 201)["data"]
    assert (made["status"], made["time"].get("endDate")) == ("active", end)


def test_a_maintenance_is_changed_cancelled_and_removed(do, ask, rules):
    made = do("POST", PATH, {"time": {"type": "indefinitely"}, "rules": rules}, 201)["data"]["id"]
    assert do("PUT", f"{PATH}/{made}", {"time": LATER, "rules": rules})["data"]["status"] == "planned"
    do("POST", f"{PATH}/{made}/change-end-date", {"endDate": "2026-03-29T10:00:00Z"})
    assert ask(f"{PATH}/{made}")["time"]["endDate"] == "2026-03-29T10:00:00Z"
    assert list(do("POST", f"{PATH}/{made}/change-end-date", {"endDate": LATER["startDate"]}, 422)["errors"]) == [
        "endDate"
    ]
    assert do("POST", f"{PATH}/{made}/cancel")["result"] == "Cancelled"
    assert ask(f"{PATH}/{made}")["status"] == "cancelled"
    assert do("DELETE", f"{PATH}/{made}")["result"] == "Deleted"
    do("GET", f"{PATH}/{made}", status=404)


@pytest.mark.parametrize(
    ("time", "fields"),
    [
        (None, {"time"}),
        ({"type": "forever"}, {"time#type"}),
        ({"type": "schedule"}, {"time#startDate", "time#endDate"}),
        ({**LATER, "endDate": LATER["startDate"]}, {"time#endDate"}),
    ],
)
def test_a_bad_time_is_refused_by_field(do, rules, time, fields):
    assert set(do("POST", PATH, {"time": time, "rules": rules}, 422)["errors"]) == fields


def test_a_bad_rule_is_refused_by_field(do, rules):
    def refused(*given):
        return list(do("POST", PATH, {"time": LATER, "rules": list(given)}, 422)["errors"])

    assert refused() == ["rules"]
    assert refused({**rules[0], "state": "enabled"}) == ["rules#state"]
    assert refused({"entity": {"id": "x", "type": "policy"}, "state": "enabled"}) == ["rules#entity#id"]
    assert refused({"state": "disabled"}) == ["rules#entity"]
