"""Changes that are done once they are answered, and how one is looked for whose answer got lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from connectors.opsgenie.shapes import SETTLE, created_since, foreign, moments, payload, read, read_all
from playbooks_engine.errors import UnexpectedAnswer
from playbooks_engine.sdk import Answer, AnswerLost, Request, Result, Seen, Sender, Write, moment_of

_READ_BACK = "(seen by reading it back: the answer got lost)"


class Setting(Write):
    """A change answered at once: `output` is `data`, or the word about it where the vendor says no more."""

    look_here: ClassVar[str] = "Look into Opsgenie's settings whether it happened, before you run it again."

    async def confirm(self, sender: Sender, answer: Answer) -> Result:
        if _cut(answer):
            # It was done, or it would not have been answered as done; what it became can still be seen.
            raise AnswerLost(foreign("The answer to the change was cut on its way."), sender.now())
        return self.result(answer.json)

    def result(self, document: Any) -> Result:
        if isinstance(document, dict) and "data" not in document and "result" in document:
            return Result({"result": document["result"]}, document)
        return Result(payload(document), document)


class Creation(Setting):
    """Something new, found again by its name among its like."""

    # What tells it from its like, as these stand on the wire.
    FOUND_BY: ClassVar[tuple[str, ...]] = ("name",)

    def alike_request(self) -> Request:
        """The read of all its like: of the address to which it is posted."""
        plain = self.request()
        return Request("GET", plain.path, plain.query)

    async def alike(self, sender: Sender) -> list[dict[str, Any]]:
        """Everything of its kind."""
        return await read_all(sender, self.alike_request())

    def asked_for(self) -> dict[str, Any]:
        """What it is to be, as its like show it."""
        body: dict[str, Any] = self.request().body
        return body

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        """The one of this name, if all that can be compared is as it was sent.

        Several of them, or one that differs, may be ours or somebody else's: that is not decided.
        """
        sent = self.asked_for()
        by = {name: sent[name] for name in self.FOUND_BY if name in sent}
        async for _ in moments(sender, SETTLE):
            named = [
                item
                for item in await self.alike(sender)
                if by.keys() <= item.keys()
                and same(item, by)
                and ("createdAt" not in item or created_since(item, sent_at))
            ]
            if len(named) == 1 and same(named[0], sent):
                return seen_done(named[0])
            if named:
                return Seen.UNDECIDED
        return Seen.ABSENT


class Removal(Setting):
    """Something is taken away: done, once the same address answers that there is no such thing."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        plain = self.request()
        async for _ in moments(sender, SETTLE):
            if await read(sender, Request("GET", plain.path, plain.query)) is None:
                return seen_done(None)
        return Seen.ABSENT


def _cut(answer: Answer) -> bool:
    """Whether the body ends before its JSON does."""
    try:
        _ = answer.json
    except UnexpectedAnswer:
        return "json" in answer.kind
    return False


def seen_done(data: dict[str, Any] | None) -> Result:
    """The result of a change that was found done."""
    if data is None:
        return Result({"result": f"Deleted {_READ_BACK}"}, {"result": f"Deleted {_READ_BACK}"})
    return Result(data, {"result": f"Done {_READ_BACK}", "data": data})


def same(kept: Any, sent: Any) -> bool:
    """Whether what is kept says what was sent, as far as it says anything of it: lists show things in few words."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        return all(same(kept[name], value) for name, value in sent.items() if name in kept)
    if isinstance(sent, list) and isinstance(kept, list):
        # The order of tags and the like is not kept.
        return len(sent) == len(kept) and all(any(same(theirs, ours) for theirs in kept) for ours in sent)
    if isinstance(sent, str) and isinstance(kept, str) and sent != kept:
        try:
            # The service drops trailing zeros of a time's fraction.
            return moment_of(sent) == moment_of(kept)
        except ValueError:
            return False
    return bool(sent == kept)
