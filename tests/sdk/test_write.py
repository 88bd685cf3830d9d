"""A change whose answer got lost is sent again only where that does no harm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, ClassVar

import pytest

from playbooks_engine.errors import CommandFailed, ConnectionFailed, Forbidden, NotAllowed, OutcomeUnknown, ServerError
from playbooks_engine.sdk import KEY, Answer, Request, Result, Seen, Sender, Write
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START

OK = answer(200, {"done": True})
DONE = Result({"done": True}, {"done": True})


class Safe(Write, route="PUT /safe", area="things", repeat="safe"):
    """Safe."""


class Unsafe(Write, route="POST /unsafe", area="things", repeat="unsafe"):
    """Unsafe."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        raise AssertionError("an unsafe change is not looked for")


class Looked(Write, area="things"):
    """Looks by asking GET /seen: 200 found, 204 absent, anything else undecided."""

    LOOK: ClassVar[Request] = Request("GET", "/seen")

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        seen = await sender.look_up(self.LOOK)
        if seen.status == 200:
            return Result("found", sent_at)
        return Seen.ABSENT if seen.status == 204 else Seen.UNDECIDED


class Verified(Looked, route="POST /verified", repeat="verify"):
    """Verified."""


class Keyed(Looked, route="POST /keyed", repeat="keyed"):
    """Keyed."""

    key: Annotated[str | None, KEY] = None
    """The key."""


FOUND, ABSENT, UNDECIDED = answer(200), answer(204), answer(206)
LOOKING = [Verified(), Keyed(key="k")]


def paths(sender: GivenSender) -> list[str]:
    return [request.path for request in sender.requests]


@pytest.mark.parametrize("command", [Safe(), Unsafe(), *LOOKING], ids=lambda c: c.spec.name)
async def test_an_answered_change_is_sent_once_and_not_looked_for(command: Write) -> None:
    sender = GivenSender(OK)
    assert await command.run(sender) == DONE
    assert len(sender.requests) == 1


@pytest.mark.parametrize("command", [Safe(), Unsafe(), *LOOKING], ids=lambda c: c.spec.name)
async def test_a_refused_change_is_sent_once(command: Write) -> None:
    sender = GivenSender(answer(403))
    with pytest.raises(Forbidden):
        await command.run(sender)
    assert len(sender.requests) == 1


async def test_a_safe_change_is_sent_again() -> None:
    sender = GivenSender(lost(), lost(), OK)
    assert await Safe().run(sender) == DONE
    assert paths(sender) == ["/safe"] * 3


async def test_even_a_safe_change_is_given_up_after_two_repetitions_and_may_be_tried_later() -> None:
    sender = GivenSender(lost(), lost(), lost())
    with pytest.raises(ConnectionFailed, match="The connection broke") as caught:
        await Safe().run(sender)
    assert len(sender.sent) == 3
    assert caught.value.retryable
    assert caught.value.hint == "It may have happened all the same; running it again does no harm."


async def test_a_change_is_repeated_after_a_pause_that_grows() -> None:
    sender = GivenSender(lost(), lost(), OK)
    await Safe().run(sender)
    assert sender.waits == [1.0, 2.0]


async def test_an_unsafe_change_is_never_sent_again() -> None:
    sender = GivenSender(lost())
    with pytest.raises(OutcomeUnknown) as caught:
        await Unsafe().run(sender)
    assert paths(sender) == ["/unsafe"]
    assert str(caught.value) == (
        "Unsafe failed. Message: Whether this happened is not known: The connection broke.\n"
        "  Look in the service whether it happened before you run it again."
    )
    assert not caught.value.retryable


@pytest.mark.parametrize("command", LOOKING, ids=lambda c: c.spec.name)
async def test_a_lost_change_that_is_found_done_is_not_sent_again(command: Write) -> None:
    sender = GivenSender(lost(), FOUND)
    assert await command.run(sender) == Result("found", START)
    assert len(sender.sent) == 1


