"""A sender with given answers, so that a command's `run` and `look` can be tested without a network or a clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_core import to_json

from playbooks_engine.errors import ConnectionFailed
from playbooks_engine.sdk import (
    Answer,
    AnswerLost,
    Command,
    Delivery,
    HttpConnection,
    Message,
    Reached,
    Request,
    Spec,
)

START = datetime(2020, 6, 3, tzinfo=UTC)

Given = Answer | Exception
By = Callable[[Request], Given]


class _Anything(Command, route="GET /", area="anything"):
    """Stands in where a test names no command."""


def answer(status: int, document: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer whose body is this as JSON."""
    return Answer(status, {"content-type": "application/json", **(headers or {})}, to_json(document))


def lost(sent_at: datetime = START) -> AnswerLost:
    """What a sender raises for a change whose answer never came."""
    return AnswerLost(ConnectionFailed("The connection broke."), sent_at)


class GivenSender:
    """Answers with what it was given, in order, or by a function of the request; remembers everything.

    As the real one does, it turns a status of 400 and more into the connection's error, unless it is expected.
    """

    def __init__(
        self, *answers: Given, by: By | None = None, connection: HttpConnection | None = None, spec: Spec | None = None
    ) -> None:
        self.requests: list[Request] = []
        self.sent: list[Request] = []
        self.waits: list[float] = []
        self.accepted_ids: list[str] = []
        self.messages: list[Message] = []
        self._left = list(answers)
        self._by = by
        self._connection = connection or HttpConnection(connector="given", server_url="https://given.test")
        self._spec = spec or _Anything.spec
        self._now = START

    @property
    def waited(self) -> float:
        return sum(self.waits)

    async def send(self, request: Request, *, expect: Collection[int] = ()) -> Answer:
        self.sent.append(request)
        return self._answer(request, expect)

    async def look_up(self, request: Request, *, expect: Collection[int] = ()) -> Answer:
        if request.method != "GET":
            raise AssertionError(f"only GET looks something up, not {request.method}")
        return self._answer(request, expect)

    async def message(self, message: Message) -> Delivery:
        self.messages.append(message)
        if self._left and isinstance(given := self._left.pop(0), Exception):
            raise given
        return Delivery(id=f"message-{len(self.messages)}", delivered=1)

    async def reach(self) -> Sequence[Reached]:
        if self._left and isinstance(given := self._left.pop(0), Exception):
            raise given
        return (Reached("env:GIVEN", "it answers"),)

    async def accepted(self, request_id: str) -> None:
        self.accepted_ids.append(request_id)

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._now += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self._now

    def _answer(self, request: Request, expect: Collection[int]) -> Answer:
        self.requests.append(request)
        if self._by is not None:
            given = self._by(request)
        elif self._left:
            given = self._left.pop(0)
        else:
            raise AssertionError(f"no answer is left for {request.method} {request.target}")
        if isinstance(given, Exception):
            raise given
        if given.status not in expect:
            failure = self._connection.failure(self._spec, request, given, "given")
            if failure is not None:
                raise failure
        return given
