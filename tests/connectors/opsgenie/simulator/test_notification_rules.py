"""Notification rules over HTTP."""

import pytest

PATH = "/v2/users/ana@example.com/notification-rules"
BODY = {"name": "Disks", "actionType": "create-alert", "enabled": True}
STEP = {"contact": {"method": "email", "to": "ana@example.com"}, "sendAfter": {"timeAmount": 1}, "enabled": True}
START = {"name": "Shifts", "actionType": "schedule-start", "enabled": True, "notificationTime": ["1-hour-ago"]}


def test_a_rule_is_shown_as_it_was_given(do, ask):
    hours = {"startHour": 3, "startMin": 15, "endHour": 5, "endMin": 30}
    condition = {"field": "extra-properties", "key": "k", "not": True, "operation": "starts-with"}
    given = {
        **BODY,
        "criteria": {"type": "match-any-condition", "conditions": [{**condition, "expectedValue": "x"}]},
        "timeRestriction": {"type": "time-of-day", "restriction": hours},
        "repeat": {"loopAfter": 2},
        "steps": [STEP],
        "order": 0,
    }
    made = do("POST", PATH, given, 201)
    identifier = made["data"]["id"]
    assert made["data"] == {**BODY, "id": identifier, "order": 0}
    shown = ask(f"{PATH}/{identifier}")
    (step,) = shown.pop("steps")
    assert step == {**STEP, "id": step["id"], "sendAfter": {"timeAmount": 1, "timeUnit": "minutes"}}
    rest = {name: value for name, value in given.items() if name != "steps"}
    assert shown == {**rest, "id": identifier, "repeat": {"loopAfter": 2, "enabled": True}}


def test_a_rule_about_schedules_names_them_and_when(do, ask):
    given = {**START, "schedules": [{"type": "schedule", "name": "ops_primary"}]}
    identifier = do("POST", PATH, given, 201)["data"]["id"]
    shown = ask(f"{PATH}/{identifier}")
    assert shown["notificationTime"] == ["1-hour-ago"]
    assert [(item["type"], item["name"]) for item in shown["schedules"]] == [("schedule", "ops_primary")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**BODY, "name": ""}, "name"),
        ({**BODY, "name": "x" * 513}, "name"),
        ({**BODY, "actionType": "new-alert"}, "actionType"),
        ({**BODY, "actionType": None}, "actionType"),
        ({"name": "x", "actionType": "add-note"}, "enabled"),
        ({**BODY, "enabled": "yes"}, "enabled"),
        ({**BODY, "order": -1}, "order"),
        ({**BODY, "repeat": {"loopAfter": -1}}, "repeat#loopAfter"),
        ({**BODY, "repeat": {"enabled": True}}, "repeat#loopAfter"),
        ({**BODY, "criteria": {"type": "match-all-conditions"}}, "criteria#conditions"),
        (
            {**BODY, "criteria": {"type": "match-all-conditions", "conditions": [{"field": "tags"}]}},
            "criteria#conditions#operation",
        ),
        ({**BODY, "steps": [{**STEP, "sendAfter": None}]}, "steps#sendAfter"),
        ({**BODY, "steps": [{**STEP, "contact": {"method": "fax", "to": "x"}}]}, "steps#contact#method"),
        ({**BODY, "timeRestriction": {"type": "weekday-and-time-of-day"}}, "timeRestriction#restrictions"),
        ({**START, "notificationTime": []}, "notificationTime"),
        ({**START, "notificationTime": ["soon"]}, "notificationTime"),
        ({**START, "actionType": "schedule-end", "notificationTime": None}, "notificationTime"),
        ({**START, "schedules": [{"type": "schedule", "name": "nowhere"}]}, "schedules#id"),
        ({**START, "schedules": [{"type": "team", "name": "platform"}]}, "schedules#type"),
    ],
)
def test_a_bad_rule_is_refused_by_field(do, body, field):
    assert field in do("POST", PATH, body, 422)["errors"]


def test_after_how_long_is_asked_only_for_new_and_assigned_alerts(do):
    step = {name: value for name, value in STEP.items() if name != "sendAfter"}
    do("POST", PATH, {**BODY, "actionType": "closed-alert", "steps": [step]}, 201)
    do("POST", PATH, {**BODY, "actionType": "assigned-alert", "steps": [step]}, 422)


def test_the_order_counts_within_one_action_type(do, ask):
    first = ask(PATH)[0]["name"]
    for name in ("b", "c"):
        do("POST", PATH, {**BODY, "name": name}, 201)
    do("POST", PATH, {**START, "name": "s"}, 201)
    do("POST", PATH, {**BODY, "name": "a", "order": 0}, 201)
    assert [(rule["name"], rule["order"]) for rule in ask(PATH) if rule["actionType"] == "create-alert"] == [
        ("a", 0), (first, 1), ("b", 2), ("c", 3),
    ]  # fmt: skip
    assert [rule["order"] for rule in ask(PATH) if rule["actionType"] == "schedule-start"] == [0]


def test_a_rule_is_moved(do, ask):
    identifiers = [do("POST", PATH, {**BODY, "name": name}, 201)["data"]["id"] for name in "abc"]
    assert do("POST", f"{PATH}/{identifiers[2]}/change-order", {"order": 0})["data"] == {"id": identifiers[2]}
    assert [rule["name"] for rule in ask(PATH)] == ["c", "New Alert", "a", "b"]
    do("POST", f"{PATH}/{identifiers[2]}/change-order", {"order": 99})
    assert [rule["name"] for rule in ask(PATH)] == ["New Alert", "a", "b", "c"]
    do("POST", f"{PATH}/{identifiers[2]}/change-order", {}, 422)


def test_a_change_leaves_the_rest_alone_and_keeps_the_type(do, ask):
    identifier = do("POST", PATH, {**START, "steps": [{**STEP}]}, 201)["data"]["id"]
    before = ask(f"{PATH}/{identifier}")
    answer = do("PATCH", f"{PATH}/{identifier}", {"name": "Mine", "actionType": "add-note"})
    assert (answer["result"], answer["data"]["name"]) == ("Updated", "Mine")
    assert ask(f"{PATH}/{identifier}") == {**before, "name": "Mine"}
    do("PATCH", f"{PATH}/{identifier}", {"notificationTime": []}, 422)


def test_a_rule_is_switched_and_removed(do, ask):
    identifier = do("POST", PATH, BODY, 201)["data"]["id"]
    answer = do("POST", f"{PATH}/{identifier}/disable")
    assert (answer["result"], answer["data"]) == ("Disabled", {"id": identifier})
    assert ask(f"{PATH}/{identifier}")["enabled"] is False
    assert do("POST", f"{PATH}/{identifier}/enable")["result"] == "Enabled"
    assert do("DELETE", f"{PATH}/{identifier}")["result"] == "Deleted"
    do("DELETE", f"{PATH}/{identifier}", status=404)


def test_rules_are_found_by_the_id_of_their_user_too(ask):
    ana = ask("/v2/users/ana@example.com")["id"]
    assert ask(f"/v2/users/{ana}/notification-rules") == ask(PATH)
    assert "notificationRules" not in ask("/v2/users/ana@example.com", expand="contact")
