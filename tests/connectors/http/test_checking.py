"""Whether a service answers and takes the key."""

from __future__ import annotations

import pytest

from connectors.http.checking import TestConnection as Check
from connectors.http.connection import HttpServiceConnection
from playbooks_engine.errors import CommandFailed, ConnectionFailed
from playbooks_engine.sdk import Answer
from playbooks_engine.testing import GivenSender

CONNECTION = HttpServiceConnection.model_validate({"connector": "http", "server_url": "https://idp.example.com/api"})


@pytest.mark.parametrize("status", [200, 204, 302, 400, 404, 405])
async def test_any_answer_says_that_somebody_is_there(status: int) -> None:
    sender = GivenSender(Answer(status, {"content-type": "text/html"}, b"<html>"), connection=CONNECTION)
    assert (await Check().run(sender)).output == {"message": "Passed", "status": status}
    assert [(request.method, request.target) for request in sender.sent] == [("GET", "/")]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (Answer(401, {}, b""), "auth"),
        (Answer(403, {}, b""), "forbidden"),
        (Answer(429, {}, b""), "rate_limited"),
        (Answer(500, {}, b""), "server_error"),
        (Answer(503, {}, b""), "server_error"),
        (ConnectionFailed("Name or service not known."), "connection"),
    ],
)
async def test_a_refusal_and_a_failure_are_told(given: Answer | Exception, kind: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        await Check().run(GivenSender(given, connection=CONNECTION))
    assert caught.value.type == kind


def test_a_check_only_reads() -> None:
    assert (Check.spec.effect, Check.spec.area) == ("read", "requests")
