"""Send a message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.notify.messages import Send
from playbooks_engine.cli.app import run
from playbooks_engine.errors import ConnectionFailed, InvalidInput, OutcomeUnknown
from playbooks_engine.sdk import Message, Request, Result
from playbooks_engine.testing import AnsweringService, GivenSender, lost
from playbooks_engine.testing.given import START


async def test_a_message_is_delivered() -> None:
    sender = GivenSender()
    result = await Send(title="Down", body="db-1 is down").run(sender)
    assert sender.messages == [Message(body="db-1 is down", title="Down")]
    assert result == Result({"id": "message-1", "delivered": 1}, {"id": "message-1", "delivered": 1})
    assert sender.requests == []


def test_a_plan_shows_what_would_be_sent() -> None:
    assert Send(title="Down", body="b").request() == Request("CALL", "/send", (), {"body": "b", "title": "Down"})
    assert Send(body="b").request().body == {"body": "b", "title": ""}


def test_a_message_is_a_change_that_is_not_repeated() -> None:
    spec = Send.spec
    assert (spec.effect, spec.area, spec.repeat) == ("write", "messages", "unsafe")


@pytest.mark.parametrize(
    "title",
    [
        "a\r\nBcc: x@example.com",
        " a\nBcc: x@example.com\n",
        "a\x0b\u2028Bcc:\tx@example.com",
        "a\x00\x1bBcc: x@example.com",
    ],
)
def test_a_title_is_one_line(title: str) -> None:
    assert Send.read_inputs({"title": title, "body": "b"}).title == "a Bcc: x@example.com"


def test_a_body_may_have_many_lines() -> None:
    assert Send(body="a\n\nb").body == "a\n\nb"


@pytest.mark.parametrize("inputs", [{}, {"body": ""}, {"body": "x" * 100_001}, {"body": "b", "title": 5}])
def test_a_message_has_something_to_say(inputs: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Send.read_inputs(inputs)


async def test_a_message_that_may_have_arrived_is_not_sent_again() -> None:
    sender = GivenSender(lost())
    with pytest.raises(OutcomeUnknown) as caught:
        await Send(body="b").run(sender)
    assert caught.value.hint == "Look whether the message arrived, before you send it again."
    assert len(sender.messages) == 1


async def test_a_message_that_surely_did_not_leave_failed() -> None:
    with pytest.raises(ConnectionFailed):
        await Send(body="b").run(GivenSender(ConnectionFailed("No server.")))


async def test_after_a_crash_a_message_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        await Send(body="b").resume(GivenSender(), START, None)


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")  # of a library of apprise's
@pytest.mark.parametrize("address", ["hunter2", "mailto://127.0.0.1:9", "nonsense://hunter2"])
def test_an_address_that_cannot_be_used_is_a_failure_and_no_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    (tmp_path / "project.yml").write_text("connections: {chat: {connector: notify, urls: [env:CHAT_URL]}}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHAT_URL", address)
    assert run(["call", "chat.send", "--body", "hi", "--json"]) in {1, 2}
    told = capsys.readouterr().out
    assert json.loads(told)["error"]["type"] == "invalid_input"
    assert "env:CHAT_URL" in told
    assert "hunter2" not in told


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
@pytest.mark.parametrize("status", [401, 403, 404, 422, 429, 500])
def test_a_webhook_that_refuses_did_not_take_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    (tmp_path / "project.yml").write_text("connections: {chat: {connector: notify, urls: [env:CHAT_URL]}}\n")
    monkeypatch.chdir(tmp_path)
    with AnsweringService() as service:
        service.misbehave("error", 100, status=status)
        monkeypatch.setenv("CHAT_URL", f"json://127.0.0.1:{service.port}/hook")
        assert run(["call", "chat.send", "--body", "hi", "--json"]) == 1
        assert len(service.ledger) == 1
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "rejected"
