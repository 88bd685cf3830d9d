"""Copying notification rules over HTTP."""

import pytest

ANA, BEN = ("/v2/users/ana@example.com/notification-rules", "/v2/users/ben@example.com/notification-rules")
STEPS = [
    {"contact": {"method": method, "to": to}, "enabled": True}
    for method, to in (("email", "ana@example.com"), ("sms", "1-5550100"))
]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_rules_of_the_wanted_types_are_copied_by_either_verb(do, ask, method):
    do("POST", ANA, {"name": "Closed", "actionType": "closed-alert", "enabled": True, "steps": STEPS}, 201)
    do("POST", ANA, {"name": "Notes", "actionType": "add-note", "enabled": True}, 201)
    body = {"toUsers": ["ben@example.com"], "ruleTypes": ["closed-alert"]}
    answer = do(method, f"{ANA}/copy-to", body, 202)
    assert answer["result"] == "Started copying notification rules"
    assert [rule["name"] for rule in ask(BEN)] == ["New Alert", "Closed"]
    copy, original = ask(f"{BEN}/{ask(BEN)[1]['id']}"), ask(ANA)[1]
    assert copy["id"] != original["id"]
    assert [step["contact"]["to"] for step in copy["steps"]] == ["ben@example.com"]


def test_what_was_there_of_the_same_type_is_gone(do, ask):
    do("POST", ANA, {"name": "Mine", "actionType": "create-alert", "enabled": True}, 201)
    do("POST", f"{ANA}/copy-to", {"toUsers": ["all"], "ruleTypes": ["new-alert"]}, 202)
    for user in ("ben", "hiro"):
        assert [rule["name"] for rule in ask(f"/v2/users/{user}@example.com/notification-rules")] == [
            "New Alert", "Mine",
        ]  # fmt: skip
    assert len(ask(ANA)) == 2


def test_all_types_are_copied_at_once(do, ask):
    do("POST", ANA, {"name": "Notes", "actionType": "add-note", "enabled": True}, 201)
    do("POST", f"{ANA}/copy-to", {"toUsers": ["ben@example.com"], "ruleTypes": ["all"]}, 202)
    assert [rule["name"] for rule in ask(BEN)] == ["New Alert", "Notes"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ruleTypes": ["all"]}, "toUsers"),
        ({"toUsers": ["all"]}, "ruleTypes"),
        ({"toUsers": ["nobody"], "ruleTypes": ["all"]}, "toUsers"),
        ({"toUsers": ["all"], "ruleTypes": ["create-alert"]}, "ruleTypes"),
        ({"toUsers": ["all"], "ruleTypes": ["schedule-end"]}, "ruleTypes"),
    ],
)
def test_a_bad_copy_is_refused_by_field(do, body, field):
    assert list(do("POST", f"{ANA}/copy-to", body, 422)["errors"]) == [field]
