"""Incident rules of services over HTTP."""

import pytest

STAKEHOLDERS = {"enable": True, "message": "Stakeholder Message", "description": "Stakeholder Description"}
PROPERTIES = {
    "message": "Incident Message",
    "description": "Incident Description",
    "tags": ["Tag1", "Tag2"],
    "priority": "P4",
    "stakeholderProperties": STAKEHOLDERS,
}
CONDITION = {"expectedValue": "Incident", "operation": "contains", "not": False, "field": "message"}
RULE = {
    "conditionMatchType": "match-all-conditions",
    "conditions": [CONDITION],
    "incidentProperties": PROPERTIES,
}


@pytest.fixture
def path(ask):
    return f"/v1/services/{ask('/v1/services')[0]['id']}/incident-rules"


def test_a_rule_is_shown_as_it_was_given(do, ask, path):
    made = do("POST", path, RULE, 201)["data"]["id"]
    assert ask(path) == [{**RULE, "id": made, "order": 1, "incidentProperties": {**PROPERTIES, "details": {}}}]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_rule_is_replaced_by_either_verb(do, ask, path, method):
    made = do("POST", path, RULE, 201)["data"]["id"]
    answer = do(method, f"{path}/{made}", {"incidentProperties": {**PROPERTIES, "priority": "P5"}})
    assert (answer["result"], answer["data"]) == ("Updated", {"id": made})
    (rule,) = ask(path)
    assert (rule["conditionMatchType"], rule["conditions"]) == ("match-all", [])
    assert rule["incidentProperties"]["priority"] == "P5"


def test_a_rule_is_removed_once(do, ask, path):
    made = do("POST", path, RULE, 201)["data"]["id"]
    assert do("DELETE", f"{path}/{made}")["result"] == "Deleted"
    do("DELETE", f"{path}/{made}", status=404)
    assert ask(path) == []


def test_a_rule_belongs_to_its_service(do, ask, path):
    made = do("POST", path, RULE, 201)["data"]["id"]
    other = f"/v1/services/{ask('/v1/services')[1]['id']}/incident-rules"
    assert ask(other) == []
    do("PUT", f"{other}/{made}", RULE, 404)
    assert "incidentRules" not in ask("/v1/services")[0]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"conditionMatchType": "match-some"}, "conditionMatchType"),
        ({"conditions": []}, "conditions"),
        ({"conditions": [{**CONDITION, "field": "alias"}]}, "conditions#field"),
        ({"conditions": [{**CONDITION, "field": "tags", "operation": "starts-with"}]}, "conditions#operation"),
        ({"conditions": [{**CONDITION, "operation": None}]}, "conditions#operation"),
        ({"conditions": [{**CONDITION, "expectedValue": "x" * 15_001}]}, "conditions#expectedValue"),
        ({"incidentProperties": None}, "incidentProperties"),
        ({"incidentProperties": {**PROPERTIES, "message": "x" * 131}}, "incidentProperties#message"),
        ({"incidentProperties": {**PROPERTIES, "priority": None}}, "incidentProperties#priority"),
        ({"incidentProperties": {**PROPERTIES, "tags": ["x"] * 21}}, "incidentProperties#tags"),
        ({"incidentProperties": {**PROPERTIES, "details": {"a": "x" * 8000}}}, "incidentProperties#details"),
        (
            {"incidentProperties": {**PROPERTIES, "stakeholderProperties": None}},
            "incidentProperties#stakeholderProperties",
        ),
        (
            {"incidentProperties": {**PROPERTIES, "stakeholderProperties": {"enable": True}}},
            "incidentProperties#stakeholderProperties#message",
        ),
    ],
)
def test_a_bad_rule_is_refused_by_field(do, path, change, field):
    assert list(do("POST", path, {**RULE, **change}, 422)["errors"]) == [field]


def test_writing_rules_takes_a_key_that_may(opsgenie, client_of, path):
    reader = client_of(opsgenie, opsgenie.keys[2])
    answer = reader.post(path, json=RULE)
    assert (answer.status_code, answer.json()["code"]) == (403, 40301)
