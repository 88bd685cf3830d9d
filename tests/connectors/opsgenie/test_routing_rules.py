"""Routing rules: the request of each command, the limits, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.routing_rules import (
    ChangeTeamRoutingRuleOrder,
    CreateTeamRoutingRule,
    DeleteTeamRoutingRule,
    GetTeamRoutingRule,
    ListTeamRoutingRules,
    UpdateTeamRoutingRule,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

AT = "/v2/teams/t1/routing-rules"
NOTIFY = {"type": "escalation", "name": "esc"}
CRITERIA = {
    "type": "match-all-conditions",
    "conditions": [{"field": "message", "operation": "contains", "expected_value": "db", "not": True}],
}
HOURS = {"start_hour": 8, "start_min": 0, "end_hour": 18, "end_min": 30}


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (ListTeamRoutingRules, {"team_identifier_type": "name"}, f"GET {AT}?teamIdentifierType=name", None),
        (GetTeamRoutingRule, {"rule_id": "r/1"}, f"GET {AT}/r%2F1?teamIdentifierType=id", None),
        (
            CreateTeamRoutingRule,
            {"notify": {"type": "none"}},
            f"POST {AT}?teamIdentifierType=id",
            {"notify": {"type": "none"}},
        ),
        (
            CreateTeamRoutingRule,
            {
                "name": "nights",
                "order": 0,
                "notify": NOTIFY,
                "criteria": CRITERIA,
                "timezone": "Europe/Berlin",
                "time_restriction": {"type": "time-of-day", "restriction": HOURS},
            },
            f"POST {AT}?teamIdentifierType=id",
            {
                "name": "nights",
                "order": 0,
                "notify": NOTIFY,
                "criteria": {
                    "type": "match-all-conditions",
                    "conditions": [{"field": "message", "operation": "contains", "expectedValue": "db", "not": True}],
                },
                "timezone": "Europe/Berlin",
                "timeRestriction": {
                    "type": "time-of-day",
                    "restriction": {"startHour": 8, "startMin": 0, "endHour": 18, "endMin": 30},
                },
            },
        ),
        (
            UpdateTeamRoutingRule,
            {"rule_id": "r1", "name": "days"},
            f"PATCH {AT}/r1?teamIdentifierType=id",
            {"name": "days"},
        ),
        (
            ChangeTeamRoutingRuleOrder,
            {"rule_id": "r1", "order": 2},
            f"POST {AT}/r1/change-order?teamIdentifierType=id",
            {"order": 2},
        ),
        (DeleteTeamRoutingRule, {"rule_id": "r1"}, f"DELETE {AT}/r1?teamIdentifierType=id", None),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs({"team": "t1", **inputs}).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("teams", "configuration")


@pytest.mark.parametrize(
    ("command", "inputs", "said"),
    [
        (CreateTeamRoutingRule, {}, "`notify` is missing"),
        (CreateTeamRoutingRule, {"notify": {"type": "user", "id": "u1"}}, "`notify.type`"),
        (CreateTeamRoutingRule, {"notify": {"type": "schedule"}}, "one of `id` and `name`"),
        (CreateTeamRoutingRule, {"notify": {"type": "none", "name": "x"}}, "`name` is not for type none"),
        (CreateTeamRoutingRule, {"notify": NOTIFY, "order": -1}, "`order`"),
        (CreateTeamRoutingRule, {"notify": NOTIFY, "criteria": {"type": "match-any-condition"}}, "`conditions`"),
        (ChangeTeamRoutingRuleOrder, {"rule_id": "r1"}, "`order` is missing"),
        (ChangeTeamRoutingRuleOrder, {"rule_id": "r1", "order": -1}, "`order`"),
        (UpdateTeamRoutingRule, {"rule_id": "r1", "order": 1}, "no input `order`"),
    ],
)
def test_a_wrong_input_is_refused_by_name(command: type[Command], inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        command.read_inputs({"team": "t1", **inputs})


def listed(*rules: dict[str, Any]) -> Answer:
    return answer(200, {"data": [{"id": "r0", "name": "Default", "isDefault": True}, *rules]})


@pytest.mark.parametrize(
    ("name", "given", "seen"),
    [
        ("nights", listed({"id": "r1", "name": "nights", "notify": {**NOTIFY, "id": "e1"}}), Result),
        ("nights", listed({"id": "r1", "name": "nights", "notify": {"type": "none"}}), Seen.UNDECIDED),
        ("nights", listed(), Seen.ABSENT),
    ],
)
async def test_a_lost_rule_is_looked_for_by_its_name(name: str | None, given: Answer, seen: Any) -> None:
    create = CreateTeamRoutingRule.read_inputs({"team": "t1", "name": name, "notify": NOTIFY})
    found = await create.look(GivenSender(by=lambda request: given), START)
    assert isinstance(found, Result) if seen is Result else found is seen


async def test_a_rule_without_a_name_cannot_be_told_from_others() -> None:
    there = listed({"id": "r1", "name": "Rule 1", "notify": NOTIFY})
    create = CreateTeamRoutingRule.read_inputs({"team": "t1", "notify": NOTIFY})
    assert await create.look(GivenSender(there), START) is Seen.UNDECIDED


def test_each_command_says_what_a_lost_answer_means() -> None:
    commands = (CreateTeamRoutingRule, UpdateTeamRoutingRule, ChangeTeamRoutingRuleOrder, DeleteTeamRoutingRule)
    assert [c.spec.repeat for c in commands] == ["verify", "safe", "safe", "verify"]