@pytest.mark.parametrize("command", LOOKING, ids=lambda c: c.spec.name)
async def test_a_lost_change_that_is_seen_absent_is_sent_again(command: Write) -> None:
    sender = GivenSender(lost(), ABSENT, OK)
    assert await command.run(sender) == DONE
    assert len(sender.sent) == 2


@pytest.mark.parametrize("command", LOOKING, ids=lambda c: c.spec.name)
async def test_a_lost_change_that_cannot_be_told_is_unknown(command: Write) -> None:
    sender = GivenSender(lost(), UNDECIDED)
    with pytest.raises(OutcomeUnknown):
        await command.run(sender)
    assert len(sender.sent) == 1


@pytest.mark.parametrize("command", LOOKING, ids=lambda c: c.spec.name)
async def test_a_look_that_fails_leaves_the_change_unknown_and_not_to_be_repeated(command: Write) -> None:
    sender = GivenSender(lost(), ServerError("Down."))
    with pytest.raises(OutcomeUnknown) as caught:
        await command.run(sender)
    assert not caught.value.retryable
    assert len(sender.sent) == 1


async def test_a_change_lost_again_and_again_and_absent_each_time_fails_as_one_that_did_not_happen() -> None:
    sender = GivenSender(lost(), ABSENT, lost(), ABSENT, lost(), ABSENT)
    with pytest.raises(ConnectionFailed, match="The connection broke"):
        await Verified().run(sender)
    assert len(sender.sent) == Write.REPEATS + 1


async def test_a_repeated_change_is_looked_for_since_it_was_sent_first() -> None:
    sender = GivenSender(lost(), ABSENT, lost(START + timedelta(seconds=40)), FOUND)
    assert await Verified().run(sender) == Result("found", START)


async def test_a_command_may_decide_by_its_inputs_what_a_lost_answer_means() -> None:
    class Mixed(Write, route="POST /mixed", area="things", repeat="unsafe"):
        """Mixed."""

        idempotent: bool = False
        """Whether it is."""

        @property
        def when_lost(self):  # type: ignore[no-untyped-def]
            return "safe" if self.idempotent else "unsafe"

    assert await Mixed(idempotent=True).run(GivenSender(lost(), OK)) == DONE
    with pytest.raises(OutcomeUnknown):
        await Mixed().run(GivenSender(lost()))


async def resumed(command: Write, *answers: Answer | CommandFailed, request_id: str | None = None) -> Result | None:
    return await command.resume(GivenSender(*answers), START, request_id)


async def test_after_a_crash_a_safe_change_may_run_again() -> None:
    assert await resumed(Safe()) is None


async def test_after_a_crash_an_unsafe_change_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown, match="stopped between sending this and recording the answer"):
        await resumed(Unsafe())


@pytest.mark.parametrize("command", LOOKING, ids=lambda c: c.spec.name)
async def test_after_a_crash_the_others_look(command: Write) -> None:
    assert await resumed(command, FOUND) == Result("found", START)
    assert await resumed(command, ABSENT) is None
    with pytest.raises(OutcomeUnknown):
        await resumed(command, UNDECIDED)
    with pytest.raises(OutcomeUnknown):
        await resumed(command, ServerError("Down."))


async def test_a_look_that_is_not_allowed_says_so() -> None:
    with pytest.raises(NotAllowed):
        await resumed(Verified(), NotAllowed("No."))


async def test_after_a_crash_an_accepted_change_is_asked_for_and_then_looked_for() -> None:
    class Confirmed(Verified, route="POST /confirmed", repeat="verify"):
        """Confirmed."""

        async def confirmed(self, sender: Sender, request_id: str) -> Result:
            if request_id == "known":
                return Result("confirmed")
            raise OutcomeUnknown("Forgotten.")

    assert await resumed(Confirmed(), request_id="known") == Result("confirmed")
    assert await resumed(Confirmed(), FOUND, request_id="old") == Result("found", START)


@pytest.mark.parametrize("seen", [ABSENT, UNDECIDED])
async def test_an_accepted_change_that_is_not_seen_is_not_sent_again(seen: Answer) -> None:
    with pytest.raises(OutcomeUnknown, match="before the change was confirmed"):
        await resumed(Verified(), seen, request_id="r1")
