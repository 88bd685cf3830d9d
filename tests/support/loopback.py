"""Servers of raw bytes on a real port, and what a transport makes of them."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from playbooks_engine.errors import CommandFailed
from playbooks_engine.runtime.transport import Transport, Undelivered
from playbooks_engine.sdk import Answer, HttpConnection, Request

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
GET = Request("GET", "/things")
POST = Request("POST", "/things", body={"a": 1})


@asynccontextmanager
async def server(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server of raw bytes on a real port; yields the port."""
    tasks: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """One whole request, head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


def saying(answer: bytes, *, close: bool = True) -> Serve:
    """Serve this to the first request of each connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(answer)
        await writer.drain()
        if not close:
            await asyncio.sleep(60)

    return serve


def body(content: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content) if length is None else length}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


async def exchange(port: int, request: Request = GET, *, scheme: str = "http", **settings: Any) -> Answer:
    url = f"{scheme}://127.0.0.1:{port}"
    way = Transport(HttpConnection(connector="given", server_url=url, **settings), {"X-Key": "k"})
    try:
        return await way.exchange(request)
    finally:
        await way.close()


async def undelivered(port: int, request: Request = POST, **settings: Any) -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        await exchange(port, request, **settings)
    return caught.value


def is_(fault: Undelivered, kind: type[CommandFailed], *, left: bool, says: str) -> None:
    assert type(fault.cause) is kind
    assert fault.left is left
    assert says in fault.cause.message


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
