"""Bytes over HTTP: the only module that knows the HTTP libraries. Connections stay open.

httpx's requests and answers run on aiohttp's connections (httpx-aiohttp): measured on loopback, one shared httpx client
gives a third of the requests a second alone and a sixth with ten at once.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from playbooks_engine.errors import CommandFailed, ConnectionFailed, TimedOut, UnexpectedAnswer
from playbooks_engine.sdk import Answer, HttpConnection, Request

if TYPE_CHECKING:
    import httpx

CONNECT = 5.0
TOTAL = 30.0
LARGEST = 20 * 1024 * 1024
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
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", **headers}
        self._open: Any = None

    async def exchange(self, request: Request) -> Answer:
        """Send once and return the whole answer; raises Undelivered. Redirects are not followed."""
        import aiohttp
        import httpx
        from pydantic_core import to_json

        transport = self._opened()
        headers = {**self._headers, **request.headers}
        content = None
        if request.body is not None:
            content = to_json(request.body)
            headers["Content-Type"] = "application/json"
        try:
            sent = httpx.Request(
                request.method,
                _parsed(self._connection.url(request)),
                headers=headers,
                content=content,
                extensions={"timeout": {"connect": CONNECT, "read": TOTAL, "write": TOTAL, "pool": TOTAL}},
            )
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
        except httpx.InvalidURL as error:
            raise Undelivered(ConnectionFailed(f"The address is not valid: {error}."), left=False) from None

    async def close(self) -> None:
        if self._open is not None:
            await self._open.aclose()
            self._open = None

    def _opened(self) -> Any:
        if self._open is None:
            import aiohttp
            import httpx
            from httpx_aiohttp import AiohttpTransport

            trusted = ssl.create_default_context(cafile=self._connection.ca_file)
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trusted, keepalive_timeout=KEEP_OPEN, limit=100),
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
        if isinstance(cause, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError | ssl.SSLError):
            failure = ConnectionFailed(
                f"{host} shows a certificate that is not trusted.",
                hint="If a proxy of yours stands in between, name its authority in ca_file.",
            )
            return Undelivered(failure, left=False)
        if isinstance(cause, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
            return Undelivered(ConnectionFailed("The proxy cannot be used.", hint="Look at `proxy`."), left=False)
        if isinstance(cause, aiohttp.ConnectionTimeoutError):
            return Undelivered(
                TimedOut(f"{host} did not take a connection within {CONNECT:.0f} s.", hint="Is the network up?"),
                left=False,
            )
        if isinstance(cause, aiohttp.ClientConnectorError):
            failure = ConnectionFailed(
                f"{host} cannot be reached: {cause.os_error.strerror or cause.os_error}.",
                hint="Correct server_url, or see whether network, DNS and proxy work.",
            )
            return Undelivered(failure, left=False)
        if isinstance(error, httpx.TimeoutException) and isinstance(cause, aiohttp.ServerTimeoutError):
            return Undelivered(TimedOut(f"No answer within {TOTAL:.0f} s."), left=True)
        if isinstance(error, httpx.DecodingError):
            return Undelivered(UnexpectedAnswer("The answer's compression is broken."), left=True)
        if isinstance(cause, aiohttp.ClientPayloadError):
            return Undelivered(ConnectionFailed("The answer was cut off."), left=True)
        return Undelivered(ConnectionFailed(f"{host} closed the connection without an answer."), left=True)


@lru_cache(maxsize=1_000)
def _parsed(url: str) -> httpx.URL:
    """The same addresses are asked again and again, and reading one costs as much as storing a step."""
    import httpx

    return httpx.URL(url)


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1", "replace") for name, value in answer.headers.raw}


async def _body(answer: httpx.Response) -> bytes:
    """The whole body, unpacked; raises Undelivered when it is larger than we read."""
    parts = []
    size = 0
    packed = "content-encoding" in answer.headers
    stream: AsyncIterator[bytes] = answer.aiter_bytes() if packed else answer.aiter_raw()
    async for part in stream:
        size += len(part)
        if size > LARGEST:
            raise Undelivered(
                UnexpectedAnswer(
                    f"The answer is larger than {LARGEST // 2**20} MB, and was not read to its end.",
                    status_code=answer.status_code,
                    hint="Ask for less: a smaller page, or a narrower query.",
                ),
                left=True,
            )
        parts.append(part)
    return b"".join(parts)
