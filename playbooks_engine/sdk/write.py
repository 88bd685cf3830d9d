"""A change whose answer may get lost: look before repeating."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from playbooks_engine.errors import CommandFailed, NotAllowed, OutcomeUnknown
from playbooks_engine.sdk.command import Command, Result
from playbooks_engine.sdk.http import Answer, AnswerLost, Sender


class Seen(Enum):
    """What looking for a lost change told, when it was not found done."""

    ABSENT = "it did not happen"
    UNDECIDED = "it cannot be told"


class Write(Command):
    """A command that changes something.

    `repeat=` says what to do when the answer got lost: `safe` repeats it; `keyed` and `verify` look first (they define
    `look`), by the key or by reading back; `unsafe` stops as `outcome_unknown`. A change is sent again only when it is
    seen not to have happened, or when sending it twice is the same as once.
    """

    REPEATS: ClassVar[int] = 2
    PAUSE: ClassVar[float] = 1.0
    look_here: ClassVar[str] = "Look in the service whether it happened before you run it again."

    @classmethod
    def __pydantic_init_subclass__(cls, **declared: Any) -> None:
        super().__pydantic_init_subclass__(**declared)
        if "route" in declared and cls.spec.repeat in {"keyed", "verify"} and cls.look is Write.look:
            raise TypeError(f"{cls.__name__}: repeat={cls.spec.repeat!r} needs look(), which sees what happened")
        if "route" in declared and cls.spec.repeat == "keyed" and cls.spec.key_field is None:
            raise TypeError(f"{cls.__name__}: repeat='keyed' needs an input marked KEY")

    async def run(self, sender: Sender) -> Result:
        began: datetime | None = None
        for repeat in range(self.REPEATS + 1):
            try:
                return await self.attempt(sender)
            except AnswerLost as lost:
                # Looked for since the first attempt: one that was seen absent too soon may have come late.
                began = began or lost.sent_at
                seen = await self._seen(sender, began)
                if isinstance(seen, Result):
                    return seen
                if seen is Seen.UNDECIDED:
                    raise self._unknown(str(lost)) from lost
                if repeat == self.REPEATS:
                    raise self._harmless(lost.cause) from lost
                await sender.wait(self.PAUSE * 2**repeat)
        raise AssertionError("the loop returns or raises")  # pragma: no cover

    async def attempt(self, sender: Sender) -> Result:
        """Make the change once; raises AnswerLost where it may have happened."""
        return await self.confirm(sender, await sender.send(self.request()))

    async def resume(self, sender: Sender, sent_at: datetime, request_id: str | None) -> Result | None:
        if request_id is not None:
            try:
                return await self.confirmed(sender, request_id)
            except OutcomeUnknown:
                # The service forgets request ids after a while, and what it accepted may still be seen.
                if isinstance(seen := await self._seen(sender, sent_at), Result):
                    return seen
                raise
        seen = await self._seen(sender, sent_at)
        if seen is Seen.UNDECIDED:
            raise self._unknown("The program stopped between sending this and recording the answer.")
        return seen if isinstance(seen, Result) else None

    async def confirm(self, sender: Sender, answer: Answer) -> Result:
        """Turn the answer into a result, once the service says that the change is done."""
        return self.result(answer.json)

    async def confirmed(self, sender: Sender, request_id: str) -> Result:
        """What became of an accepted request."""
        raise self._unknown("The program stopped before the change was confirmed.")

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        """See whether the change happened after `sent_at`. Only `keyed` and `verify` define it."""
        return Seen.UNDECIDED

    async def _seen(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        if self.when_lost == "safe":
            return Seen.ABSENT
        if self.when_lost == "unsafe":
            return Seen.UNDECIDED
        try:
            return await self.look(sender, sent_at)
        except (OutcomeUnknown, NotAllowed):
            raise
        except CommandFailed:
            # Looking failed, which says nothing of the change: its own error would invite a repetition.
            return Seen.UNDECIDED

    def _harmless(self, cause: CommandFailed) -> CommandFailed:
        """What a change fails with that did not happen, or may happen again: its own error, so that it is retried."""
        if self.when_lost == "safe":
            cause.hint = "It may have happened all the same; running it again does no harm."
        return cause

    def _unknown(self, seen_instead: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"Whether this happened is not known: {seen_instead}",
            hint=self.look_here,
            indicator=self.spec.failure,
        )
