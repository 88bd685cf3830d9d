"""Forwarding rules: the request of each command, and how a lost rule is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.forwarding_rules import (
    CreateForwardingRule,
    DeleteForwardingRule,
    GetForwardingRule,
    ListForwardingRules,
    UpdateForwardingRule,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

RULE = {
    "from_user": "ana@example.com",
    "to_user": {"id": "u2"},
    "start_date": "2026-06-03 00:00",
    "end_date": "2026-06-10 00:00",
}
BODY = {
    "fromUser": {"username": "ana@example.com"},
    "toUser": {"id": "u2"},
    "startDate": "2026-06-03T00:00:00.000Z",
    "endDate": "2026-06-10T00:00:00.000Z",
}


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "repeat"),
    [
        (ListForwardingRules, {}, "GET", "/v2/forwarding-rules", None, "safe"),
        (
            GetForwardingRule,
            {"identifier": "f1"},
            "GET",
            "/v2/forwarding-rules/f1?identifierType=id",
            None,
            "safe",
        ),
        (CreateForwardingRule, RULE, "POST", "/v2/forwarding-rules", BODY, "verify"),
        (
            CreateForwardingRule,
            {**RULE, "alias": "holiday"},
            "POST",
            "/v2/forwarding-rules",
            {**BODY, "alias": "holiday"},
            "verify",
        ),
        (
            UpdateForwardingRule,
            {"identifier": "holiday", "identifier_type": "alias", **RULE},
            "PUT",
            "/v2/forwarding-rules/holiday?identifierType=alias",
            BODY,
            "safe",
        ),
        (
            DeleteForwardingRule,
            {"identifier": "holiday", "identifier_type": "alias"},
            "DELETE",
            "/v2/forwarding-rules/holiday?identifierType=alias",
            None,
            "verify",
        ),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == (
        "forwarding_rules",
        "configuration",
        repeat,
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"end_date": "2026-06-03 00:00"}, "end_date"),
        ({"end_date": "2026-06-02 00:00"}, "end_date"),
        ({"end_date": "later"}, "end_date"),
        ({"to_user": "ana@example.com"}, "to_user"),
        ({"to_user": {}}, "to_user"),
        ({"from_user": {"id": "1", "username": "x"}}, "from_user"),
        ({"alias": ""}, "alias"),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_sent(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}"):
        CreateForwardingRule.read_inputs({**RULE, **wrong})


def kept(**fields: Any) -> dict[str, Any]:
    return {
        "id": "f1",
        "fromUser": {"id": "u1", "username": "ana@example.com"},
        "toUser": {"id": "u2", "username": "ben@example.com"},
        "startDate": "2026-06-03T00:00:00Z",
        "endDate": "2026-06-10T00:00:00Z",
        "alias": "f1",
        **fields,
    }


async def test_a_lost_rule_is_found_by_all_that_it_says() -> None:
    seen = await CreateForwardingRule.model_validate(RULE).look(
        GivenSender(answer(200, {"data": [kept(toUser={"id": "u3"}), kept()]})), START
    )
    assert isinstance(seen, Result)
    assert seen.output["id"] == "f1"


async def test_a_rule_of_somebody_else_is_not_ours() -> None:
    others = answer(200, {"data": [kept(toUser={"id": "u3"}), kept(endDate="2026-06-11T00:00:00Z")]})
    seen = await CreateForwardingRule.model_validate(RULE).look(GivenSender(by=lambda request: others), START)
    assert seen is Seen.ABSENT
