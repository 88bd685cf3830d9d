"""The server: takes a request apart, judges it in the vendor's order, answers, and misbehaves when told to."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from connectors.opsgenie.simulator import (
    account,
    alert_actions,
    alert_attachments,
    alert_creating,
    alert_reading,
    alert_searches,
    contacts,
    control,
    deployments,
    escalation_calls,
    forwarding_calls,
    heartbeats,
    incident_actions,
    incident_calls,
    incident_rules,
    incident_templates,
    incident_timelines,
    integration_actions,
    integrations,
    jsm_door,
    logs,
    maintenance,
    notification_copying,
    notification_rules,
    notification_step_calls,
    on_calls,
    override_calls,
    policy_calls,
    roles,
    rotation_calls,
    schedule_calls,
    schedule_export,
    schedule_writes,
    service_templates,
    services,
    team_calls,
    team_roles,
    team_routing,
    user_belongings,
    user_writes,
    users,
)
from connectors.opsgenie.simulator.clock import stopwatch
from connectors.opsgenie.simulator.company import PLANS_WITH_INCIDENTS, Company
from connectors.opsgenie.simulator.faults import Fault
from connectors.opsgenie.simulator.keys import Key, authenticate
from connectors.opsgenie.simulator.ledger import Entry
from connectors.opsgenie.simulator.multipart import Upload, read_form
from connectors.opsgenie.simulator.refusals import Refused
from connectors.opsgenie.simulator.routing import Answer, Call, Route, Router
from connectors.opsgenie.simulator.shifting import hide, shift
from connectors.opsgenie.simulator.transport import reset
from connectors.opsgenie.simulator.webhooks import PAUSE, post_all

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

INTERNAL_ERROR = "Internal Server Error"
NOBODYS_KEY = Key("00000000-0000-4000-8000-000000000000", "no key", rights="")
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"

ROUTER = Router(
    [
        *alert_creating.ROUTES,
        *alert_reading.ROUTES,
        *alert_actions.ROUTES,
        *alert_searches.ROUTES,
        *alert_attachments.ROUTES,
        *incident_calls.ROUTES,
        *incident_actions.ROUTES,
        *incident_templates.ROUTES,
        *incident_timelines.ROUTES,
        *schedule_calls.ROUTES,
        *schedule_writes.ROUTES,
        *schedule_export.ROUTES,
        *rotation_calls.ROUTES,
        *override_calls.ROUTES,
        *forwarding_calls.ROUTES,
        *escalation_calls.ROUTES,
        *team_calls.ROUTES,
        *team_roles.ROUTES,
        *team_routing.ROUTES,
        *on_calls.ROUTES,
        *users.ROUTES,
        *user_writes.ROUTES,
        *user_belongings.ROUTES,
        *contacts.ROUTES,
        *notification_rules.ROUTES,
        *notification_step_calls.ROUTES,
        *notification_copying.ROUTES,
        *integrations.ROUTES,
        *integration_actions.ROUTES,
        *heartbeats.ROUTES,
        *policy_calls.ROUTES,
        *services.ROUTES,
        *incident_rules.ROUTES,
        *service_templates.ROUTES,
        *account.ROUTES,
        *roles.ROUTES,
        *maintenance.ROUTES,
        *deployments.ROUTES,
        *logs.ROUTES,
    ]
)
DOOR = jsm_door.through(ROUTER.routes)


@dataclass
class Arrival:
    """A request as it came over the wire."""

    method: str
    raw_path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    caller: str

    @property
    def path(self) -> str:
        return unquote(self.raw_path)


@dataclass
class Reply:
    """An answer as it goes over the wire."""

    status: int
    body: bytes
    headers: dict[str, str]


class Application:
    """One company behind HTTP."""

    def __init__(self, company: Company, on_answer: Callable[[Entry], None] | None = None) -> None:
        self.company = company
        self.stopping = asyncio.Event()
        """Set when the server goes down, so that nobody waits on."""
        self._on_answer = on_answer or (lambda entry: None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrival = await _arrival(scope, receive)
        if arrival is None:
            return
        if arrival.path.startswith(control.DOOR):
            await _send(send, self._controlled(arrival))
            return
        entry, fault = self._noted(arrival)
        reply = await self._misbehaving(scope, fault, entry, lambda: self._answered(arrival, entry))
        if reply is None:
            # Seen as gone by the client: let the protocol notice the disconnect before we return.
            await self._until_gone(scope, receive)
        else:
            entry.status = reply.status
            if fault and fault.kind == "truncated" and fault.options.get("in_transit"):
                await self._send_half(scope, receive, send, reply)
            else:
                await _send(send, reply)
        self._on_answer(entry)

    async def work(self) -> None:
        """What happens while nobody asks: the webhook's posts, as long as it has an address."""
        while not self.stopping.is_set():
            if self.company.webhook.url is not None:
                with self.company.lock:
                    self.company.catch_up()
                await post_all(self.company.webhook)
            await self._pause(PAUSE)

    def _controlled(self, arrival: Arrival) -> Reply:
        if arrival.caller not in {"127.0.0.1", "::1"}:
            return _json(403, {"message": "The control door opens to this machine only."})
        with self.company.lock:
            self.company.catch_up()
            return _json(*control.answer(self.company, arrival.method, arrival.path, arrival.body))

    def _noted(self, arrival: Arrival) -> tuple[Entry, Fault | None]:
        company = self.company
        with company.lock:
            now = company.catch_up()
            fault = company.faults.take(arrival.method, arrival.path)
            query = {name: value for name, value in arrival.query.items() if name != "apiKey"}
            body = _readable(arrival.body)
            number = len(company.ledger) + 1
            entry = Entry(number, now, arrival.method, arrival.path, query, body, company.new_id())
            entry.fault = fault.kind if fault else None
            company.ledger.append(entry)
        return entry, fault

    async def _misbehaving(
        self, scope: Scope, fault: Fault | None, entry: Entry, answered: Callable[[], Reply]
    ) -> Reply | None:
        """The answer, bent by a fault; None when none is to be sent."""
        if fault is None:
            return answered()
        options = fault.options
        if fault.kind in {"error", "html"}:
            return _wrong(options, html=fault.kind == "html", request_id=self.company.new_id())
        if fault.kind == "reset_before":
            reset(scope)
            return None
        if fault.kind == "silent_before":
            return None
        if fault.kind == "slow":
            await self._pause(options.get("seconds", 1.0))
            return answered()
        with self.company.lock:
            reply = answered()
            if fault.kind == "hidden":
                hide(self.company, entry.request_id, options.get("seconds", 5))
            elif fault.kind == "shift":
                shift(self.company, options.get("by", 1))
        if fault.kind == "reset_after":
            reset(scope)
            return None
        if fault.kind == "silent":
            return None
        if fault.kind == "error_after":
            return _wrong(options, html=False, request_id=self.company.new_id())
        if fault.kind == "skewed":
            skewed = self.company.clock.now() + timedelta(seconds=options.get("seconds", 300))
            reply.headers["Date"] = format_datetime(skewed, usegmt=True)
        elif fault.kind == "truncated" and not options.get("in_transit"):
            reply.body = reply.body[: len(reply.body) // 2]
        return reply

    def _answered(self, arrival: Arrival, entry: Entry) -> Reply:
        company = self.company
        started = stopwatch()
        with company.lock:
            company.catch_up()
            try:
                answer = self._judged(arrival, entry)
            except Refused as refused:
                answer = Answer(refused.body(), refused.status, refused.headers)
            except Exception:
                logging.getLogger(__name__).exception("The simulator itself failed")
                answer = Answer({"message": INTERNAL_ERROR}, 500)
            date = format_datetime(company.clock.now(), usegmt=True)
        took = max(0.001, round(stopwatch() - started, 3))
        headers = {"Date": date, "X-Request-ID": entry.request_id, "X-Response-Time": str(took), **answer.headers}
        if answer.raw is not None:
            return Reply(answer.status, answer.raw, headers)
        return _json(answer.status, {**answer.body, "took": took, "requestId": entry.request_id}, headers)

    def _judged(self, arrival: Arrival, entry: Entry) -> Answer:
        company = self.company
        behind = jsm_door.behind(arrival.raw_path)
        route, named = (
            ROUTER.find(arrival.method, arrival.raw_path) if behind is None else DOOR.find(arrival.method, behind)
        )
        if route.keyless:
            key, rate = NOBODYS_KEY, {}
        else:
            key = authenticate(arrival.headers.get("authorization"), company.keys)
            entry.key = key.name
            rate = company.limits.spend(route.domain, company.clock.now())
        if route.incidents and company.settings.plan not in PLANS_WITH_INCIDENTS:
            raise Refused(402, "Your plan does not have incidents.")  # the vendor's exact words are not recorded
        key.authorize(route.right, configuration=route.configuration, alert_write=route.alert_write, noun=route.noun)
        body, uploads = _read(arrival, route) if arrival.method in {"POST", "PUT", "PATCH"} else ({}, {})
        server = f"http://{arrival.headers.get('host', '127.0.0.1')}"
        call = Call(
            company,
            arrival.method,
            arrival.raw_path,
            arrival.query,
            body,
            key,
            entry.request_id,
            server,
            arrival.caller,
            named,
            uploads,
        )
        answer = route.handler(call)
        answer.headers = {**rate, **answer.headers}
        return answer

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return

    async def _until_gone(self, scope: Scope, receive: Receive) -> None:
        stopping = asyncio.ensure_future(self.stopping.wait())
        while not stopping.done():
            receiving = asyncio.ensure_future(receive())
            await asyncio.wait({stopping, receiving}, return_when=asyncio.FIRST_COMPLETED)
            if receiving.done() and receiving.result()["type"] == "http.disconnect":
                stopping.cancel()
                return
            receiving.cancel()
        reset(scope)
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _send_half(self, scope: Scope, receive: Receive, send: Send, reply: Reply) -> None:
        await send(_start(reply))
        half = reply.body[: len(reply.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        scope["state"]["transport"].close()
        await self._until_gone(scope, receive)


async def _arrival(scope: Scope, receive: Receive) -> Arrival | None:
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    path = scope["raw_path"].decode("latin-1")
    return Arrival(scope["method"], path, dict(query), headers, body, (scope["client"] or ("",))[0])


def _read(arrival: Arrival, route: Route) -> tuple[dict[str, Any], dict[str, Upload]]:
    """The fields and the files of a body."""
    if not arrival.body:
        return {}, {}
    content_type = arrival.headers.get("content-type", "")
    wanted = "multipart/form-data" if route.form else "application/json"
    if content_type.partition(";")[0].strip().lower() != wanted:
        raise Refused(415, "Unsupported media type")  # the vendor's exact words are not recorded
    return read_form(content_type, arrival.body) if route.form else (_body(arrival), {})


def _body(arrival: Arrival) -> dict[str, Any]:
    try:
        body = json.loads(arrival.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "Request body is not valid JSON.")  # the vendor's exact words are not recorded
    return body


def _readable(body: bytes) -> Any:
    """A body for the ledger: JSON where it is some, text where not."""
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body[:10_000].decode("utf-8", "replace")


def _wrong(options: dict[str, Any], *, html: bool, request_id: str) -> Reply:
    status = options.get("status", 503 if html else 500)
    message = options.get("message", INTERNAL_ERROR)
    headers = {str(name): str(value) for name, value in options.get("headers", {}).items()}
    if html:
        return Reply(status, _PAGE.format(message).encode(), {"Content-Type": "text/html", **headers})
    return _json(status, {"message": message, "took": 0.001, "requestId": request_id}, headers)


def _json(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Reply:
    # Half a surrogate pair, which JSON may carry in, can not be written as UTF-8: escaped it can.
    text = json.dumps(body).encode()
    return Reply(status, text, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def _start(reply: Reply) -> dict[str, Any]:
    headers = {**reply.headers, "Content-Length": str(len(reply.body))}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": reply.status, "headers": encoded}


async def _send(send: Send, reply: Reply) -> None:
    await send(_start(reply))
    await send({"type": "http.response.body", "body": reply.body})
