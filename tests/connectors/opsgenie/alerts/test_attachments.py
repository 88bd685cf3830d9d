"""Files attached to alerts: the request of each command, and how a lost removal is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.alerts.attachments import GetAttachment, ListAttachments, RemoveAttachment
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START


@pytest.mark.parametrize(
    ("command", "inputs", "route"),
    [
        (ListAttachments, {}, "GET /v2/alerts/a1/attachments?alertIdentifierType=id"),
        (
            GetAttachment,
            {"attachment_id": 7, "alert_identifier_type": "tiny"},
            "GET /v2/alerts/a1/attachments/7?alertIdentifierType=tiny",
        ),
        (
            RemoveAttachment,
            {"attachment_id": 7, "user": "ana"},
            "DELETE /v2/alerts/a1/attachments/7?alertIdentifierType=id&user=ana",
        ),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str) -> None:
    request = command.read_inputs({"identifier": "a1", **inputs}).request()
    assert (f"{request.method} {request.target}", request.body) == (route, None)
    assert (command.spec.area, command.spec.limits) == ("alerts", "alert")


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({}, "attachment_id"),
        ({"attachment_id": "x"}, "attachment_id"),
        ({"attachment_id": -1}, "attachment_id"),
        ({"attachment_id": 1, "alert_identifier_type": "name"}, "alert_identifier_type"),
        ({"attachment_id": 1, "user": "x" * 101}, "user"),
    ],
)
def test_a_wrong_input_is_refused_by_name(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        RemoveAttachment.read_inputs({"identifier": "a1", **inputs})


async def test_a_removed_file_cannot_be_found() -> None:
    removal = RemoveAttachment(identifier="a1", attachment_id=7)
    assert isinstance(await removal.look(GivenSender(answer(404, {"message": "No such file"})), START), Result)
    there = answer(200, {"data": {"name": "log", "url": "https://x.example.com"}})
    assert await removal.look(GivenSender(by=lambda request: there), START) is Seen.ABSENT
