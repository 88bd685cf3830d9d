"""Where requests leave: permission, audit and intent first; then the throttle, the key, and what may be retried."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from playbooks_engine.errors import BadProject, CommandFailed, NotAllowed, RateLimited, ServerError
from playbooks_engine.faults import fault
from playbooks_engine.runtime.breaking import Breaker
from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.delivering import deliver
from playbooks_engine.runtime.files import loaded
from playbooks_engine.runtime.permissions import judge
from playbooks_engine.runtime.reaching import reach
from playbooks_engine.runtime.records import Actor, Origin, Recorder
from playbooks_engine.runtime.secrets import Secrets, secrets_of
from playbooks_engine.runtime.throttling import HURRY, PATIENCE, Throttle
from playbooks_engine.runtime.transport import Transport, Undelivered
from playbooks_engine.sdk import (
    Answer,
    AnswerLost,
    Command,
    Connection,
    Delivery,
    HttpConnection,
    Message,
    MessageConnection,
    Reached,
    Request,
)
from playbooks_engine.store.throttles import Throttles

ATTEMPTS = 4
"""How often one read is sent, when connections break or the service fails on its side."""

RENEWALS_APART = 10.0
"""Seconds between looks for a new key: a wrong one is refused again and again, and a look may run a program."""


class Planned(Exception):
    """A plan reached a change: this is the request that would have left."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.target)
        self.request = request


@dataclass
class Link:
    """An open way to one connection: its settings, its open HTTP connections and what is known of its limits."""

    name: str
    connection: Connection
    secrets: Secrets
    clock: Clock
    throttles: Throttles | None = None
    folder: Path = Path()
    """The project's, for the files that requests carry."""
    throttle: Throttle = field(init=False)
    breaker: Breaker = field(init=False)
    _transport: Transport | None = field(init=False, default=None)
    _renewing: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    _renewed_at: float = field(init=False, default=-math.inf)

    def __post_init__(self) -> None:
        self.throttle = Throttle(self.clock, self.name, self.throttles)
        self.breaker = Breaker(self.clock, self.name)

    @property
    def transport(self) -> Transport:
        if self._transport is None:
            assert isinstance(self.connection, HttpConnection)  # noqa: S101 - only such commands have requests
            self._transport = Transport(self.connection, self._headers())
        return self._transport

    async def renewed(self, shown: Mapping[str, str]) -> bool:
        """After these headers were refused: whether there is another key now, so that sending once more may help."""
        async with self._renewing:  # one look for all who were refused together
            if self.transport.headers is shown and self.clock.monotonic() - self._renewed_at >= RENEWALS_APART:
                self._renewed_at = self.clock.monotonic()
                with suppress(BadProject):  # what cannot be had any more does not replace what we have
                    if await asyncio.to_thread(self.secrets.renew, [*secrets_of(self.connection)]):
                        self.transport.headers = self._headers()
            return self.transport.headers is not shown

    def _headers(self) -> Mapping[str, str]:
        assert isinstance(self.connection, HttpConnection)  # noqa: S101 - only such commands have requests
        return self.connection.headers(self.secrets.reveal)

    async def close(self) -> None:
        if self._transport is not None:
            await self._transport.close()
            self._transport = None


