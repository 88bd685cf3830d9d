"""What an alert says, changed: the requests, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.alerts.changing import (
    AddDetails,
    AddTags,
    RemoveDetails,
    RemoveTags,
    UpdateAlertDescription,
    UpdateAlertMessage,
    UpdateAlertPriority,
)
from connectors.opsgenie.shapes import Change
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (
            AddTags,
            {"tags": ["db", "a,b"], "note": "n", "user": "u", "source": "s"},
            "POST /v2/alerts/a%2F1/tags?identifierType=id",
            {"tags": ["db", "a,b"], "note": "n", "user": "u", "source": "s"},
        ),
        (
            RemoveTags,
            {"tags": ["db", "p d"], "note": "n", "user": "u", "source": "s"},
            "DELETE /v2/alerts/a%2F1/tags?identifierType=id&user=u&source=s&note=n&tags=db%2Cp%20d",
            None,
        ),
        (
            AddDetails,
            {"details": {"free_space": 5, "up": True}},
            "POST /v2/alerts/a%2F1/details?identifierType=id",
            {"details": {"free_space": "5", "up": "true"}},
        ),
        (
            RemoveDetails,
            {"keys": ["a", "b"], "identifier_type": "alias"},
            "DELETE /v2/alerts/a%2F1/details?identifierType=alias&keys=a%2Cb",
            None,
        ),
        (
            UpdateAlertPriority,
            {"priority": "P1"},
            "PUT /v2/alerts/a%2F1/priority?identifierType=id",
            {"priority": "P1"},
        ),
        (UpdateAlertMessage, {"message": "m"}, "PUT /v2/alerts/a%2F1/message?identifierType=id", {"message": "m"}),
        (
            UpdateAlertDescription,
            {"description": "d", "identifier_type": "tiny"},
            "PUT /v2/alerts/a%2F1/description?identifierType=tiny",
            {"description": "d"},
        ),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs({"identifier": "a/1", **inputs}).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)


@pytest.mark.parametrize(
    ("command", "inputs", "field"),
    [
        (AddTags, {"tags": []}, "tags"),
        (AddTags, {"tags": ["x"] * 21}, "tags"),
        (AddTags, {"tags": ["x" * 51]}, "tags.0"),
        (RemoveTags, {"tags": ["a,b"]}, "tags.0"),
        (RemoveTags, {"tags": []}, "tags"),
        (AddDetails, {"details": {}}, "details"),
        (AddDetails, {"details": {"a": "x" * 8_000}}, "details"),
        (RemoveDetails, {"keys": ["a,b"]}, "keys.0"),
        (RemoveDetails, {"keys": []}, "keys"),
        (UpdateAlertPriority, {"priority": "P6"}, "priority"),
        (UpdateAlertPriority, {"priority": "P1", "note": "n"}, "note"),
        (UpdateAlertMessage, {"message": ""}, "message"),
        (UpdateAlertMessage, {"message": "x" * 131}, "message"),
        (UpdateAlertDescription, {"description": "x" * 15_001}, "description"),
    ],
)
def test_a_wrong_input_is_refused_by_name(command: type[Command], inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        command.read_inputs({"identifier": "a1", **inputs})


@pytest.mark.parametrize(
    ("command", "effect", "repeat"),
    [
        (AddTags, "write", "verify"),
        (RemoveTags, "destructive", "verify"),
        (AddDetails, "write", "verify"),
        (RemoveDetails, "destructive", "verify"),
        (UpdateAlertPriority, "write", "safe"),
        (UpdateAlertMessage, "write", "safe"),
        (UpdateAlertDescription, "write", "safe"),
    ],
)
def test_each_command_says_what_it_does_and_what_a_lost_answer_means(
    command: type[Command], effect: str, repeat: str
) -> None:
    spec = command.spec
    assert (spec.area, spec.limits, spec.effect, spec.repeat) == ("alerts", "alert", effect, repeat)


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (AddTags(identifier="a1", tags=["a", "b"]), {"tags": ["a"]}, {"tags": ["c", "b", "a"]}),
        (RemoveTags(identifier="a1", tags=["a", "b"]), {"tags": ["c", "b"]}, {"tags": ["c"]}),
        (RemoveTags(identifier="a1", tags=["a"]), {"tags": ["a"]}, {}),
        (AddDetails(identifier="a1", details={"a": "1"}), {"details": {"a": "2"}}, {"details": {"a": "1", "b": "2"}}),
        (AddDetails(identifier="a1", details={"a": "1"}), {}, {"details": {"a": "1"}}),
        (RemoveDetails(identifier="a1", keys=["a"]), {"details": {"a": "1"}}, {"details": {"b": "1"}}),
    ],
)
async def test_a_lost_change_is_seen_in_the_alert(
    command: Change, before: dict[str, Any], after: dict[str, Any]
) -> None:
    old, new = (answer(200, {"data": {"id": "a1", **fields}}) for fields in (before, after))
    assert isinstance(await command.look(GivenSender(old, new), START), Result)
    assert await command.look(GivenSender(by=lambda request: old), START) is Seen.ABSENT
