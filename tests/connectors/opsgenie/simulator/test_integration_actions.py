"""What an integration does with what arrives, over HTTP."""

import pytest

ANY = {"conditionMatchType": "match-all"}
CLOSE = {"type": "close", "name": "Close", "alias": "{{alias}}", "filter": ANY}


@pytest.fixture
def path(ask):
    return f"/v2/integrations/{ask('/v2/integrations')[0]['id']}/actions"


def test_actions_come_by_kind_under_their_integration(do, ask, path):
    assert {kind: value for kind, value in ask(path).items() if kind != "_parent"} == {
        kind: [] for kind in ("ignore", "create", "close", "acknowledge", "addNote")
    }
    shown = do("POST", path, CLOSE, 201)["data"]
    assert shown["_parent"]["name"] == "API"
    assert shown["close"] == [{**CLOSE, "filter": {**ANY, "conditions": []}, "order": 0}]
    do("POST", path, {**CLOSE, "name": "First", "order": 0}, 201)
    assert [(action["name"], action["order"]) for action in ask(path)["close"]] == [("First", 0), ("Close", 1)]


def test_all_actions_are_replaced_at_once(do, ask, path):
    do("POST", path, CLOSE, 201)
    condition = {"field": "message", "operation": "contains", "expectedValue": "test"}
    chosen = {"conditionMatchType": "match-any-condition", "conditions": [condition]}
    body = {"ignore": [{"type": "ignore", "name": "Tests", "filter": chosen}]}
    shown = do("PUT", path, body)["data"]
    assert shown["close"] == []
    assert shown["ignore"][0]["filter"]["conditions"] == [{**condition, "not": False}]
    assert ask(path) == shown


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**CLOSE, "type": "open"}, "type"),
        ({**CLOSE, "name": ""}, "name"),
        ({**CLOSE, "alias": None}, "alias"),
        ({**CLOSE, "filter": None}, "filter"),
        ({**CLOSE, "filter": {"conditionMatchType": "match-all-conditions"}}, "filter#conditions"),
        ({**CLOSE, "type": "create", "priority": "P9"}, "priority"),
        ({**CLOSE, "type": "create", "appendAttachments": 1}, "appendAttachments"),
    ],
)
def test_a_bad_action_is_refused_by_field(do, path, body, field):
    assert list(do("POST", path, body, 422)["errors"]) == [field]


def test_an_action_stands_under_its_own_kind(do, path):
    assert list(do("PUT", path, {"create": [CLOSE]}, 422)["errors"]) == ["create#type"]
