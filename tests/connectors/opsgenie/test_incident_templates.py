"""Templates of incidents: the requests, the limits, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.incident_templates import (
    CreateIncidentTemplate,
    DeleteIncidentTemplate,
    ListIncidentTemplates,
    UpdateIncidentTemplate,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

GIVEN: dict[str, Any] = {
    "name": "Outage",
    "message": "Down",
    "priority": "P1",
    "stakeholder_properties": {"message": "We look at it"},
}
WIRE = {"name": "Outage", "message": "Down", "priority": "P1", "stakeholderProperties": {"message": "We look at it"}}


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (ListIncidentTemplates, {}, "GET /v1/incident-templates", None),
        (CreateIncidentTemplate, GIVEN, "POST /v1/incident-templates", WIRE),
        (
            CreateIncidentTemplate,
            {**GIVEN, "description": "d", "tags": ["x"], "details": {"a": 1}, "impacted_services": ["s1"]},
            "POST /v1/incident-templates",
            {**WIRE, "description": "d", "tags": ["x"], "details": {"a": "1"}, "impactedServices": ["s1"]},
        ),
        (UpdateIncidentTemplate, {**GIVEN, "template_id": "t/1"}, "PUT /v1/incident-templates/t%2F1", WIRE),
        (DeleteIncidentTemplate, {"template_id": "t1"}, "DELETE /v1/incident-templates/t1", None),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs(inputs).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("incidents", "incident")


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"name": ""}, "name"),
        ({"message": "x" * 131}, "message"),
        ({"priority": "P0"}, "priority"),
        ({"description": "x" * 15_001}, "description"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"impacted_services": ["s"] * 21}, "impacted_services"),
        ({"stakeholder_properties": {}}, "stakeholder_properties.message"),
    ],
)
def test_the_vendors_limits_are_checked_before_anything_is_sent(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        CreateIncidentTemplate.read_inputs({**GIVEN, **inputs})


@pytest.mark.parametrize("data", [[{"id": "t1"}], {"incidentTemplates": [{"id": "t1"}]}])
async def test_templates_are_a_list_either_way(data: Any) -> None:
    result = await ListIncidentTemplates().run(GivenSender(answer(200, {"data": data})))
    assert result.output == [{"id": "t1"}]


def listed(*templates: dict[str, Any]) -> Answer:
    return answer(200, {"data": {"incidentTemplates": list(templates)}})


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (listed({"id": "t1", **WIRE}), Result),
        (listed({"id": "t1", **WIRE, "message": "Other"}), Seen.UNDECIDED),
        (listed({"id": "t1", "name": "Other"}), Seen.ABSENT),
    ],
)
async def test_a_lost_creation_is_looked_for_by_its_name(given: Answer, seen: Any) -> None:
    found = await CreateIncidentTemplate.read_inputs(GIVEN).look(GivenSender(by=lambda request: given), START)
    assert isinstance(found, Result) if seen is Result else found is seen


async def test_a_deleted_template_is_not_in_the_list() -> None:
    assert isinstance(await DeleteIncidentTemplate(template_id="t1").look(GivenSender(listed()), START), Result)
    assert await DeleteIncidentTemplate(template_id="t1").look(GivenSender(listed({"id": "t1"})), START) is Seen.ABSENT
    assert UpdateIncidentTemplate.spec.repeat == "safe"
