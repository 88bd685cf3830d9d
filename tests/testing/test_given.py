"""A sender with given answers."""

from __future__ import annotations

import pytest

from playbooks_engine.errors import ConnectionFailed, NotFound
from playbooks_engine.sdk import AnswerLost, Message, Request, Sender
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START

GET, POST = Request("GET", "/a"), Request("POST", "/b")


def test_it_is_a_sender() -> None:
    sender: Sender = GivenSender()
    assert sender.now() == START


async def test_answers_come_in_order_and_requests_are_remembered() -> None:
    sender = GivenSender(answer(200, 1), answer(200, 2))
    assert [(await sender.send(POST)).json, (await sender.look_up(GET)).json] == [1, 2]
    assert (sender.requests, sender.sent) == ([POST, GET], [POST])


async def test_answers_can_be_made_from_the_request() -> None:
    sender = GivenSender(by=lambda request: answer(200, request.path))
    assert (await sender.send(GET)).json == "/a"


async def test_a_refusal_is_raised_unless_it_is_expected() -> None:
    sender = GivenSender(answer(404), answer(404))
    assert (await sender.send(GET, expect={404})).status == 404
    with pytest.raises(NotFound):
        await sender.send(GET)


async def test_an_exception_is_raised() -> None:
    with pytest.raises(AnswerLost):
        await GivenSender(lost()).send(POST)
    with pytest.raises(ConnectionFailed):
        await GivenSender(ConnectionFailed("x")).message(Message("x"))


async def test_more_requests_than_answers_fail_the_test() -> None:
    with pytest.raises(AssertionError, match="no answer is left for GET /a"):
        await GivenSender().send(GET)


async def test_looking_something_up_only_reads() -> None:
    with pytest.raises(AssertionError, match="only GET"):
        await GivenSender(answer(200)).look_up(POST)


async def test_waiting_moves_its_clock_and_takes_no_time() -> None:
    sender = GivenSender()
    await sender.wait(3600)
    assert (sender.now() - START).total_seconds() == 3600
    assert (sender.waits, sender.waited) == ([3600], 3600)


async def test_messages_and_accepted_requests_are_remembered() -> None:
    sender = GivenSender()
    assert (await sender.message(Message("x"))).delivered == 1
    await sender.accepted("r-1")
    assert (sender.messages, sender.accepted_ids) == ([Message("x")], ["r-1"])
