"""What a step of a notification rule may say."""

from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.notification_steps import judged_step, shown_step

MAIL = {"method": "email", "to": "ana@example.com"}


def judged(body, kind="create-alert", *, new=True):
    fields = Fields(body)
    return judged_step(fields, kind, new=new), fields.errors


def test_minutes_are_meant_unless_another_unit_is_named():
    step, errors = judged({"contact": MAIL, "sendAfter": {"timeAmount": 3}, "enabled": True})
    assert errors == {}
    assert step["sendAfter"] == {"timeAmount": 3, "timeUnit": "minutes"}


def test_a_new_step_needs_contact_time_and_whether_it_is_enabled():
    assert set(judged({})[1]) == {"contact", "sendAfter", "enabled"}
    assert set(judged({}, "closed-alert")[1]) == {"contact", "enabled"}


def test_a_change_needs_nothing():
    assert judged({}, new=False) == ({}, {})
    assert judged({"enabled": False}, new=False) == ({"enabled": False}, {})


def test_a_contact_has_a_method_and_an_address():
    assert set(judged({"contact": {"method": "fax"}}, new=False)[1]) == {"contact#method", "contact#to"}


def test_alone_a_step_names_its_rule():
    step, rule = {"id": "1", "contact": MAIL}, {"id": "2", "name": "x", "steps": []}
    assert shown_step(step) == step
    assert shown_step(step, rule)["_parent"] == {"id": "2", "name": "x"}
