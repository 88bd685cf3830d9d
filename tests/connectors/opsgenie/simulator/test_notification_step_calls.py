"""Steps of notification rules over HTTP."""

import pytest

RULES = "/v2/users/ana@example.com/notification-rules"
STEP = {"contact": {"method": "sms", "to": "1-5550100"}, "sendAfter": {"timeAmount": 5}, "enabled": True}


@pytest.fixture
def path(ask):
    return f"{RULES}/{ask(RULES)[0]['id']}/steps"


def test_a_step_is_made_changed_switched_and_removed(do, ask, path):
    made = do("POST", path, STEP, 201)["data"]["id"]
    assert [step["contact"]["method"] for step in ask(path)] == ["email", "sms"]
    shown = ask(f"{path}/{made}")
    assert shown["_parent"] == {"id": path.split("/")[-2], "name": "New Alert"}
    assert (shown["id"], shown["sendAfter"]) == (made, {"timeAmount": 5, "timeUnit": "minutes"})
    assert do("PATCH", f"{path}/{made}", {"sendAfter": {"timeAmount": 2, "timeUnit": "hours"}})["result"] == "Updated"
    assert ask(f"{path}/{made}")["sendAfter"] == {"timeAmount": 2, "timeUnit": "hours"}
    assert do("POST", f"{path}/{made}/disable")["result"] == "Disabled"
    assert ask(f"{path}/{made}")["enabled"] is False
    assert do("POST", f"{path}/{made}/enable")["data"] == {"id": made}
    assert do("DELETE", f"{path}/{made}")["result"] == "Deleted"
    do("GET", f"{path}/{made}", status=404)


def test_a_bad_step_is_refused_by_field(do, path):
    assert list(do("POST", path, {**STEP, "sendAfter": None}, 422)["errors"]) == ["sendAfter"]
    assert list(do("POST", path, {**STEP, "contact": {"method": "sms"}}, 422)["errors"]) == ["contact#to"]


def test_a_rule_nobody_has_has_no_steps(do):
    do("GET", f"{RULES}/nowhere/steps", status=404)
