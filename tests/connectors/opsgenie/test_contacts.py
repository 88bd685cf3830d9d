"""Contacts: the request of each command."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.contacts import (
    CreateContact,
    DeleteContact,
    DisableContact,
    EnableContact,
    GetContact,
    ListContacts,
    UpdateContact,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command

ONE = {"identifier": "ana@example.com", "contact_id": "c1"}
PATH = "/v2/users/ana%40example.com/contacts"


@pytest.mark.parametrize(
    ("command", "inputs", "method", "target", "body", "repeat"),
    [
        (ListContacts, {"identifier": "ana@example.com"}, "GET", PATH, None, "safe"),
        (GetContact, ONE, "GET", f"{PATH}/c1", None, "safe"),
        (
            CreateContact,
            {"identifier": "ana@example.com", "method": "sms", "to": "49-1"},
            "POST",
            PATH,
            {"method": "sms", "to": "49-1"},
            "verify",
        ),
        (UpdateContact, {**ONE, "to": "49-2"}, "PATCH", f"{PATH}/c1", {"to": "49-2"}, "safe"),
        (EnableContact, ONE, "POST", f"{PATH}/c1/enable", None, "safe"),
        (DisableContact, ONE, "POST", f"{PATH}/c1/disable", None, "safe"),
        (DeleteContact, ONE, "DELETE", f"{PATH}/c1", None, "verify"),
    ],
)
def test_a_command_builds_its_request(
    command: type[Command], inputs: dict[str, Any], method: str, target: str, body: Any, repeat: str
) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == (method, target, body)
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("contacts", "configuration", repeat)


@pytest.mark.parametrize(
    ("wrong", "field"), [({"method": "fax"}, "method"), ({"to": ""}, "to"), ({"to": "x" * 512}, "to")]
)
def test_a_wrong_value_is_refused_before_anything_is_sent(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        CreateContact.read_inputs({"identifier": "1", "method": "email", "to": "ana@example.com", **wrong})
