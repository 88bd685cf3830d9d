"""Whether messages could be sent: each address is looked at, and no message leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mail_sink import MailSink

from connectors.notify import connector
from connectors.notify.checking import TestConnection as Check
from playbooks_engine.cli.app import run
from playbooks_engine.errors import CommandFailed, ConnectionFailed
from playbooks_engine.testing import GivenSender


async def test_what_was_found_of_each_address_is_the_output() -> None:
    sender = GivenSender()
    result = await Check().run(sender)
    assert result.output == {"message": "Passed", "notes": ["env:GIVEN: it answers"]}
    assert sender.messages == []


async def test_what_is_wrong_is_told() -> None:
    with pytest.raises(CommandFailed):
        await Check().run(GivenSender(ConnectionFailed("No server.")))


def test_a_check_only_reads_and_is_the_health_check() -> None:
    assert (Check.spec.effect, Check.spec.area) == ("read", "messages")
    assert connector.test == "test_connection"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "project.yml").write_text("connections: {chat: {connector: notify, urls: [env:CHAT_URL]}}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_connections_test_works_on_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with MailSink() as sink:
        monkeypatch.setenv("CHAT_URL", f"mailto://127.0.0.1:{sink.port}?to=ana@example.com")
        assert run(["connections", "test", "chat", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["status"] == "passed"
        assert run(["connections", "test", "chat"]) == 0
        assert "works: passed" in (said := capsys.readouterr().out)
        assert "env:CHAT_URL: the mail server 127.0.0.1 answers" in said
        assert sink.mails == []
    assert run(["connections", "test", "chat", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["error"]["type"]) == ("failed", "connection")
    assert told["error"]["indicator"] == "Test Connection failed."
