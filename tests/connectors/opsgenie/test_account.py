"""The account, and whether the connection works: each way not to work is told apart."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.account import GetAccount
from connectors.opsgenie.account import TestConnection as Check
from connectors.opsgenie.connection import OpsgenieConnection
from playbooks_engine.errors import AuthFailed, CommandFailed, ConnectionFailed, InvalidInput, UnexpectedAnswer
from playbooks_engine.sdk import Answer
from playbooks_engine.testing import GivenSender, answer

ALERTS = answer(200, {"data": [], "took": 0.1, "requestId": "r"})
ACCOUNT = answer(200, {"data": {"name": "Acme", "userCount": 3, "plan": {"name": "Enterprise"}}})
CONNECTION = OpsgenieConnection.model_validate({"connector": "opsgenie", "api_key": "env:OPSGENIE_API_KEY"})


def opsgenie(*answers: Answer | Exception) -> GivenSender:
    return GivenSender(*answers, connection=CONNECTION, spec=Check.spec)


def refused(status: int, message: str, **more: Any) -> Answer:
    return answer(status, {"message": message, "took": 0.002, "requestId": "r", **more})


LACKS = refused(403, "You are not authorized to access Account", code=40301)


async def test_the_check_reads_one_alert_and_the_account() -> None:
    sender = opsgenie(ALERTS, ACCOUNT)
    result = await Check().run(sender)
    assert result.output == {
        "message": "Passed",
        "read_alerts": "yes",
        "read_configuration": "yes",
        "account": "Acme",
        "change_alerts": "not tested",
        "notes": ["read alerts: yes", "read configuration: yes", "account: Acme", "change alerts: not tested"],
    }
    assert [(r.method, r.target) for r in sender.sent] == [("GET", "/v2/alerts?limit=1"), ("GET", "/v2/account")]


async def test_a_key_without_configuration_access_passes_and_it_is_said() -> None:
    result = await Check().run(opsgenie(ALERTS, LACKS))
    assert result.output["message"] == "Passed"
    assert result.output["read_configuration"] == "no: the key lacks Configuration access"


@pytest.mark.parametrize(
    "given",
    [
        refused(429, "You are making too many requests!"),
        refused(500, "Internal Server Error"),
        refused(404, "No handler found"),
        ConnectionFailed("The connection broke."),
        answer(200, {"status": "ok"}),
        Answer(200, {"content-type": "text/html"}, b"<html>"),
    ],
)
async def test_what_fails_after_the_alerts_were_read_fails_no_check(given: Answer | Exception) -> None:
    result = await Check().run(opsgenie(ALERTS, given))
    assert result.output["message"] == "Passed"
    assert str(result.output["read_configuration"]).startswith("not known: ")


@pytest.mark.parametrize(
    ("given", "kind", "hint"),
    [
        (refused(422, "Key format is not valid!"), "unprocessable", "in the form of a UUID"),
        (refused(401, "Could not authenticate"), "auth", "wrong, its integration is disabled, or it belongs to the"),
        (refused(403, "You are not authorized.", code=40301), "forbidden", "lacks a right: this needs Read."),
        (refused(403, "Not supported", code=40302), "forbidden", "does not support this request"),
        (refused(402, "Upgrade"), "plan", "The account's plan does not include this"),
        (refused(429, "You are making too many requests!"), "rate_limited", "fewer requests"),
        (refused(404, "No handler found"), "not_found", "correct server_url or api_version"),
        (refused(503, "Internal Server Error"), "server_error", None),
        (ConnectionFailed("Name or service not known."), "connection", None),
        (Answer(404, {"content-type": "text/html"}, b"<html>"), "unexpected_answer", "does not look like Opsgenie"),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), "unexpected_answer", "Another server than expected"),
        (answer(200, {"status": "ok"}), "unexpected_answer", "does not look like Opsgenie"),
    ],
)
async def test_each_way_not_to_work_is_told_apart(given: Answer | Exception, kind: str, hint: str | None) -> None:
    sender = opsgenie(given)
    with pytest.raises(CommandFailed) as caught:
        await Check().run(sender)
    assert caught.value.type == kind
    assert hint is None or hint in str(caught.value.hint)
    assert len(sender.sent) == 1


async def test_an_answer_that_is_not_opsgenies_does_not_pass() -> None:
    with pytest.raises(UnexpectedAnswer):
        await Check().run(opsgenie(answer(200, {"status": "ok"})))


def test_a_failure_is_told_in_the_words_of_d3() -> None:
    assert Check.spec.failure == "Test Connection failed. Failed to check the connector."


async def test_the_account_can_be_read() -> None:
    assert (GetAccount().request().target, GetAccount.spec.reads) == ("/v2/account", True)
    assert OpsgenieConnection.right_needed(GetAccount.spec) == "Read and Configuration access"
    assert (await GetAccount().run(opsgenie(ACCOUNT))).output["name"] == "Acme"


UNOFFERED = InvalidInput("The door of Jira Service Management for integrations does not offer this.")
UNKNOWN = "/v2/alerts/requests/00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "given", [answer(404, {"message": "Request not found."}), answer(200, {"data": {"isSuccess": True}})]
)
async def test_a_door_that_lists_no_alerts_is_asked_for_a_request_that_cannot_exist(given: Answer) -> None:
    sender = opsgenie(UNOFFERED, given)
    result = await Check().run(sender)
    assert result.output == {
        "message": "Passed",
        "read_alerts": "no: not offered here",
        "change_alerts": "not tested",
        "notes": ["read alerts: no: not offered here", "change alerts: not tested"],
    }
    assert sender.sent[1].target == UNKNOWN


async def test_a_key_that_the_door_refuses_does_not_pass() -> None:
    with pytest.raises(AuthFailed, match="Could not authenticate"):
        await Check().run(opsgenie(UNOFFERED, refused(401, "Could not authenticate")))
    with pytest.raises(UnexpectedAnswer):
        await Check().run(opsgenie(UNOFFERED, Answer(404, {"content-type": "text/html"}, b"<html>")))
