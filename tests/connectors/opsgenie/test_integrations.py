"""Integrations: the request of each command; their keys are shown nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.connection import OpsgenieConnection
from connectors.opsgenie.integrations import (
    HIDDEN,
    AuthenticateIntegration,
    CreateIntegration,
    CreateIntegrationAction,
    DeleteIntegration,
    DisableIntegration,
    EnableIntegration,
    GetIntegration,
    ListIntegrationActions,
    ListIntegrations,
    UpdateIntegration,
    UpdateIntegrationActions,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ONE = {"integration_id": "i1"}
NEW = {"type": "API", "name": "Playbooks"}
MATCH_ALL = {"condition_match_type": "match-all"}
CLOSE = {"type": "close", "name": "Close", "alias": "{{alias}}", "filter": MATCH_ALL}
CLOSE_SENT = {"type": "close", "name": "Close", "alias": "{{alias}}", "filter": {"conditionMatchType": "match-all"}}
NOTE, NOTE_SENT = {**CLOSE, "type": "addNote", "note": "n"}, {**CLOSE_SENT, "type": "addNote", "note": "n"}
CREATE = {
    "type": "create",
    "name": "Create",
    "alias": "a",
    "filter": {
        "condition_match_type": "match-any-condition",
        "conditions": [{"field": "subject", "not": True, "operation": "starts-with", "expected_value": "x"}],
    },
    "alert_actions": ["Restart"],
    "extra_properties": {"k": 1},
    "ignore_tags_from_payload": True,
}
CREATE_SENT = {
    "type": "create",
    "name": "Create",
    "alias": "a",
    "filter": {
        "conditionMatchType": "match-any-condition",
        "conditions": [{"field": "subject", "not": True, "operation": "starts-with", "expectedValue": "x"}],
    },
    "alertActions": ["Restart"],
    "extraProperties": {"k": "1"},
    "ignoreTagsFromPayload": True,
}
CONFIGURATION, OWN = "configuration", "integration-configuration"


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "limits", "repeat"),
    [
        (ListIntegrations, {}, "GET", "/v2/integrations", None, CONFIGURATION, "safe"),
        (
            ListIntegrations,
            {"type": "API", "team_id": "t1", "team_name": "Pay"},
            "GET",
            "/v2/integrations?type=API&teamId=t1&teamName=Pay",
            None,
            CONFIGURATION,
            "safe",
        ),
        (GetIntegration, ONE, "GET", "/v2/integrations/i1", None, CONFIGURATION, "safe"),
        (EnableIntegration, ONE, "POST", "/v2/integrations/i1/enable", None, CONFIGURATION, "safe"),
        (DisableIntegration, ONE, "POST", "/v2/integrations/i1/disable", None, CONFIGURATION, "safe"),
        (
            CreateIntegration,
            {**NEW, "owner_team": "Pay", "is_global": False, "settings": {"allowWriteAccess": True}},
            "POST",
            "/v2/integrations",
            {**NEW, "ownerTeam": {"name": "Pay"}, "isGlobal": False, "allowWriteAccess": True},
            OWN,
            "verify",
        ),
        (
            UpdateIntegration,
            {**ONE, **NEW, "enabled": False},
            "PUT",
            "/v2/integrations/i1",
            {**NEW, "enabled": False},
            OWN,
            "safe",
        ),
        (DeleteIntegration, ONE, "DELETE", "/v2/integrations/i1", None, OWN, "verify"),
        (
            AuthenticateIntegration,
            {"type": "API"},
            "POST",
            "/v2/integrations/authenticate",
            {"type": "API"},
            CONFIGURATION,
            "safe",
        ),
        (ListIntegrationActions, ONE, "GET", "/v2/integrations/i1/actions", None, CONFIGURATION, "safe"),
        (
            CreateIntegrationAction,
            {**ONE, "action": CREATE},
            "POST",
            "/v2/integrations/i1/actions",
            CREATE_SENT,
            CONFIGURATION,
            "verify",
        ),
        (
            UpdateIntegrationActions,
            {**ONE, "create": [CREATE], "close": [CLOSE], "add_note": [NOTE], "ignore": []},
            "PUT",
            "/v2/integrations/i1/actions",
            {"create": [CREATE_SENT], "close": [CLOSE_SENT], "addNote": [NOTE_SENT], "ignore": []},
            CONFIGURATION,
            "safe",
        ),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, limits: str, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("integrations", limits, repeat)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "x" * 251}, "`name`"),
        ({"type": ""}, "`type`"),
        ({"settings": {"name": "x"}}, "`settings` must not hold name: it is an input"),
        ({"allow_write_access": True}, "`allow_write_access`"),
    ],
)
def test_a_wrong_integration_is_refused_before_anything_is_sent(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        CreateIntegration.read_inputs({**NEW, **wrong})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"alias": None}, "`alias` is mandatory unless the type is ignore"),
        ({"filter": {"condition_match_type": "match-all-conditions"}}, "`conditions` is mandatory"),
        ({"type": "reopen"}, "type"),
        ({"order": -1}, "order"),
        ({"message": "x" * 131}, "message"),
    ],
)
def test_a_wrong_action_is_refused_before_anything_is_sent(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        CreateIntegrationAction.read_inputs({**ONE, "action": {**CLOSE, **wrong}})


def test_each_list_of_actions_holds_its_own_type() -> None:
    with pytest.raises(InvalidInput, match="`create` holds an action of another type"):
        UpdateIntegrationActions.read_inputs({**ONE, "create": [CLOSE]})


def test_to_ask_whose_key_it_is_takes_the_right_to_read() -> None:
    assert OpsgenieConnection.right_needed(AuthenticateIntegration.spec) == "Read and Configuration access"


@pytest.mark.parametrize(
    "command", [CreateIntegration(type="API", name="Playbooks"), GetIntegration(integration_id="i1")]
)
async def test_the_key_of_an_integration_is_not_shown(command: Command) -> None:
    key = "7f9c2ba4-e88f-41d6-a3c1-3f0e8c8d2b11"
    document = {"data": {"id": "i1", "name": "Playbooks", "apiKey": key}, "requestId": "r"}
    result = await command.run(GivenSender(answer(201, document)))
    assert result.output == {"id": "i1", "name": "Playbooks", "apiKey": HIDDEN}
    assert key not in str(result.raw)


async def test_a_lost_action_is_found_among_those_of_its_type() -> None:
    command = CreateIntegrationAction.model_validate({**ONE, "action": CLOSE})
    kept = {"_parent": {"id": "i1"}, "create": [CREATE_SENT], "close": [{**CLOSE_SENT, "order": 0}]}
    seen = await command.look(GivenSender(answer(200, {"data": kept})), START)
    assert isinstance(seen, Result)
    assert seen.output["name"] == "Close"
