"""Notification rules and their steps: the vendor's own samples, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie import notification_rules as area
from connectors.opsgenie.notification_rules import (
    CopyNotificationRules,
    CreateNotificationRule,
    CreateNotificationRuleStep,
    UpdateNotificationRule,
    UpdateNotificationRuleStep,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

USER = "ana@example.com"
RULES = "/v2/users/ana%40example.com/notification-rules"
OF_USER = {"identifier": USER}
OF_RULE = {**OF_USER, "rule_id": "r1"}
OF_STEP = {**OF_RULE, "step_id": "s1"}
EMAIL = {"method": "email", "to": USER}

# The samples of the vendor's page, as they are written here and as they are sent.
HOURS = {"type": "time-of-day", "restriction": {"start_hour": 3, "start_min": 15, "end_hour": 5, "end_min": 30}}
HOURS_SENT = {"type": "time-of-day", "restriction": {"startHour": 3, "startMin": 15, "endHour": 5, "endMin": 30}}
ON_CALL = {
    "name": "Test Notification Rule",
    "action_type": "schedule-start",
    "enabled": True,
    "criteria": {"type": "match-all"},
    "order": 1,
    "notification_time": ["1-hour-ago"],
    "schedules": [{"name": "test_schedule", "type": "schedule"}],
    "repeat": {"loop_after": 2},
    "time_restriction": HOURS,
}
ON_CALL_SENT = {
    "name": "Test Notification Rule",
    "actionType": "schedule-start",
    "enabled": True,
    "criteria": {"type": "match-all"},
    "order": 1,
    "notificationTime": ["1-hour-ago"],
    "schedules": [{"name": "test_schedule", "type": "schedule"}],
    "repeat": {"loopAfter": 2},
    "timeRestriction": HOURS_SENT,
}
STEP = {"contact": EMAIL, "send_after": {"time_amount": 1}, "enabled": True}
STEP_SENT = {"contact": EMAIL, "sendAfter": {"timeAmount": 1}, "enabled": True}
NEW_ALERT = {"name": "With step", "action_type": "create-alert", "enabled": True, "steps": [STEP]}
NEW_ALERT_SENT = {"name": "With step", "actionType": "create-alert", "enabled": True, "steps": [STEP_SENT]}
CHANGE = {
    "name": "Updated preference",
    "notification_time": ["just-before", "15-minutes-ago", "1-hour-ago"],
    "schedules": [{"name": "schedule_test"}],
    "time_restriction": {
        "type": "weekday-and-time-of-day",
        "restrictions": [
            {
                "start_day": "monday",
                "end_day": "friday",
                "start_hour": 13,
                "start_min": 0,
                "end_hour": 18,
                "end_min": 0,
            }
        ],
    },
}
CHANGE_SENT = {
    "name": "Updated preference",
    "notificationTime": ["just-before", "15-minutes-ago", "1-hour-ago"],
    "schedules": [{"name": "schedule_test", "type": "schedule"}],
    "timeRestriction": {
        "type": "weekday-and-time-of-day",
        "restrictions": [
            {"startDay": "monday", "endDay": "friday", "startHour": 13, "startMin": 0, "endHour": 18, "endMin": 0}
        ],
    },
}
COPY = {"to_users": ["u1", "u2", "u3"], "rule_types": ["new-alert", "schedule-start"]}
COPY_SENT = {"toUsers": ["u1", "u2", "u3"], "ruleTypes": ["new-alert", "schedule-start"]}


@pytest.mark.parametrize(
    ("name", "inputs", "method", "target", "body", "repeat"),
    [
        ("ListNotificationRules", OF_USER, "GET", RULES, None, "safe"),
        ("GetNotificationRule", OF_RULE, "GET", f"{RULES}/r1", None, "safe"),
        ("CreateNotificationRule", {**OF_USER, **ON_CALL}, "POST", RULES, ON_CALL_SENT, "verify"),
        ("CreateNotificationRule", {**OF_USER, **NEW_ALERT}, "POST", RULES, NEW_ALERT_SENT, "verify"),
        ("UpdateNotificationRule", {**OF_RULE, **CHANGE}, "PATCH", f"{RULES}/r1", CHANGE_SENT, "safe"),
        ("UpdateNotificationRule", {**OF_RULE, "enabled": False}, "PATCH", f"{RULES}/r1", {"enabled": False}, "safe"),
        ("DeleteNotificationRule", OF_RULE, "DELETE", f"{RULES}/r1", None, "verify"),
        ("EnableNotificationRule", OF_RULE, "POST", f"{RULES}/r1/enable", None, "safe"),
        ("DisableNotificationRule", OF_RULE, "POST", f"{RULES}/r1/disable", None, "safe"),
        (
            "ChangeNotificationRuleOrder",
            {**OF_RULE, "order": 0},
            "POST",
            f"{RULES}/r1/change-order",
            {"order": 0},
            "safe",
        ),
        ("CopyNotificationRules", {**OF_USER, **COPY}, "POST", f"{RULES}/copy-to", COPY_SENT, "unsafe"),
        ("ListNotificationRuleSteps", OF_RULE, "GET", f"{RULES}/r1/steps", None, "safe"),
        ("GetNotificationRuleStep", OF_STEP, "GET", f"{RULES}/r1/steps/s1", None, "safe"),
        ("CreateNotificationRuleStep", {**OF_RULE, **STEP}, "POST", f"{RULES}/r1/steps", STEP_SENT, "verify"),
        (
            "UpdateNotificationRuleStep",
            {**OF_STEP, "send_after": {"time_amount": 0}},
            "PATCH",
            f"{RULES}/r1/steps/s1",
            {"sendAfter": {"timeAmount": 0}},
            "safe",
        ),
        ("DeleteNotificationRuleStep", OF_STEP, "DELETE", f"{RULES}/r1/steps/s1", None, "verify"),
        ("EnableNotificationRuleStep", OF_STEP, "POST", f"{RULES}/r1/steps/s1/enable", None, "safe"),
        ("DisableNotificationRuleStep", OF_STEP, "POST", f"{RULES}/r1/steps/s1/disable", None, "safe"),
    ],
)
def test_a_command_builds_its_request(
    name: str, inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    command: type[Command] = getattr(area, name)
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    spec = command.spec
    assert (spec.area, spec.limits, spec.repeat) == ("notification_rules", "configuration", repeat)


@pytest.mark.parametrize("kind", ["schedule-start", "schedule-end"])
def test_the_time_is_mandatory_where_a_turn_on_call_begins_or_ends(kind: str) -> None:
    with pytest.raises(InvalidInput, match=f"`notification_time` is mandatory for {kind}"):
        CreateNotificationRule.read_inputs({**OF_USER, "name": "x", "action_type": kind})
    CreateNotificationRule.read_inputs(
        {**OF_USER, "name": "x", "action_type": kind, "notification_time": ["1-day-ago"]}
    )


@pytest.mark.parametrize("field", ["notification_time", "schedules"])
def test_what_is_about_turns_on_call_is_refused_elsewhere(field: str) -> None:
    value = {"notification_time": ["just-before"], "schedules": [{"id": "s1"}]}[field]
    with pytest.raises(InvalidInput, match=f"`{field}` is for schedule-start and schedule-end, not for closed-alert"):
        CreateNotificationRule.read_inputs({**OF_USER, "name": "x", "action_type": "closed-alert", field: value})


@pytest.mark.parametrize(
    ("kind", "mandatory"),
    [
        ("create-alert", True),
        ("assigned-alert", True),
        ("acknowledged-alert", False),
        ("closed-alert", False),
        ("renotified-alert", False),
        ("add-note", False),
        ("incoming-call-routing", False),
    ],
)
def test_when_a_step_is_sent_is_mandatory_for_new_and_assigned_alerts(kind: str, mandatory: bool) -> None:
    inputs = {**OF_USER, "name": "x", "action_type": kind, "steps": [STEP, {"contact": EMAIL}]}
    if mandatory:
        with pytest.raises(InvalidInput, match=f"`send_after` is mandatory in each of the `steps` for {kind}"):
            CreateNotificationRule.read_inputs(inputs)
    else:
        CreateNotificationRule.read_inputs(inputs)


@pytest.mark.parametrize(
    "fields",
    [{"schedules": [{"id": "s1"}]}, {"notification_time": ["just-before"]}, {"steps": [{"contact": EMAIL}]}],
)
def test_a_change_that_lacks_the_type_is_not_held_against_it(fields: dict[str, Any]) -> None:
    UpdateNotificationRule.read_inputs({**OF_RULE, **fields})


def test_the_type_of_a_rule_cannot_change() -> None:
    with pytest.raises(InvalidInput, match="`action_type`"):
        UpdateNotificationRule.read_inputs({**OF_RULE, "action_type": "create-alert"})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "x" * 513}, "`name`"),
        ({"order": -1}, "`order`"),
        ({"notification_time": []}, "`notification_time`"),
        ({"notification_time": ["2-hours-ago"]}, "`notification_time.0`"),
        ({"repeat": {}}, "`repeat.loop_after`"),
        ({"repeat": {"loop_after": -1}}, "`repeat.loop_after`"),
        ({"schedules": [{"type": "team", "name": "x"}]}, "`schedules.0.type`"),
        ({"schedules": [{"type": "schedule"}]}, "give one of `id` and `name`"),
        ({"schedules": [{"id": "1", "name": "x"}]}, "give one of `id` and `name`"),
        ({"steps": [{"send_after": {"time_amount": 1}}]}, "`steps.0.contact` is missing"),
        ({"steps": [{**STEP, "contact": {"method": "fax", "to": "1"}}]}, "`steps.0.contact.method`"),
        ({"steps": [{**STEP, "contact": {"method": "sms"}}]}, "`steps.0.contact.to` is missing"),
        ({"steps": [{**STEP, "send_after": {"time_amount": -1}}]}, "`steps.0.send_after.time_amount`"),
        ({"criteria": {"type": "match-all-conditions"}}, "`conditions` is mandatory"),
        (
            {"time_restriction": {**HOURS, "restriction": {**HOURS["restriction"], "end_min": 60}}},  # type: ignore[dict-item]
            "end_min",
        ),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_sent(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        CreateNotificationRule.read_inputs({**OF_USER, **ON_CALL, **wrong})
    with pytest.raises(InvalidInput, match=says):
        UpdateNotificationRule.read_inputs({**OF_RULE, **wrong})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"to_users": []}, "`to_users`"),
        ({"to_users": ["all", "ben"]}, "`to_users`: `all` stands alone"),
        ({"rule_types": []}, "`rule_types`"),
        ({"rule_types": ["create-alert"]}, "`rule_types.0`"),
        ({"rule_types": ["schedule-end"]}, "`rule_types.0`"),
        ({"rule_types": ["all", "add-note"]}, "`rule_types`: `all` stands alone"),
    ],
)
def test_copying_has_types_of_its_own(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        CopyNotificationRules.read_inputs({**OF_USER, **COPY, **wrong})


@pytest.mark.parametrize("kind", ["create-alert", "new-alert"])
def test_a_new_alert_has_one_name_in_rules_and_another_in_copies(kind: str) -> None:
    if kind == "new-alert":
        with pytest.raises(InvalidInput, match="`action_type`"):
            CreateNotificationRule.read_inputs({**OF_USER, "name": "x", "action_type": kind})
    else:
        CreateNotificationRule.read_inputs({**OF_USER, "name": "x", "action_type": kind})


def test_a_wrong_step_is_refused() -> None:
    for command in (CreateNotificationRuleStep, UpdateNotificationRuleStep):
        with pytest.raises(InvalidInput, match=r"`contact.to`"):
            command.read_inputs({**OF_STEP, "contact": {"method": "email", "to": ""}})


async def test_a_lost_step_is_found_by_its_contact_and_time() -> None:
    kept = {"id": "s1", **STEP_SENT, "sendAfter": {"timeAmount": 1, "timeUnit": "minutes"}}
    others = [{**kept, "id": "s0", "sendAfter": {"timeAmount": 5}}, {**kept, "id": "s2", "contact": {"to": "x"}}]
    command = CreateNotificationRuleStep.read_inputs({**OF_RULE, **STEP})
    assert isinstance(command, CreateNotificationRuleStep)
    seen = await command.look(GivenSender(answer(200, {"data": [*others, kept]})), START)
    assert isinstance(seen, Result)
    assert seen.output["id"] == "s1"
    gone = answer(200, {"data": others})
    assert await command.look(GivenSender(by=lambda request: gone), START) is Seen.ABSENT
