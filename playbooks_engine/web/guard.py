"""What every answer passes: the Host check, who may change something, strict headers, no secret, no traceback."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from playbooks_engine.web.entry import SIGN_IN, TOKEN, Entry

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms too.
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""On every answer, failures included."""

# Not urlsplit: it takes [::1]evil for ::1.
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")

LARGEST = 64 * 1024
"""Bytes of what is sent to the page; a person fills in less."""

_FORM = "application/x-www-form-urlencoded"

_REDACTED = ("text/html", "application/json")


def hosts_of(public_url: str | None) -> frozenset[str]:
    """The names this page may be asked for by: this machine's own, and the host of `web.public_url`."""
    try:
        public = urlsplit(public_url or "").hostname
    except ValueError:
        public = None
    return frozenset((*LOOPBACK, public)) if public else frozenset(LOOPBACK)


def host_of(header: str) -> str | None:
    """The name in a Host header without its port; None where it is no such header."""
    found = _HOST.fullmatch(header)
    return found[1].strip("[]").lower() if found else None


class Guard:
    """Stands around the whole application, so that no route can be without it.

    A page of this machine is within reach of every website its user opens: with a name of its own that leads to
    127.0.0.1 such a site would read the answers, if the Host header were not checked. What changes something comes
    from the page itself (Origin), from somebody who signed in (cookie), and out of a form of ours (token); or from a
    program that brings the key. What a form says is in `request.state.form` then.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        redact: Callable[[str], str],
        broken: Callable[[Request], Response],
        entry: Entry,
    ) -> None:
        self._app = app
        self._entry = entry
        self._hosts = frozenset(hosts)
        self._redact = redact
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = self._refused(scope)
        if refused is None and scope["method"] == "POST":
            body = await _body(receive)
            refused = self._refused_change(scope, body)
            receive = _again(body or b"")
        if refused is not None:
            await _send(send, *await _collected(refused, scope, receive))
            return
        try:
            start, body = await _collected(self._app, scope, receive)
        except Exception:
            log.exception("The page %s could not be made.", scope.get("path", ""))
            start, body = await _collected(self._broken(Request(scope)), scope, receive)
        await _send(send, start, self._clean(start, body))

    def _refused(self, scope: Scope) -> Response | None:
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1 or host_of(named[0]) not in self._hosts:
            return PlainTextResponse(
                "This page answers only to its own name: open it as http://127.0.0.1, or set web.public_url "
                "in project.yml to the address you use.\n",
                400,
            )
        if scope["method"] not in {"GET", "POST"}:
            return PlainTextResponse("This page answers to GET and POST.\n", 405, {"allow": "GET, POST"})
        return None

    def _refused_change(self, scope: Scope, body: bytes | None) -> Response | None:
        if body is None:
            return PlainTextResponse("This is too much for a form.\n", 413)
        headers, entry = Headers(scope=scope), self._entry
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        fields = _fields(body) if kind == _FORM else {}
        program = entry.has_key(headers.get("authorization", ""))
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
        if not (program and origin is None) and not (entry.is_ours(origin or "", headers["host"]) and site in _SAME):
            return PlainTextResponse("This was not sent by this page.\n", 403)
        if kind not in {_FORM, "application/json"}:
            return PlainTextResponse("Send a form, or JSON.\n", 415)
        scope.setdefault("state", {})["form"] = fields
        if program or scope["path"] == SIGN_IN:
            return None
        if not entry.signed_in(headers.get("cookie", "")):
            return PlainTextResponse(f"Sign in first: {SIGN_IN}\n", 403)
        if not entry.is_token(fields.get(TOKEN, "") or headers.get("x-token", "")):
            return PlainTextResponse("This form is none of this page, or of another key: load the page again.\n", 403)
        return None

    def _clean(self, start: Message, body: bytes) -> bytes:
        kind = dict(start["headers"]).get(b"content-type", b"").decode("latin-1")
        if not kind.startswith(_REDACTED):
            return body
        text = body.decode()
        clean = self._redact(text)
        return body if clean == text else clean.encode()


_SAME = frozenset({"same-origin", "none"})


async def _body(receive: Receive) -> bytes | None:
    """All that is sent; None where it is too much."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(pieces)  # whoever sent it has gone
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > LARGEST:
            return None
        if not message.get("more_body"):
            return b"".join(pieces)


def _again(body: bytes) -> Receive:
    """What was sent, for the application to receive."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _fields(body: bytes) -> dict[str, str]:
    """The fields of a form, each once; nothing where it is none."""
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=200, errors="strict"))
    except ValueError:
        return {}


async def _collected(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """An answer as a whole: a secret may stand across two pieces of it."""
    start: MutableMapping[str, Any] = {}
    pieces: list[bytes] = []

    async def take(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        elif message["type"] == "http.response.body":
            pieces.append(message.get("body", b""))

    await app(scope, receive, take)
    return start, b"".join(pieces)


async def _send(send: Send, start: Message, body: bytes) -> None:
    ours = {name.encode(): value.encode() for name, value in HEADERS.items()}
    ours[b"content-length"] = str(len(body)).encode()
    kept = [(name, value) for name, value in start["headers"] if name.lower() not in ours]
    await send({**start, "headers": [*kept, *ours.items()]})
    await send({"type": "http.response.body", "body": body})
