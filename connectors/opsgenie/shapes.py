"""What Opsgenie's commands have in common: envelopes, pages, changes confirmed later, and shared inputs."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.connection import PENDING
from connectors.opsgenie.forms import REQUEST_STATUS
from playbooks_engine.errors import CommandFailed, NotAllowed, NotFound, OutcomeUnknown, Rejected, UnexpectedAnswer
from playbooks_engine.sdk import (
    NOT_SENT,
    Answer,
    AnswerLost,
    Command,
    Request,
    Result,
    Sender,
    Write,
    as_text,
    moment_of,
    path_of,
)

Tag = Annotated[str, Field(max_length=50)]
# A removal lists them in its query with commas in between: one that holds a comma would be read as two.
ListedTag = Annotated[str, Field(min_length=1, max_length=50, pattern="^[^,]+$", examples=["prod"])]
ListedKey = Annotated[str, Field(min_length=1, pattern="^[^,]+$", examples=["host"])]


def _texts(details: Any) -> Any:
    """Numbers and booleans become text, as the vendor keeps nothing else here."""
    if not isinstance(details, dict):
        return details
    return {k: as_text(v) if isinstance(v, bool | int | float) else v for k, v in details.items()}


def _fits(details: dict[str, str]) -> dict[str, str]:
    size = sum(len(key) + len(value) for key, value in details.items())
    if size > 8_000:
        raise PydanticCustomError("too_long", "details hold {size} characters; 8000 are allowed", {"size": size})
    return details


Details = Annotated[dict[str, str], BeforeValidator(_texts), AfterValidator(_fits)]

Priority = Literal["P1", "P2", "P3", "P4", "P5"]

# How long a change may hide before "not there" is believed (the vendor processes changes in a queue): as long as an
# alert's creation may take before a close that overtook it is given up. Believed too soon, the change happens twice.
SETTLE = 30.0
# Our clock against the vendor's: something this much older than our request may still be ours.
SKEW = timedelta(seconds=60)
# Among things that look alike, one this much older may be an earlier one: it is neither ours nor not ours.
GRACE = timedelta(seconds=2)
# offset + limit must not exceed this (vendor's answer, quoted in public issue threads).
CEILING = 20_000


def payload(document: Any) -> Any:
    """`data` of an envelope; raises UnexpectedAnswer where there is none."""
    if not isinstance(document, dict) or "data" not in document:
        raise foreign("The answer is JSON without `data`.")
    return document["data"]


def thing(document: Any) -> dict[str, Any]:
    """`data` of an envelope that holds one thing."""
    data = payload(document)
    if not isinstance(data, dict):
        raise foreign("`data` in the answer is not one thing.")
    return data


def things(document: Any) -> list[dict[str, Any]]:
    """`data` of an envelope that holds a list of things."""
    data = payload(document)
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise foreign("`data` in the answer is not a list of things.")
    return data


def foreign(why: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(why, hint="This does not look like Opsgenie; correct server_url.")


class Get(Command):
    """One read: `output` is `data`."""

    def result(self, document: Any) -> Result:
        return Result(payload(document), document)


class ListPages(Get):
    """A read over pages: `output` is the list of all items, and so is `raw.data`."""

    max_items: Annotated[int | None, NOT_SENT] = Field(None, ge=1)
    """Stop after this many items."""

    PAGE: ClassVar[int] = 100

    async def run(self, sender: Sender) -> Result:
        items: dict[Any, Any] = {}
        document, more = await self.read_pages(sender, self.request(), items)
        if more:
            raise UnexpectedAnswer(
                f"More than {CEILING:,} items match, and Opsgenie pages no further.",
                hint="Narrow the query, for example by createdAt, or set max_items.",
            )
        return self.kept(items, document)

    async def read_pages(self, sender: Sender, first: Request, items: dict[Any, Any]) -> tuple[Any, bool]:
        """Read pages into `items`, by id: the last page, and whether there is more than the service pages through."""
        wanted, offset = self.max_items or sys.maxsize, 0
        while True:
            limit = min(self.PAGE, wanted, CEILING - offset)
            # Pages are asked for by number: a link in an answer could lead to another host.
            query = (*first.query, ("limit", str(limit)), ("offset", str(offset)))
            document = (await sender.send(Request(first.method, first.path, query))).json
            page = things(document)
            # Offsets shift while alerts come and go: what moved onto the next page is kept once.
            items.update({item.get("id", (len(items), n)): item for n, item in enumerate(page)})
            offset += len(page)
            if not page or "next" not in (document.get("paging") or {}) or len(items) >= wanted:
                return document, False
            if offset >= CEILING:
                return document, True

    def kept(self, items: dict[Any, Any], document: Any) -> Result:
        """The items wanted, in the envelope of the last page."""
        kept = list(items.values())[: self.max_items]
        return Result(kept, {**document, "data": kept})


class Change(Write, gives=REQUEST_STATUS):
    """A change answered 202 and confirmed on the request-status endpoint; `output` is that status' data."""

    STATUS: ClassVar[str] = "/v2/alerts/requests/{request_id}"
    POLLS: ClassVar[int] = 20
    DEADLINE: ClassVar[float] = 60.0
    look_here: ClassVar[str] = "Open the alert in Opsgenie and look whether it happened, before you run it again."

    async def confirm(self, sender: Sender, answer: Answer) -> Result:
        request_id = _request_id(answer)
        if request_id is None:
            error = foreign("The change was accepted without a request id.")
            if answer.status == 202 and "json" in answer.kind and not _whole(answer):
                raise AnswerLost(error, sender.now())  # it was taken, and the answer was cut on its way
            raise error
        await sender.accepted(request_id)
        return await self.confirmed(sender, request_id)

    async def confirmed(self, sender: Sender, request_id: str) -> Result:
        try:
            return await self._asked(sender, request_id)
        except (Rejected, OutcomeUnknown, NotAllowed):
            raise
        except CommandFailed as error:
            # The change was accepted: the error of asking must not pass for the change's own, which may be repeated.
            raise OutcomeUnknown(
                f"The change was accepted, and asking what became of it failed: {error.message}",
                hint=self.look_here,
                request_id=request_id,
            ) from error

    async def _asked(self, sender: Sender, request_id: str) -> Result:
        status = Request("GET", path_of(self.STATUS, {"request_id": request_id}))
        waited = 0.0
        for poll in range(self.POLLS):
            answer = await sender.look_up(status, expect={404})
            if answer.status < 400:
                return self._judge(answer.json, request_id)
            name, value = PENDING
            if answer.headers.get(name) != value:
                break
            pause = min(0.1 * 2**poll, 5.0)
            if (waited := waited + pause) > self.DEADLINE:
                break
            await sender.wait(pause)
        raise OutcomeUnknown(
            "The change was accepted, and Opsgenie never said what became of it.",
            hint=self.look_here,
            request_id=request_id,
        )

    def _judge(self, document: Any, request_id: str) -> Result:
        data = thing(document)
        if not data.get("isSuccess", data.get("success")):
            raise Rejected(str(data.get("status") or "Opsgenie refused the change."), request_id=request_id)
        return Result(data, document)


