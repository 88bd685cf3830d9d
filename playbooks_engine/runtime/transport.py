"""Bytes over HTTP: the only module that knows the HTTP libraries. Connections stay open.

httpx's requests and answers run on aiohttp's connections (httpx-aiohttp): measured on loopback, one shared httpx client
gives a third of the requests a second alone and a sixth with ten at once.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from playbooks_engine.errors import CommandFailed, ConnectionFailed, TimedOut, UnexpectedAnswer
from playbooks_engine.runtime.addresses import Refused, opening
from playbooks_engine.sdk import Answer, HttpConnection, Request, as_text

if TYPE_CHECKING:
    import httpx

CONNECT = 5.0
TOTAL = 30.0
LARGEST = 20 * 1024 * 1024
_PIECE = 256 * 1024
# Shorter than servers usually keep a silent connection, so that a change rarely meets one that was just closed.
KEEP_OPEN = 4.0


class Undelivered(Exception):
    """No answer came; `left` says whether the service may have seen the request."""

    def __init__(self, cause: CommandFailed, *, left: bool) -> None:
        super().__init__(cause.message)
        self.cause = cause
        self.left = left


class Transport:
    """The open connections to one service."""

    def __init__(self, connection: HttpConnection, headers: Mapping[str, str]) -> None:
        self._connection = connection
        self.headers = headers
        """What the service knows us by; replaced when the key is."""
        self._open: Any = None

    async def exchange(self, request: Request) -> Answer:
        """Send once and return the whole answer; raises Undelivered. Redirects are not followed."""
        import aiohttp
        import httpx
        from pydantic_core import to_json

        transport = self._opened()
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", **self.headers, **request.headers}
        _sendable(headers)
        content: dict[str, Any] = {}
        if request.files:
            # The library writes the form, and the header that names its boundary.
            files = {name: (file.name, file.content) for name, file in request.files.items()}
            content = {"data": {name: as_text(value) for name, value in (request.body or {}).items()}, "files": files}
        elif request.body is not None:
            content = {"content": to_json(request.body)}
            headers["Content-Type"] = "application/json"
        try:
            sent = httpx.Request(
                request.method,
                self._address(request),
                headers=headers,
                extensions={"timeout": {"connect": CONNECT, "read": TOTAL, "write": TOTAL, "pool": TOTAL}},
                **content,
            )
            await sent.aread()
            async with asyncio.timeout(TOTAL):
                answer = await transport.handle_async_request(sent)
                try:
                    return Answer(answer.status_code, _headers(answer), await _body(answer))
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise Undelivered(TimedOut(f"No answer within {TOTAL:.0f} s."), left=True) from None
        except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
            raise self._told_apart(error) from None
        except (httpx.InvalidURL, UnicodeError):
            # Names of hosts are turned into ASCII before anything is sent, and some cannot be.
            raise self._invalid() from None

    async def close(self) -> None:
        if self._open is not None:
            await self._open.aclose()
            self._open = None

    def _address(self, request: Request) -> httpx.URL:
        """Where to send; raises Undelivered for a path that would lead to another host, as the key goes along."""
        url, own = _parsed(self._connection.url(request)), _parsed(self._connection.server_url)
        if (url.scheme, url.netloc, url.userinfo) != (own.scheme, own.netloc, own.userinfo):
            failure = ConnectionFailed(
                f"This request would leave {self._connection.host} for another host.",
                hint="A path begins with `/`; for another host make another connection.",
            )
            raise Undelivered(failure, left=False)
        return url

    def _invalid(self) -> Undelivered:
        return Undelivered(ConnectionFailed(f"The address of {self._connection.host} is not valid."), left=False)

    def _opened(self) -> Any:
        if self._open is None:
            import aiohttp
            import httpx
            from httpx_aiohttp import AiohttpTransport

            trusted = _trusted(self._connection.ca_file)
            # Where there is a proxy, the only address we connect to is its own.
            sockets = None if self._connection.proxy else opening(self._connection)
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=trusted, keepalive_timeout=KEEP_OPEN, limit=100, socket_factory=sockets
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent",),
            )
            # aiohttp repeats PUT and DELETE by itself on a connection that broke; whether a change may be sent twice
            # is decided in one place here, and that is not it.
            session._retry_connection = False
            proxy = httpx.Proxy(self._connection.proxy) if self._connection.proxy else None
            self._open = AiohttpTransport(client=session, verify=trusted, proxy=proxy, trust_env=False)
        return self._open

    def _told_apart(self, error: Exception) -> Undelivered:
        """What went wrong, from aiohttp's own error: the adapter calls a reset connection a connect timeout."""
        import aiohttp
        import httpx

        host = self._connection.host
        cause = error.__cause__ or error
        # Not any ssl.SSLError: one that comes after the connection stood may come after the request, too.
        if isinstance(cause, aiohttp.ClientConnectorCertificateError):
            failure = ConnectionFailed(
                f"{host} shows a certificate that is not trusted.",
                hint="If a proxy of yours stands in between, name its authority in ca_file.",
            )
            return Undelivered(failure, left=False)
        if isinstance(cause, aiohttp.ClientConnectorSSLError):
            failure = ConnectionFailed(
                f"{host} does not speak TLS as we do.", hint="Correct the scheme and the port of server_url."
            )
            return Undelivered(failure, left=False)
        if isinstance(cause, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
            return Undelivered(ConnectionFailed("The proxy cannot be used.", hint="Look at `proxy`."), left=False)
        if isinstance(cause, aiohttp.ConnectionTimeoutError):
            return Undelivered(
                TimedOut(f"{host} did not take a connection within {CONNECT:.0f} s.", hint="Is the network up?"),
                left=False,
            )
        if isinstance(cause, aiohttp.InvalidURL):
            return self._invalid()
        if isinstance(cause, aiohttp.ClientConnectorError) and isinstance(cause.os_error, Refused):
            refused = cause.os_error
            failure = ConnectionFailed(
                f"{host} leads to {refused.address}, and was not connected to.", hint=refused.hint
            )
            return Undelivered(failure, left=False)
        if isinstance(cause, aiohttp.ClientConnectorError):
            failure = ConnectionFailed(
                f"{host} cannot be reached: {_why(cause.os_error)}.",
                hint="Correct server_url, or see whether network, DNS and proxy work.",
            )
            return Undelivered(failure, left=False)
        if isinstance(error, httpx.TimeoutException) and isinstance(cause, aiohttp.ServerTimeoutError):
            return Undelivered(TimedOut(f"No answer within {TOTAL:.0f} s."), left=True)
        if isinstance(cause, aiohttp.ClientPayloadError):
            return Undelivered(ConnectionFailed("The answer was cut off, or broken on the way."), left=True)
        reading = cause.__cause__
        if isinstance(cause, aiohttp.ClientResponseError) or isinstance(reading, aiohttp.http.HttpProcessingError):
            foreign = UnexpectedAnswer(
                f"What {host} answers is not HTTP.", hint="Another service than expected listens there; see server_url."
            )
            return Undelivered(foreign, left=True)
        return Undelivered(ConnectionFailed(f"{host} closed the connection without an answer."), left=True)


def _why(error: OSError) -> str:
    """The system's words for it: asyncio puts the address there instead. Errors of names have negative numbers."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)


@lru_cache(maxsize=1_000)
def _parsed(url: str) -> httpx.URL:
    """The same addresses are asked again and again, and reading one costs as much as storing a step."""
    import httpx

    return httpx.URL(url)


def _trusted(ca_file: str | None) -> ssl.SSLContext:
    """Whom to trust; raises Undelivered where `ca_file` cannot be used.

    Reading the system's authorities takes 19 ms, so each set is read once. A `ca_file` that changed is read again by
    the next link that opens; the system's own set is, when the process starts anew.
    """
    try:
        status = os.stat(ca_file) if ca_file is not None else None
        return _authorities(ca_file, (status.st_mtime_ns, status.st_size, status.st_ino) if status else ())
    except OSError as error:  # an SSLError, too
        why = error.strerror or "it holds no certificate"
        raise Undelivered(ConnectionFailed(f"The ca_file {ca_file} cannot be used: {why}."), left=False) from None


@lru_cache(maxsize=16)
def _authorities(ca_file: str | None, version: tuple[int, ...]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1", "replace") for name, value in answer.headers.raw}


def _sendable(headers: Mapping[str, str]) -> None:
    """Raise Undelivered for what no header can carry, naming the header and never its value: it may be the key."""
    for name, value in headers.items():
        if not value.isascii() or not value.replace("\t", " ").isprintable():
            failure = ConnectionFailed(
                f"The header {name} holds a line break or a letter that cannot be sent.",
                hint="Look at what the secret of this connection holds: it should be one line of plain letters.",
            )
            raise Undelivered(failure, left=False)


async def _body(answer: httpx.Response) -> bytes:
    """The whole body, unpacked; raises Undelivered when it is larger than we read."""
    parts = []
    size = 0
    unpacking = _Unpacking(answer.headers.get("content-encoding", ""))
    async for part in answer.aiter_raw():
        for piece in unpacking.unpack(part):
            size += len(piece)
            if size > LARGEST:
                raise Undelivered(
                    UnexpectedAnswer(
                        f"The answer is larger than {LARGEST // 2**20} MB, and was not read to its end.",
                        status_code=answer.status_code,
                        hint="Ask for less: a smaller page, or a narrower query.",
                    ),
                    left=True,
                )
            parts.append(piece)
    unpacking.end()
    return b"".join(parts)


class _Unpacking:
    """Unpacks a body piece by piece: a thousand times more may come out of a part than went in.

    Only one layer, of a kind that we asked for: each further layer of a hostile answer multiplies again.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._packed: Any = None
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise _broken("The answer is packed with a compression that was not asked for.")

    def unpack(self, part: bytes) -> Iterator[bytes]:
        if self._encoding in {"", "identity"}:
            yield part
            return
        if self._packed is None:
            # "deflate" should have the two bytes of a zlib header, and some servers leave them out.
            plain = self._encoding == "deflate" and part[0] & 0x0F != 8
            self._packed = zlib.decompressobj(-zlib.MAX_WBITS if plain else zlib.MAX_WBITS | 32)
        while part and not self._packed.eof:
            try:
                yield self._packed.decompress(part, _PIECE)
            except zlib.error:
                raise _broken("The answer's compression is broken.") from None
            part = self._packed.unconsumed_tail

    def end(self) -> None:
        if self._packed is not None and not self._packed.eof:
            raise _broken("The answer's compression is broken: its end is missing.")


def _broken(why: str) -> Undelivered:
    return Undelivered(UnexpectedAnswer(why), left=True)
