"""Send a message."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from playbooks_engine.sdk import Message, Result, Sender, Write


def _one_line(title: object) -> object:
    """A title becomes the subject of a mail: a line break out of an alert must not begin another header."""
    return " ".join("".join(c if c.isprintable() else " " for c in title).split()) if isinstance(title, str) else title


class Send(
    Write, route="CALL /send", area="messages", repeat="unsafe", label="Send Message",
    gives={"id": str, "delivered": int},
):  # fmt: skip
    """Send a message to everybody behind the connection's addresses."""

    body: str = Field(min_length=1, max_length=100_000, examples=["The database is back."])
    """What to tell them."""
    title: Annotated[str, BeforeValidator(_one_line)] = Field("", max_length=500)
    """A title, or the subject of a mail; line breaks become spaces."""

    look_here = "Look whether the message arrived, before you send it again."

    async def attempt(self, sender: Sender) -> Result:
        delivery = await sender.message(Message(body=self.body, title=self.title))
        data = {"id": delivery.id, "delivered": delivery.delivered}
        return Result(data, data)
