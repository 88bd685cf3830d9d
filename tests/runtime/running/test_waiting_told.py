"""Whom an approval asks is told by a message: once, and a question that certainly reached nobody fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from mail_sink import MailSink

from playbooks_engine.faults import FaultRaised
from playbooks_engine.store import journal

ASK = """
connections: {chat: notify}
steps:
  - id: ask
    uses: core.approval
    with: {ask: ben@example.com, via: chat.send, prompt: Lock ana?, timeout: 30m}
output: ${{ steps.ask.output.decision }}
"""


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


@pytest.fixture
def chat(bench: Any, sink: MailSink, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TEST_CHAT_URL", f"mailto://127.0.0.1:{sink.port}?to=oncall@example.com")
    file = bench.folder / "project.yml"
    settings = "  chat:\n    connector: notify\n    urls: [env:TEST_CHAT_URL]\n    allow: {messages: write}\n"
    file.write_text(file.read_text() + settings)
    return bench


async def test_the_message_says_what_is_asked_and_how_it_is_decided(chat: Any, sink: MailSink) -> None:
    laid = await chat.run(ASK)
    assert laid.status == "waiting"
    [mail] = sink.mails
    for line in ("For ben@example.com: Lock ana?", "Approve: playbooks runs approve 1 ask",
                 "Reject: playbooks runs reject 1 ask", "Undecided, it is rejected."):  # fmt: skip
        assert line in mail
    [intent] = chat.intents()
    assert (intent.path, intent.outcome) == ("ask", "succeeded")


async def test_whoever_goes_on_with_the_run_does_not_tell_them_again(chat: Any, sink: MailSink) -> None:
    await chat.run(ASK)
    async with chat.engine() as engine:
        assert (await chat.take(engine, 1)).status == "waiting"
        assert (await chat.take(engine, 1)).status == "waiting"
    assert len(sink.mails) == 1


async def test_a_question_that_certainly_reached_nobody_fails(chat: Any, sink: MailSink) -> None:
    sink.misbehave("error", 1, status=550)
    done = await chat.run(ASK)
    assert (done.status, done.error["step"], done.error["type"]) == ("failed", "ask", "rejected")
    with chat.store() as database, database.reading() as cx:
        [question] = journal.approvals(cx)
    assert question.decision == "withdrawn"


async def test_after_a_crash_the_question_stands_although_nobody_knows_whether_it_was_told(
    chat: Any, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail left, and the process died before it could say so: it is not sent again, and is waited for."""

    def die(*_: Any, **__: Any) -> None:
        raise FaultRaised("the process dies here")

    async with chat.engine() as engine:
        chat.write(ASK)
        run_id = chat.queue(engine)
        with monkeypatch.context() as dying:
            dying.setattr("playbooks_engine.runtime.records.Recorder.settled", die)
            dying.setattr("playbooks_engine.runtime.running.commands.Commands._judged", die)
            with pytest.raises(FaultRaised):
                await chat.take(engine, run_id)
    assert len(sink.mails) == 1
    chat.clock.pass_time(60)
    async with chat.engine() as engine:
        assert (await chat.take(engine, run_id)).status == "waiting"
    assert len(sink.mails) == 1
