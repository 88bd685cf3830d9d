"""Alerts as they stand: the request of each read."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.alerts.reading import (
    CountAlerts,
    GetAlert,
    GetRequestStatus,
    ListLogs,
    ListNotes,
    ListRecipients,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command
from playbooks_engine.testing import GivenSender, answer


@pytest.mark.parametrize(
    ("command", "inputs", "target"),
    [
        (GetAlert, {"identifier": "a1"}, "/v2/alerts/a1?identifierType=id"),
        (
            GetAlert,
            {"identifier": "db-1/disk ü", "identifier_type": "alias"},
            "/v2/alerts/db-1%2Fdisk%20%C3%BC?identifierType=alias",
        ),
        (CountAlerts, {}, "/v2/alerts/count"),
        (CountAlerts, {"query": "status: open"}, "/v2/alerts/count?query=status%3A%20open"),
        (
            CountAlerts,
            {"search_identifier": "mine", "search_identifier_type": "name"},
            "/v2/alerts/count?searchIdentifier=mine&searchIdentifierType=name",
        ),
        (ListNotes, {"identifier": "17", "identifier_type": "tiny"}, "/v2/alerts/17/notes?identifierType=tiny"),
        (ListLogs, {"identifier": "a1", "order": "asc"}, "/v2/alerts/a1/logs?identifierType=id&order=asc"),
        (ListRecipients, {"identifier": "a1"}, "/v2/alerts/a1/recipients?identifierType=id"),
        (GetRequestStatus, {"request_id": "r-1"}, "/v2/alerts/requests/r-1"),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], target: str) -> None:
    request = command.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == ("GET", target, None)
    assert (command.spec.area, command.spec.limits, command.spec.effect) == ("alerts", "alert", "read")


@pytest.mark.parametrize(
    ("command", "inputs", "field"),
    [
        (GetAlert, {"identifier": "a1", "identifier_type": "name"}, "identifier_type"),
        (ListLogs, {"identifier": "a1", "order": "up"}, "order"),
        (ListNotes, {"identifier": "a1", "max_items": 0}, "max_items"),
        (CountAlerts, {"search_identifier_type": "id"}, "search_identifier_type"),
        (GetRequestStatus, {}, "request_id"),
    ],
)
def test_a_wrong_input_is_refused_by_name(command: type[Command], inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        command.read_inputs(inputs)


async def test_all_notes_are_listed() -> None:
    first = {"data": [{"note": "b"}], "paging": {"next": "https://x.example.com/?offset=5_6&direction=next"}}
    sender = GivenSender(answer(200, first), answer(200, {"data": [{"note": "a"}]}))
    assert [n["note"] for n in (await ListNotes(identifier="a1").run(sender)).output] == ["b", "a"]
    assert sender.sent[1].target == "/v2/alerts/a1/notes?identifierType=id&limit=100&offset=5_6"
