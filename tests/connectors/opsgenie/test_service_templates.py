"""Templates of a service: the request of each command, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.service_templates import (
    CreateServiceIncidentTemplate,
    DeleteServiceIncidentTemplate,
    GetServiceAudienceTemplate,
    ListServiceIncidentTemplates,
    UpdateServiceAudienceTemplate,
    UpdateServiceIncidentTemplate,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ONE = {"service_id": "s1"}
TEMPLATE = {
    "name": "Outage",
    "incident_properties": {"message": "m", "priority": "P1", "stakeholder_properties": {"message": "s"}},
}
SENT = {
    "name": "Outage",
    "incidentProperties": {"message": "m", "priority": "P1", "stakeholderProperties": {"message": "s"}},
}
TEMPLATES = "/v1/services/s1/incident-templates"


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "repeat"),
    [
        (ListServiceIncidentTemplates, ONE, "GET", TEMPLATES, None, "safe"),
        (
            CreateServiceIncidentTemplate,
            {**ONE, **TEMPLATE},
            "POST",
            TEMPLATES,
            {"incidentTemplate": SENT},
            "verify",
        ),
        (
            UpdateServiceIncidentTemplate,
            {**ONE, "template_id": "i1", **TEMPLATE},
            "PUT",
            f"{TEMPLATES}/i1",
            SENT,
            "safe",
        ),
        (
            DeleteServiceIncidentTemplate,
            {**ONE, "template_id": "i1"},
            "DELETE",
            f"{TEMPLATES}/i1",
            None,
            "verify",
        ),
        (GetServiceAudienceTemplate, ONE, "GET", "/v1/services/s1/audience-templates", None, "safe"),
        (
            UpdateServiceAudienceTemplate,
            {
                **ONE,
                "responder": {"teams": ["t1"]},
                "stakeholder": {
                    "condition_match_type": "match-any-condition",
                    "conditions": [{"match_field": "customProperty", "key": "k", "value": "v"}],
                },
            },
            "PATCH",
            "/v1/services/s1/audience-templates",
            {
                "responder": {"teams": ["t1"]},
                "stakeholder": {
                    "conditionMatchType": "match-any-condition",
                    "conditions": [{"matchField": "customProperty", "key": "k", "value": "v"}],
                },
            },
            "safe",
        ),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("services", "configuration", repeat)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"responder": {"teams": ["t"] * 51}}, "`responder.teams`"),
        ({"responder": {"individuals": ["u"] * 51}}, "`responder.individuals`"),
        ({"stakeholder": {"condition_match_type": "match-all"}}, "`stakeholder.condition_match_type`"),
        (
            {"stakeholder": {"conditions": [{"match_field": "customProperty", "value": "v"}]}},
            "`key` is mandatory for customProperty",
        ),
        ({"stakeholder": {"conditions": [{"match_field": "city", "value": ""}]}}, "value"),
    ],
)
def test_a_wrong_audience_is_refused_before_anything_is_sent(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        UpdateServiceAudienceTemplate.read_inputs({**ONE, **wrong})


async def test_a_lost_template_is_found_by_its_name() -> None:
    kept = {"id": "i1", "order": 0, **SENT}
    seen = await CreateServiceIncidentTemplate.model_validate({**ONE, **TEMPLATE}).look(
        GivenSender(answer(200, {"data": [kept]})), START
    )
    assert isinstance(seen, Result)
    assert seen.output["id"] == "i1"
