"""Changes that are done when they are answered (most of the configuration), and how a lost one is looked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from connectors.opsgenie.shapes import created_since, foreign, read, read_all
from playbooks_engine.sdk import Request, Result, Seen, Sender, Write, moment_of


class Edit(Write):
    """A change that is done when it is answered; `output` is `data`, or the answer's word where there is none."""

    look_here: ClassVar[str] = "Look at it in Opsgenie before you run it again."

    def result(self, document: Any) -> Result:
        # Some answers of services and incident rules lack `took`, and deletions lack `data`: neither is needed.
        if not isinstance(document, dict) or not {"data", "result"} & document.keys():
            raise foreign("The answer is JSON with neither `data` nor `result`.")
        data = document.get("data")
        return Result({"result": document.get("result")} if data is None else data, document)


class Creation(Edit):
    """Makes one thing with a name of its own: a lost one is read back by that name."""

    def by_name(self) -> Request | None:
        """The read that finds it; None if it was given no name."""
        raise NotImplementedError

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        asked = self.by_name()
        if asked is None:
            return Seen.UNDECIDED
        thing = await read(sender, asked)
        return Seen.ABSENT if thing is None else judged(self.request().body, thing, sent_at)


class Addition(Edit):
    """Adds one thing to a list: a lost one is looked for there, by all that was sent."""

    def all_of_them(self) -> Request:
        """The read of the whole list."""
        raise NotImplementedError

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        body = self.request().body
        things = await read_all(sender, self.all_of_them())
        if alike := [thing for thing in things if holds(body, thing)]:
            return seen("Created", alike[0])
        # Kept in other words (times are rounded, names filled in) ours would look like somebody else's.
        name = body.get("name")
        doubtful = things if name is None else [thing for thing in things if thing.get("name") == name]
        return Seen.UNDECIDED if doubtful else Seen.ABSENT


class Removal(Edit):
    """Removes one thing: a lost one is done when the thing cannot be read any more."""

    def itself(self) -> Request:
        """The read of what is removed: the same address."""
        plain = self.request()
        return Request("GET", plain.path, plain.query)

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        return seen("Deleted") if await read(sender, self.itself()) is None else Seen.ABSENT


def judged(sent: Any, thing: dict[str, Any], sent_at: datetime) -> Result | Seen:
    """Whether something that bears our name is what we made."""
    if "createdAt" in thing:
        # Older than our request: it was in the way, and repeating brings the refusal that got lost.
        return seen("Created", thing) if created_since(thing, sent_at) else Seen.ABSENT
    return seen("Created", thing) if holds(sent, thing) else Seen.UNDECIDED


def seen(word: str, thing: dict[str, Any] | None = None) -> Result:
    """What the lost answer would have said, as far as it can be told."""
    document = {"result": f"{word} (seen by reading it back: the answer got lost)"}
    return Result(document, document) if thing is None else Result(thing, {**document, "data": thing})


def holds(sent: Any, kept: Any) -> bool:
    """Whether all that was sent stands in what is kept, which may say more."""
    if isinstance(sent, dict):
        return isinstance(kept, dict) and all(holds(value, kept.get(name)) for name, value in sent.items())
    if isinstance(sent, list):
        same = isinstance(kept, list) and len(sent) == len(kept)
        return same and all(holds(ours, theirs) for ours, theirs in zip(sent, kept, strict=True))
    if isinstance(sent, str) and isinstance(kept, str) and sent != kept:
        try:
            # The service drops trailing zeros of a time's fraction.
            return moment_of(sent) == moment_of(kept)
        except ValueError:
            return False
    return bool(sent == kept)
