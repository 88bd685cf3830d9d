"""Exchanges without an answer that can be believed: the service may have seen the request."""

import asyncio
import gzip
import socket
import struct
import tracemalloc

import pytest
from loopback import body, exchange, is_, request_of, saying, server, undelivered

from playbooks_engine.errors import ConnectionFailed, TimedOut, UnexpectedAnswer
from playbooks_engine.runtime import transport


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience for tests: a whole exchange may take a third of a second."""
    monkeypatch.setattr(transport, "TOTAL", 0.3)


async def reset_before_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    wire = writer.get_extra_info("socket")
    await reader.read(1)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_a_reset_connection_may_have_arrived() -> None:
    async with server(reset_before_reading) as port:
        is_(await undelivered(port), ConnectionFailed, left=True, says="closed the connection without an answer")


async def test_a_connection_closed_without_a_word_may_have_arrived() -> None:
    async with server(saying(b"")) as port:
        is_(await undelivered(port), ConnectionFailed, left=True, says="closed the connection without an answer")


@pytest.mark.usefixtures("soon")
async def test_silence_ends_at_the_deadline_and_may_have_arrived() -> None:
    async with server(saying(b"", close=False)) as port:
        is_(await undelivered(port), TimedOut, left=True, says="No answer within")


@pytest.mark.usefixtures("soon")
async def test_a_body_that_drips_ends_at_the_deadline() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(body(b"", length=10_000))
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with server(drip) as port:
        is_(await undelivered(port), TimedOut, left=True, says="No answer within")


@pytest.mark.usefixtures("soon")
async def test_headers_that_drip_end_at_the_deadline() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1_000):
            writer.write(f"X-{number}: 1\r\n".encode())
            await writer.drain()
            await asyncio.sleep(0.02)

    async with server(drip) as port:
        is_(await undelivered(port), TimedOut, left=True, says="No answer within")


@pytest.mark.parametrize("length", [1_000, 200_000])
async def test_a_body_that_ends_early_was_cut_off(length: int) -> None:
    async with server(saying(body(b"{" * 100, length=length))) as port:
        is_(await undelivered(port), ConnectionFailed, left=True, says="cut off")


@pytest.mark.parametrize("chunks", [b"5\r\nhello\r\n", b"5\r\nhel"])
async def test_chunks_that_end_early_were_cut_off(chunks: bytes) -> None:
    begun = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    async with server(saying(begun)) as port:
        is_(await undelivered(port), ConnectionFailed, left=True, says="cut off")


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00\x01\x02\x03" * 100,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["another protocol", "bytes", "no status", "long header", "no header", "no length", "no chunk"],
)
async def test_what_is_no_http_is_unexpected_and_may_have_arrived(garbage: bytes) -> None:
    async with server(saying(garbage)) as port:
        fault = await undelivered(port)
    assert isinstance(fault.cause, UnexpectedAnswer), fault.cause
    assert fault.left is True


@pytest.mark.parametrize(
    "packed", [b"no gzip at all", gzip.compress(b"x" * 1_000)[:-9] + b"\0" * 9], ids=["no gzip", "damaged"]
)
async def test_broken_compression_is_unexpected_and_may_have_arrived(packed: bytes) -> None:
    async with server(saying(body(packed, "Content-Encoding: gzip"))) as port:
        is_(await undelivered(port), UnexpectedAnswer, left=True, says="compression is broken")


async def test_a_packed_body_that_ends_early_is_broken() -> None:
    async with server(saying(body(gzip.compress(b"x" * 100_000)[:50], "Content-Encoding: gzip"))) as port:
        is_(await undelivered(port), UnexpectedAnswer, left=True, says="compression is broken")


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "gzip, gzip, gzip, gzip", "zstd", "compress"])
async def test_an_encoding_we_did_not_ask_for_is_unexpected(encoding: str) -> None:
    packed = gzip.compress(gzip.compress(b"{}"))
    async with server(saying(body(packed, f"Content-Encoding: {encoding}"))) as port:
        is_(await undelivered(port), UnexpectedAnswer, left=True, says="compression")


async def test_an_answer_over_the_cap_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST", 2**20)
    for size, fits in ((2**20, True), (2**20 + 1, False)):
        async with server(saying(body(b" " * size))) as port:
            if fits:
                assert len((await exchange(port)).content) == size
            else:
                is_(await undelivered(port), UnexpectedAnswer, left=True, says="larger than 1 MB")


async def test_an_endless_answer_is_given_up_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST", 2**20)

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            await writer.drain()

    async with server(endless) as port:
        is_(await undelivered(port), UnexpectedAnswer, left=True, says="larger than 1 MB")


async def test_a_gzip_bomb_is_given_up_at_the_cap_and_needs_little_memory() -> None:
    bomb = gzip.compress(b"\0" * (200 * 2**20), 9)
    async with server(saying(body(bomb, "Content-Encoding: gzip"))) as port:
        tracemalloc.start()
        try:
            fault = await undelivered(port)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    is_(fault, UnexpectedAnswer, left=True, says="larger than 20 MB")
    assert peak < 60 * 2**20
