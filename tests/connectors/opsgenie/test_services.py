"""Services and their incident rules: the vendor's own samples, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.services import (
    CreateIncidentRule,
    CreateService,
    DeleteIncidentRule,
    DeleteService,
    GetService,
    ListIncidentRules,
    ListServices,
    UpdateIncidentRule,
    UpdateService,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ONE = {"service_id": "s1"}
RULE = {**ONE, "rule_id": "r1"}
CONDITION = {"field": "message", "not": False, "operation": "contains", "expected_value": "Incident"}
CONDITION_SENT = {"field": "message", "not": False, "operation": "contains", "expectedValue": "Incident"}
PROPERTIES = {
    "message": "Incident Message",
    "description": "Incident Description",
    "tags": ["Tag1", "Tag2"],
    "priority": "P4",
    "stakeholder_properties": {"enable": True, "message": "Stakeholder", "description": "More"},
}
PROPERTIES_SENT = {
    "message": "Incident Message",
    "description": "Incident Description",
    "tags": ["Tag1", "Tag2"],
    "priority": "P4",
    "stakeholderProperties": {"enable": True, "message": "Stakeholder", "description": "More"},
}
SAMPLE = {
    "condition_match_type": "match-all-conditions",
    "conditions": [CONDITION],
    "incident_properties": PROPERTIES,
}
SENT = {
    "conditionMatchType": "match-all-conditions",
    "conditions": [CONDITION_SENT],
    "incidentProperties": PROPERTIES_SENT,
}
PRIORITY = {"field": "priority", "operation": "equals", "expected_value": "P1"}


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "repeat"),
    [
        (ListServices, {}, "GET", "/v1/services", None, "safe"),
        (
            ListServices,
            {"query": "name: x", "sort": "name", "order": "asc"},
            "GET",
            "/v1/services?query=name%3A%20x&sort=name&order=asc",
            None,
            "safe",
        ),
        (GetService, ONE, "GET", "/v1/services/s1", None, "safe"),
        (
            CreateService,
            {"name": "Pay", "team_id": "t1", "description": "d", "visibility": "OPSGENIE_USERS", "tags": ["x"]},
            "POST",
            "/v1/services",
            {"name": "Pay", "teamId": "t1", "description": "d", "visibility": "OPSGENIE_USERS", "tags": ["x"]},
            "verify",
        ),
        (UpdateService, {**ONE, "name": "Pay"}, "PATCH", "/v1/services/s1", {"name": "Pay"}, "safe"),
        (DeleteService, ONE, "DELETE", "/v1/services/s1", None, "verify"),
        (ListIncidentRules, ONE, "GET", "/v1/services/s1/incident-rules", None, "safe"),
        (CreateIncidentRule, {**ONE, **SAMPLE}, "POST", "/v1/services/s1/incident-rules", SENT, "verify"),
        (
            CreateIncidentRule,
            {**ONE, "incident_properties": PROPERTIES},
            "POST",
            "/v1/services/s1/incident-rules",
            {"conditionMatchType": "match-all", "incidentProperties": PROPERTIES_SENT},
            "verify",
        ),
        (
            UpdateIncidentRule,
            {**RULE, **SAMPLE, "condition_match_type": "match-any-condition", "conditions": [CONDITION, PRIORITY]},
            "PATCH",
            "/v1/services/s1/incident-rules/r1",
            {
                **SENT,
                "conditionMatchType": "match-any-condition",
                "conditions": [
                    CONDITION_SENT,
                    {"field": "priority", "operation": "equals", "expectedValue": "P1"},
                ],
            },
            "safe",
        ),
        (DeleteIncidentRule, RULE, "DELETE", "/v1/services/s1/incident-rules/r1", None, "verify"),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("services", "configuration", repeat)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 100}, "name"),
        ({"description": "x" * 10_000}, "description"),
        ({"visibility": "EVERYBODY"}, "visibility"),
    ],
)
def test_a_wrong_service_is_refused_before_anything_is_sent(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        CreateService.read_inputs({"name": "x", "team_id": "t", **wrong})
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        UpdateService.read_inputs({**ONE, **wrong})


def properties(**wrong: Any) -> dict[str, Any]:
    return {"incident_properties": {**PROPERTIES, **wrong}}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"service_id": "x" * 131}, "`service_id`"),
        ({"conditions": []}, "`conditions` is mandatory unless all is matched"),
        ({"condition_match_type": "match-all"}, "`conditions` means nothing with match-all"),
        ({"condition_match_type": "any"}, "`condition_match_type`"),
        ({"conditions": [{**CONDITION, "field": "alias"}]}, "`conditions.0.field`"),
        ({"conditions": [{**CONDITION, "operation": "contains-key"}]}, "`operation` of message"),
        ({"conditions": [{**CONDITION, "key": "k"}]}, "`key` is for extra-properties"),
        ({"conditions": [{**CONDITION, "expected_value": "x" * 15_001}]}, "expected_value"),
        ({"incident_properties": {}}, "`incident_properties.message` is missing"),
        (properties(message="x" * 131), "`incident_properties.message`"),
        (properties(description="x" * 10_001), "`incident_properties.description`"),
        (properties(tags=["x"] * 21), "`incident_properties.tags`"),
        (properties(tags=["x" * 51]), "`incident_properties.tags.0`"),
        (properties(details={"k": "x" * 8_000}), "`incident_properties.details`"),
        (properties(priority="P9"), "`incident_properties.priority`"),
        (properties(stakeholder_properties={}), "`incident_properties.stakeholder_properties.message` is missing"),
        (properties(stakeholder_properties={"message": "x" * 131}), "stakeholder_properties.message"),
        (
            properties(stakeholder_properties={"message": "m", "description": "x" * 15_001}),
            "stakeholder_properties.description",
        ),
    ],
)
def test_a_wrong_rule_is_refused_before_anything_is_sent(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        CreateIncidentRule.read_inputs({**ONE, **SAMPLE, **wrong})
    with pytest.raises(InvalidInput, match=says):
        UpdateIncidentRule.read_inputs({**RULE, **SAMPLE, **wrong})


@pytest.mark.parametrize(
    "fields", [{"conditions": [CONDITION]}, {"conditions": []}, {"incident_properties": PROPERTIES}, {}]
)
def test_a_change_that_lacks_the_match_type_is_not_held_against_it(fields: dict[str, Any]) -> None:
    UpdateIncidentRule.read_inputs({**RULE, **fields})


def test_properties_are_mandatory_for_a_new_rule() -> None:
    with pytest.raises(InvalidInput, match="`incident_properties` is missing"):
        CreateIncidentRule.read_inputs(ONE)


# These answers have no `took`, and creations no `result`.
async def test_the_vendors_short_answers_are_taken() -> None:
    created = {"data": {"id": "r1"}, "requestId": "r"}
    command = CreateIncidentRule.read_inputs({**ONE, **SAMPLE})
    assert await command.run(GivenSender(answer(201, created))) == Result({"id": "r1"}, created)
    deleted = {"result": "Deleted", "requestId": "r"}
    gone = DeleteIncidentRule(service_id="s1", rule_id="r1")
    assert await gone.run(GivenSender(answer(200, deleted))) == Result({"result": "Deleted"}, deleted)


async def test_a_lost_rule_is_found_by_all_that_it_says() -> None:
    command = CreateIncidentRule.model_validate({**ONE, **SAMPLE})
    kept = {"id": "r2", "order": 1, **SENT, "incidentProperties": {**PROPERTIES_SENT, "details": {}}}
    other = {**kept, "id": "r1", "incidentProperties": {**PROPERTIES_SENT, "priority": "P5"}}
    seen = await command.look(GivenSender(answer(200, {"data": [other, kept]})), START)
    assert isinstance(seen, Result)
    assert seen.output["id"] == "r2"
    others = answer(200, {"data": [other]})
    assert await command.look(GivenSender(by=lambda request: others), START) is Seen.ABSENT


@pytest.mark.parametrize(("left", "seen"), [(["r2"], Result), (["r1", "r2"], Seen)])
async def test_a_rule_is_gone_once_the_list_lacks_it(left: list[str], seen: type) -> None:
    sender = GivenSender(answer(200, {"data": [{"id": one} for one in left]}))
    assert isinstance(await DeleteIncidentRule(service_id="s1", rule_id="r1").look(sender, START), seen)
    assert sender.requests[0].target == "/v1/services/s1/incident-rules"


async def test_a_lost_service_is_searched_by_its_name() -> None:
    sender = GivenSender(answer(200, {"data": [{"id": "s1", "name": "Pay", "teamId": "t1"}]}))
    seen = await CreateService(name="Pay", team_id="t1").look(sender, START)
    assert isinstance(seen, Result)
    assert sender.requests[0].target == "/v1/services?query=name%3A%20%22Pay%22&limit=100"