def _request_id(answer: Answer) -> str | None:
    """The id under which the service keeps what became of a change."""
    document = answer.json if _whole(answer) else None
    stated = document.get("requestId") if isinstance(document, dict) else None
    return str(stated or answer.headers.get("x-request-id") or "") or None


def _whole(answer: Answer) -> bool:
    """Whether the body is JSON from its beginning to its end."""
    try:
        return answer.json is not None
    except UnexpectedAnswer:
        return False


def found(action: str, status: str, **ids: str) -> Result:
    """The request status' data, as far as it can be told by reading back after the answer got lost."""
    data = {
        "action": action,
        "isSuccess": True,
        "success": True,
        "status": f"{status} (seen by reading it back: the answer got lost)",
        **ids,
    }
    return Result(data, {"data": data})


async def moments(sender: Sender, seconds: float) -> AsyncIterator[None]:
    """Turns of waiting, shorter first, until `seconds` have passed."""
    yield
    waited, pause = 0.0, 0.2
    while waited < seconds:
        pause = min(pause, seconds - waited)
        await sender.wait(pause)
        waited += pause
        yield
        pause *= 2


async def read(sender: Sender, request: Request) -> dict[str, Any] | None:
    """One thing, read on behalf of a change, or None where there is no such thing."""
    try:
        return thing((await sender.look_up(request)).json)
    except NotFound as error:
        _of_a_thing(error)
        return None


async def read_all(sender: Sender, request: Request) -> list[dict[str, Any]]:
    """A list of things, read on behalf of a change; empty where what they belong to does not exist."""
    try:
        return things((await sender.look_up(request)).json)
    except NotFound as error:
        _of_a_thing(error)
        return []


def milliseconds(moment: datetime) -> int:
    """A time as the search syntax has it."""
    # Whole numbers all the way: as a float some times come out a millisecond early.
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _of_a_thing(error: NotFound) -> None:
    """Raise a 404 that speaks of the path: it says nothing of the thing looked for."""
    if "no handler" in error.message.lower():
        raise error


def created_since(item: dict[str, Any], sent_at: datetime, skew: timedelta = SKEW, *, at: str = "createdAt") -> bool:
    """Whether something in an answer is new enough to be what we sent."""
    try:
        return moment_of(item[at]) >= sent_at - skew
    except (KeyError, ValueError, AttributeError):
        return False


async def noted(sender: Sender, newest: Request, text: str, sent_at: datetime) -> bool | None:
    """Whether a note with this text was added since; None where it may be the same text of an earlier step."""
    doubtful = False
    async for _ in moments(sender, SETTLE):
        alike = [
            note for note in await read_all(sender, newest) if note.get("note") == text and created_since(note, sent_at)
        ]
        if any(created_since(note, sent_at, GRACE) for note in alike):
            return True
        doubtful = bool(alike)
    return None if doubtful else False


class Shape(BaseModel):
    """A part of an input: names in YAML are snake_case, on the wire camelCase."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=Command.model_config["alias_generator"],
        defer_build=True,  # as of a command: a process uses few
    )


class Responder(Shape):
    """Somebody to be told: by id, by name, or a user by username."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"type": "team", "name": "Payments"}]})

    type: Literal["team", "user", "escalation", "schedule"]
    id: str | None = None
    name: str | None = None
    username: str | None = None

    @model_validator(mode="after")
    def _named_once(self) -> Responder:
        if sum(part is not None for part in (self.id, self.name, self.username)) != 1:
            raise ValueError("give one of id, name or username")
        if self.username is not None and self.type != "user":
            raise ValueError("only a user has a username")
        return self


class Viewer(Responder):
    """Somebody who may see an alert without being told of it."""

    type: Literal["team", "user"]