class CallSender:
    """What one running command may do with the outside world: the Sender of the sdk, for one call.

    Everything that leaves passes `_gate` first, so a retry, a resumed run or a sub-playbook is judged again by the
    settings of now, and no request is without its audit row.
    """

    def __init__(
        self,
        link: Link,
        command: Command,
        actor: Actor,
        recorder: Recorder,
        *,
        origin: Origin,
        plan: bool = False,
    ) -> None:
        self.requests = 0
        self.planned: Request | None = None
        self._link = link
        self._command = command
        self._actor = actor
        self._recorder = recorder
        self._origin = origin
        self._plan = plan
        self._audit_id: str | None = None
        self._spent = False

    # what the sdk's Sender promises

    def now(self) -> datetime:
        return self._link.clock.now()

    async def wait(self, seconds: float) -> None:
        await self._link.clock.sleep(seconds)

    async def send(self, request: Request, *, expect: Collection[int] = ()) -> Answer:
        request = await loaded(request, self._link.folder)
        await self._gate(request)
        if self._command.effect == "read":
            if request.method not in {"GET", "HEAD"}:
                raise TypeError(f"{self._command.spec.name} is declared as a read and sends {request.method}")
            return await self._read(request, expect)
        return await self._change(request, expect)

    async def look_up(self, request: Request, *, expect: Collection[int] = ()) -> Answer:
        if request.method != "GET":
            raise TypeError(f"{self._command.spec.name} looks something up with {request.method}; only GET looks")
        await self._gate(request, looking=True)
        return await self._read(request, expect)

    async def accepted(self, request_id: str) -> None:
        await self._recorder.accepted(self._origin, request_id)

    async def message(self, message: Message) -> Delivery:
        request = Request("CALL", "/send", body={"title": message.title, "body": message.body})
        await self._gate(request)
        connection = self._link.connection
        urls = message.urls or (connection.urls if isinstance(connection, MessageConnection) else ())
        self.requests += 1
        sent_at = self.now()
        fault("before_send")
        self._recorder.make_sure(self._origin)
        left, self._origin.left = self._origin.left, True
        try:
            delivery = await deliver(replace(message, urls=urls), self._link.secrets)
        except BadProject:
            self._origin.left = left  # an address that cannot be used: nobody got anything
            raise
        except Undelivered as undelivered:
            cause = self._told(undelivered.cause)
            raise AnswerLost(cause, sent_at) if undelivered.left else cause from None
        fault("after_send")
        return delivery

    async def reach(self) -> Sequence[Reached]:
        await self._gate(Request("CALL", "/reach"))
        connection = self._link.connection
        self.requests += 1
        try:
            return await reach(connection.urls if isinstance(connection, MessageConnection) else (), self._link.secrets)
        except CommandFailed as error:
            raise self._told(error) from None

    def ended(self, error: CommandFailed | None) -> None:
        """The call is over: complete its audit row, and settle its intent if it had one."""
        if self._audit_id is not None:
            planned = self.planned is not None
            self._recorder.call_ended(self._audit_id, error, self.requests, self.now(), planned=planned)
        if self._origin.intent_id:
            self._recorder.settled(self._origin, error, self.now())

    # the gate

    async def _gate(self, request: Request, *, looking: bool = False) -> None:
        effect = self._command.effect
        spec = self._command.spec
        connection = self._link.connection
        missing = connection.unoffered(request.method, request.path) if isinstance(connection, HttpConnection) else None
        if missing is not None:
            raise self._told(missing)
        verdict = judge(connection.allow, spec.area, effect)
        planned = self._plan and effect != "read"
        writes = effect != "read" and not looking
        spends = writes and verdict.allowed and not planned and not self._spent
        if self._audit_id is None or spends:
            self._spent |= spends
            self._audit_id = await self._recorder.call_begins(
                known=self._audit_id,
                spends=spends,
                actor=self._actor,
                connection=self._link.name,
                connector=connection.connector,
                command=self._command,
                request=request,
                decision="denied" if not verdict.allowed else "planned" if planned else "allowed",
                rule=verdict.rule,
                now=self.now(),
            )
        if not verdict.allowed:
            await self._recorder.committed()
            raise NotAllowed(
                f'Connection "{self._link.name}" does not allow {spec.name}: {verdict.rule}.',
                hint=f"If it should, write `allow: {{{verdict.needed}}}` for it in project.yml.",
                indicator=spec.failure,
            )
        if planned:
            self.planned = request
            raise Planned(request)
        if writes and not self._origin.intent_id:
            connector = connection.connector
            self._recorder.intent(self._origin, self._link.name, connector, self._command, request, self.now())
        await self._recorder.committed(durable=writes)
        if writes:
            fault("intent_written")

    # sending

    async def _read(self, request: Request, expect: Collection[int]) -> Answer:
        attempts = ATTEMPTS if self._command.patient else 1
        for attempt in range(1, attempts + 1):
            try:
                answer = await self._exchange(request)
                failure = None if answer.status in expect else self._failure(request, answer)
            except Undelivered as undelivered:
                failure = undelivered.cause
            else:
                if failure is None:
                    return answer
            if not failure.retryable or isinstance(failure, RateLimited) or attempt == attempts:
                raise self._told(failure)
            if not self._link.breaker.may_retry(failure):
                raise self._told(failure)
            await self._link.clock.sleep(self._link.throttle.backoff(attempt))
        raise AssertionError("the loop returns or raises")  # pragma: no cover

    async def _change(self, request: Request, expect: Collection[int]) -> Answer:
        """A change is sent again only while it surely never reached the service."""
        for attempt in range(1, ATTEMPTS + 1):
            sent_at = self.now()
            try:
                answer = await self._exchange(request)
            except Undelivered as undelivered:
                if undelivered.left:
                    raise AnswerLost(self._told(undelivered.cause), sent_at) from undelivered
                if attempt == ATTEMPTS or not self._link.breaker.may_retry(undelivered.cause):
                    raise self._told(undelivered.cause) from None
                await self._link.clock.sleep(self._link.throttle.backoff(attempt))
                continue
            if answer.status in expect:
                return answer
            failure = self._failure(request, answer)
            if isinstance(failure, ServerError):
                # A service that failed half-way may have made the change.
                raise AnswerLost(self._told(failure), sent_at)
            if failure is not None:
                raise self._told(failure)
            return answer
        raise AssertionError("the loop returns or raises")  # pragma: no cover

    async def _exchange(self, request: Request) -> Answer:
        """Send when it is our turn; a 429 is waited out here, unless by a check, and spends no attempt."""
        throttle, breaker, domain = self._link.throttle, self._link.breaker, self._command.spec.limits
        refused: CommandFailed | None = None
        renewed = False
        while True:
            left_at = await throttle.turn(domain, refused, PATIENCE if self._command.patient else HURRY)
            if self._waits_for_health:
                breaker.admit()
            self.requests += 1
            fault("before_send")
            if self._command.effect != "read":
                self._recorder.make_sure(self._origin)
            transport = self._link.transport  # may lack its secret, and then nothing has left
            shown = transport.headers
            left, self._origin.left = self._origin.left, True
            try:
                answer = await transport.exchange(request)
            except Undelivered as undelivered:
                self._origin.left = left or undelivered.left
                breaker.failed(undelivered.cause)
                raise
            fault("after_send")
            connection = self._link.connection
            assert isinstance(connection, HttpConnection)  # noqa: S101 - it has a transport
            period = connection.pause(answer)
            if answer.status >= 500:
                breaker.failed(ServerError(f"The server answered {answer.status}.", status_code=answer.status))
            else:
                breaker.answered()
            if answer.status != 429:
                throttle.answered(domain, throttled=connection.throttled(answer), period=period)
                if answer.status == 401 and not renewed and await self._link.renewed(shown):
                    renewed, self._origin.left = True, left
                    continue
                return answer
            self._origin.left = left  # refused, so nothing was done
            failure = self._failure(request, answer)
            refused = self._told(failure) if failure else None
            throttle.refused(domain, period, left_at)
            if refused is not None and not self._command.patient:
                raise refused

    @property
    def _waits_for_health(self) -> bool:
        """Whether this call is held back while the service is down; what a person changes by hand is not."""
        return self._command.effect == "read" or self._actor.kind != "person"

    def _failure(self, request: Request, answer: Answer) -> CommandFailed | None:
        connection = self._link.connection
        assert isinstance(connection, HttpConnection)  # noqa: S101 - it answered over HTTP
        return connection.failure(self._command.spec, request, answer, self._link.name)

    def _told(self, failure: CommandFailed) -> CommandFailed:
        failure.indicator = failure.indicator or self._command.spec.failure
        return failure
