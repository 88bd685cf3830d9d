"""Routing rules of teams over HTTP."""

import pytest

PATH = "/v2/teams/payments/routing-rules"
BY_NAME = {"teamIdentifierType": "name"}
NOTIFY = {"type": "schedule", "name": "ops_primary"}


def _names(ask):
    rules = ask(PATH, **BY_NAME)
    assert [rule["order"] for rule in rules] == list(range(len(rules)))
    assert [rule["isDefault"] for rule in rules] == [False] * (len(rules) - 1) + [True]
    return [rule["name"] for rule in rules][:-1]


def test_a_rule_is_made_changed_and_removed(do, ask):
    body = {
        "name": "nights",
        "criteria": {
            "type": "match-all-conditions",
            "conditions": [{"field": "tags", "operation": "contains", "expectedValue": "night"}],
        },
        "timezone": "Europe/Berlin",
        "timeRestriction": {
            "type": "time-of-day",
            "restriction": {"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 0},
        },
        "notify": NOTIFY,
    }
    made = do("POST", PATH, body, 201, **BY_NAME)["data"]
    shown = ask(f"{PATH}/{made['id']}", **BY_NAME)
    assert (shown["order"], shown["isDefault"], shown["timezone"]) == (1, False, "Europe/Berlin")
    assert shown["notify"]["name"] == "ops_primary"
    assert shown["criteria"]["conditions"][0]["not"] is False
    do("PATCH", f"{PATH}/{made['id']}", {"notify": {"type": "none"}, "timeRestriction": None}, **BY_NAME)
    changed = ask(f"{PATH}/{made['id']}", **BY_NAME)
    assert changed["notify"] == {"type": "none"}
    assert "timeRestriction" not in changed
    assert changed["criteria"] == shown["criteria"]
    do("DELETE", f"{PATH}/{made['id']}", **BY_NAME)
    do("GET", f"{PATH}/{made['id']}", status=404, **BY_NAME)


def test_rules_are_ordered_and_the_default_one_stays_last(do, ask):
    ids = {}
    for name, more in (("b", {}), ("a", {"order": 0}), ("c", {"order": 99})):
        ids[name] = do("POST", PATH, {"name": name, "notify": NOTIFY, **more}, 201, **BY_NAME)["data"]["id"]
    assert _names(ask) == ["a", "Urgent", "b", "c"]
    do("POST", f"{PATH}/{ids['c']}/change-order", {"order": 0}, **BY_NAME)
    assert _names(ask) == ["c", "a", "Urgent", "b"]
    do("POST", f"{PATH}/{ids['c']}/change-order", {"order": 1000}, **BY_NAME)
    assert _names(ask) == ["a", "Urgent", "b", "c"]
    do("POST", f"{PATH}/{ids['c']}/change-order", {}, 422, **BY_NAME)


def test_every_team_has_a_default_rule_that_neither_goes_nor_moves(do, ask):
    team = do("POST", "/v2/teams", {"name": "fresh"}, 201)["data"]["id"]
    (rule,) = ask(f"/v2/teams/{team}/routing-rules")
    assert rule["isDefault"] is True
    path = f"/v2/teams/{team}/routing-rules/{rule['id']}"
    assert do("DELETE", path, status=403)["code"] == 40302
    do("POST", f"{path}/change-order", {"order": 0}, 422)
    do("PATCH", path, {"notify": NOTIFY})
    assert ask(path)["notify"]["name"] == "ops_primary"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "notify"),
        ({"notify": {"type": "user", "username": "ana@example.com"}}, "notify#type"),
        ({"notify": {"type": "schedule", "name": "nowhere"}}, "notify#id"),
        ({"notify": NOTIFY, "order": -1}, "order"),
        ({"notify": NOTIFY, "timezone": "Nowhere"}, "timezone"),
        ({"notify": NOTIFY, "criteria": {"type": "match-some"}}, "criteria#type"),
        ({"notify": NOTIFY, "timeRestriction": {}}, "timeRestriction#type"),
    ],
)
def test_a_bad_rule_is_refused_by_field(do, body, field):
    assert list(do("POST", PATH, body, 422, **BY_NAME)["errors"]) == [field]
