"""Files attached to alerts: the request of each command, and how a lost change is looked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.opsgenie.alerts.attachments import AddAttachment, GetAttachment, ListAttachments, RemoveAttachment
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Answer, Command, File, Request, Result, Seen
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


def adding(**inputs: Any) -> AddAttachment:
    return AddAttachment.read_inputs({"identifier": "a1", "file": "logs/df.txt", **inputs})


def test_a_file_is_added_in_a_form_with_its_other_fields() -> None:
    request = adding(alert_identifier_type="alias", user="ana", index_file="index.html").request()
    assert (request.method, request.target) == ("POST", "/v2/alerts/a1/attachments?alertIdentifierType=alias")
    assert request.files == {"file": File("logs/df.txt")}
    assert request.body == {"user": "ana", "indexFile": "index.html"}
    assert (AddAttachment.spec.area, AddAttachment.spec.limits, AddAttachment.spec.effect) == (
        "alerts", "alert", "write",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"file": "../project.yml"}, "file"),
        ({"file": "/etc/passwd"}, "file"),
        ({"file": ""}, "file"),
        ({"user": "x" * 101}, "user"),
        ({"index_file": "x" * 513}, "index_file"),
        ({"alert_identifier_type": "name"}, "alert_identifier_type"),
    ],
)
def test_a_wrong_input_of_an_addition_is_refused_by_name(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        adding(**inputs)


async def looked(files: list[str], logs: list[tuple[str, int]]) -> Result | Seen:
    """What looking for df.txt tells; a log entry has its seconds after the request was sent."""

    def by(request: Request) -> Answer:
        assert dict(request.query)["identifierType" if "logs" in request.path else "alertIdentifierType"] == "tiny"
        if request.path.endswith("/logs"):
            at = [(text, (START + timedelta(seconds=seconds)).isoformat()) for text, seconds in logs]
            return answer(200, {"data": [{"log": text, "createdAt": moment} for text, moment in at]})
        return answer(200, {"data": [{"name": name, "id": str(n)} for n, name in enumerate(files, 7)]})

    return await adding(alert_identifier_type="tiny").look(GivenSender(by=by), START)


async def test_a_lost_addition_is_found_where_the_log_names_the_file_since() -> None:
    found = await looked(["other", "df.txt"], [("Added attachment: df.txt", 1)])
    assert isinstance(found, Result)
    assert found.output == {"id": "8"}


async def test_a_lost_addition_that_is_not_in_the_list_did_not_happen() -> None:
    assert await looked(["other"], []) is Seen.ABSENT


async def test_a_name_of_other_letters_may_be_listed_otherwise_and_decides_nothing() -> None:
    nothing = GivenSender(by=lambda request: answer(200, {"data": [{"name": "gr??e.txt", "id": "7"}]}))
    assert await adding(file="größe.txt").look(nothing, START) is Seen.UNDECIDED


@pytest.mark.parametrize(
    ("files", "logs"),
    [
        (["df.txt"], []),
        (["df.txt"], [("Added attachment: df.txt", -600)]),
        (["df.txt"], [("Added attachment: other", 1)]),
        (["df.txt", "df.txt"], [("Added attachment: df.txt", 1)]),
    ],
)
async def test_a_file_of_this_name_that_may_be_older_decides_nothing(
    files: list[str], logs: list[tuple[str, int]]
) -> None:
    assert await looked(files, logs) is Seen.UNDECIDED
