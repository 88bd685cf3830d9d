"""HTTP as values: what a command wants sent, what came back, and who may send it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

from pydantic_core import from_json

from playbooks_engine.errors import CommandFailed, InvalidInput, UnexpectedAnswer
from playbooks_engine.sdk.file import File

if TYPE_CHECKING:
    from playbooks_engine.sdk.message import Delivery, Message, Reached


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, without the address and the key of a connection.

    `path` begins with `/` and is percent-encoded already; `body` is JSON or nothing. With `files`, by the name of their
    field, it is sent as a form (multipart/form-data, RFC 7578), of which `body` holds the other fields.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)

    @property
    def shown(self) -> Any:
        """The body as a plan shows it and the journal keeps it: of a file what it is, and never what it holds."""
        if not self.files:
            return self.body
        return {**(self.body or {}), **{name: file.as_json() for name, file in self.files.items()}}

    @property
    def target(self) -> str:
        """The path with its query, as it stands in the request line."""
        if not self.query:
            return self.path
        try:
            return f"{self.path}?{urlencode(self.query, quote_via=quote, safe='')}"
        except UnicodeEncodeError:
            raise InvalidInput("An input holds half a character, which cannot be sent.") from None

    def as_json(self) -> dict[str, Any]:
        return {"method": self.method, "path": self.target, "body": self.shown}


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers (names in lower case) and the whole body in bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @cached_property
    def json(self) -> Any:
        """The body as JSON data; raises UnexpectedAnswer where it is something else."""
        for content in (self.content, _without_halves(self.content)):
            # NaN and Infinity are no JSON; nothing downstream could store them.
            with suppress(ValueError):
                return from_json(content, allow_inf_nan=False)
        raise UnexpectedAnswer(
            f"The answer is not JSON ({self.kind}).",
            status_code=self.status,
            hint="Another server than expected answers at this address; look at server_url and proxy.",
        )

    @property
    def kind(self) -> str:
        """What the body says it is, e.g. `text/html`."""
        return self.headers.get("content-type", "no content type").split(";")[0]


class AnswerLost(Exception):
    """A change left, and whether it happened is not known; `cause` says what was seen instead of an answer."""

    def __init__(self, cause: CommandFailed, sent_at: datetime) -> None:
        super().__init__(cause.message)
        self.cause = cause
        self.sent_at = sent_at


class Sender(Protocol):
    """What a running command may do with the outside world. The runtime gives it; nothing else sends."""

    async def send(self, request: Request, *, expect: Collection[int] = ()) -> Answer:
        """Send, and return the answer.

        A status of 400 or more raises the CommandFailed it stands for, unless it is in `expect`. Reads are retried;
        a change whose answer got lost raises AnswerLost.
        """
        ...

    async def look_up(self, request: Request, *, expect: Collection[int] = ()) -> Answer:
        """Send a read on behalf of a change: to confirm it, or to see whether it happened."""
        ...

    async def message(self, message: Message) -> Delivery:
        """Deliver a message to people: to `message.urls`, or, where it names none, to those of the connection.

        Raises AnswerLost where nobody can tell whether it was taken.
        """
        ...

    async def reach(self) -> Sequence[Reached]:
        """What can be told of each address of the connection without sending a message.

        Raises the CommandFailed of what is wrong with one of them.
        """
        ...

    async def accepted(self, request_id: str) -> None:
        """Remember that the service accepted the change under this id, so that a crash can ask for it."""
        ...

    async def wait(self, seconds: float) -> None: ...

    def now(self) -> datetime: ...


# An escape of JSON: a whole pair of halves, half a character by itself (the group), or anything else.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


def _without_halves(content: bytes) -> bytes:
    """JSON with a mark in place of each half of a character, as a text cut in the middle of one leaves it.

    One such text would make a whole page unreadable, and a stream stop at it for ever.
    """
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], content)


def path_of(template: str, values: Mapping[str, Any]) -> str:
    """The path with each `{name}` replaced, percent-encoded with no safe character.

    Raises InvalidInput for a value that a server would read as a step in the path.
    """
    encoded = {}
    for name, value in values.items():
        text = str(value)
        # Some proxies decode `%2F` before they take the steps of a path, so a step inside a value is one too.
        if not text or {".", ".."} & set(re.split(r"[/\\]", text)):
            raise InvalidInput(f"`{name}` is {text!r}, which cannot stand in an address.")
        try:
            encoded[name] = quote(text, safe="")
        except UnicodeEncodeError:
            raise InvalidInput(f"`{name}` holds half a character, which cannot be sent.") from None
    return template.format_map(encoded)
