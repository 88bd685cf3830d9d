"""Rotations over HTTP."""

import pytest

BY_NAME = {"scheduleIdentifierType": "name"}
PATH = "/v2/schedules/ops_primary/rotations"
NIGHT = {
    "name": "Night",
    "startDate": "2026-03-01T20:14:00Z",
    "endDate": "2026-06-01T20:46:00Z",
    "type": "weekly",
    "length": 2,
    "participants": [
        {"type": "user", "username": "farid@example.com"},
        {"type": "none"},
        {"type": "team", "name": "payments"},
    ],
    "timeRestriction": {
        "type": "time-of-day",
        "restriction": {"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 30},
    },
}


@pytest.fixture
def night(do):
    return do("POST", PATH, NIGHT, 201, **BY_NAME)["data"]["id"]


def test_a_rotation_is_added_with_its_minutes_at_the_half_hour(ask, night):
    shown = ask(f"{PATH}/{night}", **BY_NAME)
    assert shown["_parent"]["name"] == "ops_primary"
    assert (shown["startDate"], shown["endDate"]) == ("2026-03-01T20:00:00Z", "2026-06-01T21:00:00Z")
    assert [item["type"] for item in shown["participants"]] == ["user", "none", "team"]
    assert shown["participants"][2]["name"] == "payments"
    assert shown["timeRestriction"] == NIGHT["timeRestriction"]
    assert [rotation["name"] for rotation in ask(PATH, **BY_NAME)] == ["Weekly", "Night"]


def test_a_change_leaves_what_it_does_not_name_and_null_takes_away(do, ask, night):
    before = ask(f"{PATH}/{night}", **BY_NAME)
    do("PATCH", f"{PATH}/{night}", {"length": 1, "endDate": None, "timeRestriction": None}, **BY_NAME)
    after = ask(f"{PATH}/{night}", **BY_NAME)
    removed = {name: value for name, value in before.items() if name not in {"endDate", "timeRestriction"}}
    assert after == {**removed, "length": 1}


def test_a_removed_rotation_is_on_call_no_more(opsgenie, do, ask, night):
    opsgenie.has_override("ops_primary", "ana@example.com", "2026-03-28T00:00:00Z", "2026-03-29T00:00:00Z", "Night")
    assert do("DELETE", f"{PATH}/{night}", **BY_NAME)["result"] == "Deleted"
    assert [rotation["name"] for rotation in ask(PATH, **BY_NAME)] == ["Weekly"]
    assert ask("/v2/schedules/ops_primary/overrides", **BY_NAME) == []
    do("GET", f"{PATH}/{night}", status=404, **BY_NAME)
    do("GET", f"{PATH}/x", status=404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"startDate": None}, "startDate"),
        ({"startDate": "2026-13-01T00:00:00Z"}, "startDate"),
        ({"endDate": "2026-03-01T20:00:00Z"}, "endDate"),
        ({"type": None}, "type"),
        ({"length": 0}, "length"),
        ({"length": "1"}, "length"),
        ({"participants": None}, "participants"),
        ({"participants": [{"type": "schedule", "name": "ops_primary"}]}, "participants#type"),
        ({"participants": [{"type": "user", "username": "nobody@example.com"}]}, "participants#id"),
        ({"timeRestriction": {"type": "monthly"}}, "timeRestriction#type"),
        ({"timeRestriction": {"type": "time-of-day"}}, "timeRestriction#restrictions"),
    ],
)
def test_a_bad_rotation_is_refused_by_field(do, night, change, field):
    assert list(do("POST", PATH, {**NIGHT, **change}, 422, **BY_NAME)["errors"]) == [field]
    if next(iter(change.values())) is not None:
        assert list(do("PATCH", f"{PATH}/{night}", change, 422, **BY_NAME)["errors"]) == [field]
