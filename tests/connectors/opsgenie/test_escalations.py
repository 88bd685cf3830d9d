"""Escalations: the request of each command, the limits, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.escalations import (
    CreateEscalation,
    DeleteEscalation,
    GetEscalation,
    ListEscalations,
    UpdateEscalation,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

RULE: dict[str, Any] = {"delay": {"time_amount": 5}, "recipient": {"type": "schedule", "name": "ops"}}
WIRE = {
    "condition": "if-not-acked",
    "notifyType": "default",
    "delay": {"timeAmount": 5},
    "recipient": {"type": "schedule", "name": "ops"},
}
GIVEN = {"name": "esc", "rules": [RULE]}


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (ListEscalations, {}, "GET /v2/escalations", None),
        (
            GetEscalation,
            {"identifier": "a/b", "identifier_type": "name"},
            "GET /v2/escalations/a%2Fb?identifierType=name",
            None,
        ),
        (CreateEscalation, GIVEN, "POST /v2/escalations", {"name": "esc", "rules": [WIRE]}),
        (
            CreateEscalation,
            {
                "name": "esc",
                "description": "d",
                "owner_team": {"id": "t1"},
                "rules": [
                    {
                        "condition": "if-not-closed",
                        "notify_type": "random",
                        "delay": {"time_amount": 1, "time_unit": "hours"},
                        "recipient": {"type": "user", "username": "ana@example.com"},
                    }
                ],
                "repeat": {
                    "wait_interval": 10,
                    "count": 2,
                    "reset_recipient_states": True,
                    "close_alert_after_all": False,
                },
            },
            "POST /v2/escalations",
            {
                "name": "esc",
                "description": "d",
                "ownerTeam": {"id": "t1"},
                "rules": [
                    {
                        "condition": "if-not-closed",
                        "notifyType": "random",
                        "delay": {"timeAmount": 1, "timeUnit": "hours"},
                        "recipient": {"type": "user", "username": "ana@example.com"},
                    }
                ],
                "repeat": {
                    "waitInterval": 10,
                    "count": 2,
                    "resetRecipientStates": True,
                    "closeAlertAfterAll": False,
                },
            },
        ),
        (
            UpdateEscalation,
            {"identifier": "e1", "rules": [RULE]},
            "PATCH /v2/escalations/e1?identifierType=id",
            {"rules": [WIRE]},
        ),
        (DeleteEscalation, {"identifier": "e1"}, "DELETE /v2/escalations/e1?identifierType=id", None),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs(inputs).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("escalations", "configuration")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"name": ""}, "`name`"),
        ({"rules": []}, "`rules`"),
        ({"rules": [{**RULE, "condition": "if-not-seen"}]}, "`rules.0.condition`"),
        ({"rules": [{**RULE, "notify_type": "some"}]}, "`rules.0.notify_type`"),
        ({"rules": [{**RULE, "delay": {"time_amount": -1}}]}, "`rules.0.delay.time_amount`"),
        ({"rules": [{"recipient": RULE["recipient"]}]}, "`rules.0.delay` is missing"),
        ({"rules": [{"delay": RULE["delay"]}]}, "`rules.0.recipient` is missing"),
        ({"rules": [{**RULE, "recipient": {"type": "escalation", "id": "1"}}]}, "`rules.0.recipient.type`"),
        ({"rules": [{**RULE, "recipient": {"type": "user", "name": "ana"}}]}, "`name` is not for type user"),
        ({"repeat": {"count": -1}}, "`repeat.count`"),
        ({"repeat": {"wait_interval": -1}}, "`repeat.wait_interval`"),
    ],
)
def test_a_wrong_input_is_refused_by_name(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        CreateEscalation.read_inputs({**GIVEN, **inputs})


def listed(*escalations: dict[str, Any]) -> Answer:
    return answer(200, {"data": list(escalations)})


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (listed({"id": "e1", "name": "esc", "rules": [{**WIRE, "id": "x"}]}), Result),
        (listed({"id": "e1", "name": "esc", "rules": []}), Seen.UNDECIDED),
        (listed({"id": "e1", "name": "other"}), Seen.ABSENT),
    ],
)
async def test_a_lost_creation_is_looked_for_by_its_name(given: Answer, seen: Any) -> None:
    found = await CreateEscalation.read_inputs(GIVEN).look(GivenSender(by=lambda request: given), START)
    assert isinstance(found, Result) if seen is Result else found is seen


def test_each_command_says_what_a_lost_answer_means() -> None:
    commands = (CreateEscalation, UpdateEscalation, DeleteEscalation)
    assert [c.spec.repeat for c in commands] == ["verify", "safe", "verify"]
    assert DeleteEscalation.spec.effect == "destructive"
