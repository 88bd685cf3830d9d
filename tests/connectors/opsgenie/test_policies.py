"""Policies: the request of each command, what is refused, and how a lost policy is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.policies import (
    ChangePolicyOrder,
    CreateAlertPolicy,
    CreateNotificationPolicy,
    DeletePolicy,
    DisablePolicy,
    EnablePolicy,
    GetPolicy,
    ListAlertPolicies,
    ListNotificationPolicies,
    UpdateAlertPolicy,
    UpdateNotificationPolicy,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ONE = {"policy_id": "p1"}
OF_TEAM = {"policy_id": "p1", "team_id": "t1"}
ALERT = {
    "name": "Mute tests",
    "policy_description": "d",
    "enabled": False,
    "filter": {"type": "match-all-conditions", "conditions": [{"field": "tags", "operation": "contains"}]},
    "time_restrictions": {
        "type": "time-of-day",
        "restriction": {"start_hour": 22, "start_min": 0, "end_hour": 6, "end_min": 30},
    },
    "message": "{{message}}",
    "responders": [{"type": "team", "id": "t1"}],
    "tags": ["x"],
    "details": {"snake_key": 1},
    "priority": "P5",
    "continue_processing": True,
    "ignore_original_tags": True,
}
ALERT_BODY = {
    "type": "alert",
    "name": "Mute tests",
    "policyDescription": "d",
    "enabled": False,
    "filter": {"type": "match-all-conditions", "conditions": [{"field": "tags", "operation": "contains"}]},
    "timeRestrictions": {
        "type": "time-of-day",
        "restriction": {"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 30},
    },
    "message": "{{message}}",
    "responders": [{"type": "team", "id": "t1"}],
    "tags": ["x"],
    "details": {"snake_key": "1"},
    "priority": "P5",
    "continue": True,
    "ignoreOriginalTags": True,
}
NOTIFICATION = {
    "name": "Night",
    "team_id": "t1",
    "suppress": False,
    "delay_action": {"delay_option": "next-monday", "until_hour": 8, "until_minute": 0},
    "deduplication_action": {
        "deduplication_action_type": "frequency-based",
        "count": 2,
        "duration": {"time_amount": 5},
    },
    "auto_close_action": {"duration": {"time_amount": 1, "time_unit": "hours"}},
    "auto_restart_action": {"duration": {"time_amount": 10}, "max_repeat_count": 3},
}
NOTIFICATION_BODY = {
    "type": "notification",
    "name": "Night",
    "enabled": True,
    "suppress": False,
    "delayAction": {"delayOption": "next-monday", "untilHour": 8, "untilMinute": 0},
    "deduplicationAction": {"deduplicationActionType": "frequency-based", "count": 2, "duration": {"timeAmount": 5}},
    "autoCloseAction": {"duration": {"timeAmount": 1, "timeUnit": "hours"}},
    "autoRestartAction": {"duration": {"timeAmount": 10}, "maxRepeatCount": 3},
}


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "repeat"),
    [
        (ListAlertPolicies, {}, "GET", "/v2/policies/alert", None, "safe"),
        (ListAlertPolicies, {"team_id": "t1"}, "GET", "/v2/policies/alert?teamId=t1", None, "safe"),
        (ListNotificationPolicies, {"team_id": "t1"}, "GET", "/v2/policies/notification?teamId=t1", None, "safe"),
        (GetPolicy, OF_TEAM, "GET", "/v2/policies/p1?teamId=t1", None, "safe"),
        (CreateAlertPolicy, ALERT, "POST", "/v2/policies", ALERT_BODY, "verify"),
        (
            CreateAlertPolicy,
            {"name": "x", "team_id": "t1"},
            "POST",
            "/v2/policies?teamId=t1",
            {"type": "alert", "name": "x", "enabled": True},
            "verify",
        ),
        (CreateNotificationPolicy, NOTIFICATION, "POST", "/v2/policies?teamId=t1", NOTIFICATION_BODY, "verify"),
        (UpdateAlertPolicy, {**ONE, **ALERT}, "PUT", "/v2/policies/p1", ALERT_BODY, "safe"),
        (
            UpdateNotificationPolicy,
            {**ONE, **NOTIFICATION},
            "PUT",
            "/v2/policies/p1?teamId=t1",
            NOTIFICATION_BODY,
            "safe",
        ),
        (EnablePolicy, ONE, "POST", "/v2/policies/p1/enable", None, "safe"),
        (DisablePolicy, OF_TEAM, "POST", "/v2/policies/p1/disable?teamId=t1", None, "safe"),
        (
            ChangePolicyOrder,
            {**OF_TEAM, "target_index": 0},
            "POST",
            "/v2/policies/p1/change-order?teamId=t1",
            {"targetIndex": 0},
            "safe",
        ),
        (DeletePolicy, OF_TEAM, "DELETE", "/v2/policies/p1?teamId=t1", None, "verify"),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("policies", "configuration", repeat)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 513}, "name"),
        ({"policy_description": "x" * 513}, "policy_description"),
        ({"filter": {"type": "match-any-condition"}}, "filter`: `conditions"),
        ({"time_restrictions": {"type": "time-of-day"}}, "time_restrictions"),
        ({"message": "x" * 131}, "message"),
        ({"alias": "x" * 513}, "alias"),
        ({"description": "x" * 15_001}, "description"),
        ({"entity": "x" * 513}, "entity"),
        ({"source": "x" * 101}, "source"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"actions": ["x"] * 11}, "actions"),
        ({"details": {"k": "x" * 8_000}}, "details"),
        ({"responders": [{"type": "team", "id": "1"}] * 51}, "responders"),
        ({"suppress": True}, "suppress"),
    ],
)
def test_a_wrong_policy_for_alerts_is_refused_before_anything_is_sent(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}"):
        CreateAlertPolicy.read_inputs({**ALERT, **wrong})
    with pytest.raises(InvalidInput, match=f"`{field}"):
        UpdateAlertPolicy.read_inputs({**ONE, **ALERT, **wrong})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"delay_action": {"delay_option": "for-duration"}}, "`duration` is mandatory for for-duration"),
        ({"delay_action": {"delay_option": "next-time", "until_hour": 8}}, "`until_hour` and `until_minute` are mand"),
        ({"delay_action": {"delay_option": "next-time", "until_hour": 24, "until_minute": 0}}, "until_hour"),
        ({"delay_action": {"delay_option": "next-time", "until_hour": 0, "until_minute": 60}}, "until_minute"),
        ({"delay_action": {"delay_option": "tomorrow"}}, "delay_action.delay_option"),
        (
            {"deduplication_action": {"deduplication_action_type": "frequency-based", "count": 2}},
            "`duration` is mandatory for frequency-based",
        ),
        ({"deduplication_action": {"deduplication_action_type": "value-based", "count": 1}}, "count"),
        ({"deduplication_action": {"deduplication_action_type": "value-based", "count": 101}}, "count"),
        ({"auto_close_action": {}}, "auto_close_action.duration"),
        ({"auto_restart_action": {"duration": {"time_amount": 1}}}, "max_repeat_count"),
        ({"message": "m"}, "message"),
        ({"team_id": None}, "team_id"),
    ],
)
def test_a_wrong_policy_for_notifications_is_refused_before_anything_is_sent(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        CreateNotificationPolicy.read_inputs({**NOTIFICATION, **wrong})


@pytest.mark.parametrize("command", [ListNotificationPolicies, CreateNotificationPolicy, UpdateNotificationPolicy])
def test_only_teams_have_policies_for_notifications(command: type[Command]) -> None:
    with pytest.raises(InvalidInput, match="`team_id` is missing"):
        command.read_inputs({})


def test_a_place_in_the_order_is_not_negative() -> None:
    with pytest.raises(InvalidInput, match="`target_index`"):
        ChangePolicyOrder.read_inputs({**ONE, "target_index": -1})


@pytest.mark.parametrize(
    ("command", "inputs", "target"),
    [
        (CreateAlertPolicy, ALERT, "/v2/policies/alert"),
        (CreateNotificationPolicy, NOTIFICATION, "/v2/policies/notification?teamId=t1"),
    ],
)
async def test_a_lost_policy_is_found_in_the_list_of_its_type(
    command: type[CreateAlertPolicy], inputs: dict[str, Any], target: str
) -> None:
    made = command.model_validate(inputs)
    kept = {"id": "p1", "name": made.name, "type": made.TYPE, "order": 0, "enabled": made.enabled}
    sender = GivenSender(answer(200, {"data": [{**kept, "name": "Other"}, kept]}))
    seen = await made.look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output["id"] == "p1"
    assert sender.requests[0].target == target
