"""Bytes over HTTP: every way an exchange can go wrong has a name, and says whether the service may have seen it."""

import asyncio
import gzip
import socket
import ssl
import struct
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import CommandFailed, ConnectionFailed, TimedOut, UnexpectedAnswer
from playbooks_engine.runtime import transport
from playbooks_engine.runtime.transport import Transport, Undelivered
from playbooks_engine.sdk import Answer, HttpConnection, Request, path_of

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUEpa97FexCND0n5Pc2dgLZkQmN/gwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE2MjUzM1oYDzIxMjYxMDI5
MTYyNTMzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQQ6Tg4iEInBhojg/phbYyFl6W/Y9wS1u5kvlrVDuugFr8gkpng4las
BlHnMExPSamNyBr9a8iOT1aAtRPvSNQAo28wbTAdBgNVHQ4EFgQUKcI/brOMqhTg
3pBqqPr3yg3a5dIwHwYDVR0jBBgwFoAUKcI/brOMqhTg3pBqqPr3yg3a5dIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAJtWu9744KtxviAKmOBvPMe4ca0q1MsWSmaEPEczDdtnAiAt
3Fp8orn5BUU9Pep3doo0g57ynCH5SIEkl0kw8zvzWw==
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqIfepPHewm9/C5w3
FyNqvAOEsrR1psBamu5brOlowxKhRANCAAQQ6Tg4iEInBhojg/phbYyFl6W/Y9wS
1u5kvlrVDuugFr8gkpng4lasBlHnMExPSamNyBr9a8iOT1aAtRPvSNQA
-----END PRIVATE KEY-----
"""

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


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience for tests: a whole exchange may take a third of a second."""
    monkeypatch.setattr(transport, "TOTAL", 0.3)


# what goes well


async def test_an_answer_is_status_headers_in_lower_case_and_the_whole_body() -> None:
    async with server(saying(body(b'{"a": 1}', "Content-Type: application/json", "X-Some-Thing: Yes"))) as port:
        answer = await exchange(port)
    assert (answer.status, answer.json, answer.headers["x-some-thing"]) == (200, {"a": 1}, "Yes")


async def test_a_request_carries_the_key_json_and_no_name_of_a_library() -> None:
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_of(reader))
        writer.write(body(b"{}"))
        await writer.drain()

    async with server(serve) as port:
        await exchange(port, Request("POST", "/x", body={"é": [1, None]}, headers={"X-Own": "1"}))
    head, _, sent = seen[0].partition(b"\r\n\r\n")
    assert sent.decode() == '{"é":[1,null]}'
    assert head.startswith(b"POST /x HTTP/1.1\r\n")
    lower = head.lower()
    assert b"x-key: k" in lower
    assert b"x-own: 1" in lower
    assert b"content-type: application/json" in lower
    assert b"user-agent" not in lower
    assert b"cookie" not in lower


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_compressed_answer_is_unpacked(encoding: str) -> None:
    packed = gzip.compress(b'{"a": 1}') if encoding == "gzip" else zlib.compress(b'{"a": 1}')
    async with server(saying(body(packed, f"Content-Encoding: {encoding}"))) as port:
        assert (await exchange(port)).json == {"a": 1}


async def test_raw_deflate_which_some_servers_send_is_unpacked() -> None:
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = squeeze.compress(b'{"a": 1}') + squeeze.flush()
    async with server(saying(body(packed, "Content-Encoding: deflate"))) as port:
        assert (await exchange(port)).json == {"a": 1}


async def test_an_empty_answer_that_claims_to_be_packed_is_empty() -> None:
    async with server(saying(body(b"", "Content-Encoding: gzip", status="202 Accepted"))) as port:
        assert (await exchange(port)).content == b""


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with server(saying(b"")) as other:
        headers = (f"Location: http://127.0.0.1:{other}/elsewhere",)
        async with server(saying(body(b"", *headers, status="302 Found"))) as port:
            answer = await exchange(port)
    assert answer.status == 302


async def test_connections_stay_open_between_exchanges() -> None:
    peers = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await request_of(reader)
            peers.add(writer.get_extra_info("peername"))
            writer.write(body(b"{}"))
            await writer.drain()

    async with server(serve) as port:
        way = Transport(HttpConnection(connector="given", server_url=f"http://127.0.0.1:{port}"), {})
        for _ in range(3):
            await way.exchange(GET)
        await way.close()
    assert len(peers) == 1


async def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request() -> None:
    seen = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await request_of(reader))
            writer.write(body(b"{}", "Set-Cookie: session=1; Path=/"))
            await writer.drain()

    async with server(serve) as port:
        way = Transport(HttpConnection(connector="given", server_url=f"http://127.0.0.1:{port}"), {})
        for _ in range(2):
            await way.exchange(GET)
        await way.close()
    assert b"session" not in seen[1]


# addresses arrive as they were built


@pytest.mark.parametrize(
    "value",
    [
        "a/b",
        "a+b",
        "a?b",
        "a#b",
        "a%b",
        "a%2Fb",
        "a b",
        "ä€🙂",
        "a&b=c",
        "a;b",
        "'\"<>",
        "a:b@c",
        "a\\b",
        "~._-",
        "a|^`",
    ],
)
async def test_what_stands_in_a_path_arrives_as_it_was_built(value: str) -> None:
    path = path_of("/v2/users/{name}/x", {"name": value})
    with Simulator() as simulator:
        port = int(simulator.url.rpartition(":")[2])
        await exchange(port, Request("GET", path, (("q", value),)))
        entry = simulator.ledger[-1]
    assert entry.path == f"/v2/users/{value}/x"
    assert entry.query == {"q": value}


async def test_a_path_on_the_wire_is_the_one_that_was_built_byte_for_byte() -> None:
    lines = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await request_of(reader)).split(b"\r\n")[0])
        writer.write(body(b"{}"))
        await writer.drain()

    values = ["a/b", "a+b", "a?b", "%2F", "%", "é", "a b"]
    async with server(serve) as port:
        for value in values:
            await exchange(port, Request("GET", path_of("/p/{x}/q", {"x": value})))
    assert lines == [f"GET {path_of('/p/{x}/q', {'x': value})} HTTP/1.1".encode() for value in values]


# nothing left


async def test_a_refused_connection_never_left() -> None:
    is_(await undelivered(free_port()), ConnectionFailed, left=False, says="cannot be reached")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example.com", "ex..ample.com"])
async def test_an_unknown_host_never_left(host: str) -> None:
    way = Transport(HttpConnection(connector="given", server_url=f"https://{host}"), {})
    with pytest.raises(Undelivered) as caught:
        await way.exchange(POST)
    await way.close()
    assert isinstance(caught.value.cause, ConnectionFailed)
    assert caught.value.left is False


async def test_a_connection_that_is_not_taken_in_time_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        filling = []
        for _ in range(4):  # the queue of a socket that accepts nobody is soon full
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            filling.append(one)
        fault = await undelivered(port)
        for one in filling:
            one.close()
    is_(fault, TimedOut, left=False, says="did not take a connection")


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    (tmp_path / "both.pem").write_text(CERTIFICATE + KEY)
    return tmp_path / "both.pem"


def tls_of(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_a_certificate_nobody_vouches_for_is_refused_before_anything_leaves(pem: Path) -> None:
    async with server(saying(body(b"{}")), tls_of(pem)) as port:
        fault = await undelivered(port, scheme="https")
    is_(fault, ConnectionFailed, left=False, says="certificate that is not trusted")
    assert "ca_file" in (fault.cause.hint or "")


async def test_the_authority_of_ca_file_is_trusted(pem: Path, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text(CERTIFICATE)
    async with server(saying(body(b'{"a": 1}')), tls_of(pem)) as port:
        assert (await exchange(port, scheme="https", ca_file=str(authority))).json == {"a": 1}


async def test_a_ca_file_that_cannot_be_read_never_left(tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        if content is not None:
            (tmp_path / "ca.pem").write_text(content)
        fault = await undelivered(1, scheme="https", ca_file=str(tmp_path / "ca.pem"))
        is_(fault, ConnectionFailed, left=False, says="ca_file")


async def test_a_server_without_tls_behind_https_never_left() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(body(b"", status="400 Bad Request"))
        await writer.drain()

    async with server(plain) as port:
        fault = await undelivered(port, scheme="https")
    is_(fault, ConnectionFailed, left=False, says="does not speak TLS")


async def test_a_proxy_that_cannot_be_used_never_left() -> None:
    fault = await undelivered(free_port(), proxy=f"http://127.0.0.1:{free_port()}")
    is_(fault, ConnectionFailed, left=False, says="proxy")


@pytest.mark.parametrize("value", ["two\nlines", "ключ", "a\x00b"])
async def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(value: str) -> None:
    way = Transport(HttpConnection(connector="given", server_url="http://127.0.0.1:1"), {"X-Key": value})
    with pytest.raises(Undelivered) as caught:
        await way.exchange(POST)
    await way.close()
    is_(caught.value, ConnectionFailed, left=False, says="The header X-Key holds")
    assert value not in str(caught.value.cause)


# it may have arrived


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


# one request is one request


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_broken_connection_is_not_tried_again_here(method: str) -> None:
    """A kept connection that breaks is where libraries repeat a PUT or DELETE by themselves."""
    seen = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await request_of(reader)
            seen.append(head.split(b" ")[0])
            if len(seen) > 1:
                return
            writer.write(body(b"{}"))
            await writer.drain()

    async with server(serve) as port:
        way = Transport(HttpConnection(connector="given", server_url=f"http://127.0.0.1:{port}"), {})
        await way.exchange(GET)
        with pytest.raises(Undelivered):
            await way.exchange(Request(method, "/things"))
        await way.close()
    assert seen == [b"GET", method.encode()]


async def test_a_cancelled_exchange_gives_its_connection_up() -> None:
    """Its late answer must not become the next request's."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await request_of(reader)
            if b"/slow" in head:
                await asyncio.sleep(0.2)
            writer.write(body(head.split(b" ")[1]))
            await writer.drain()

    async with server(serve) as port:
        way = Transport(HttpConnection(connector="given", server_url=f"http://127.0.0.1:{port}"), {})
        slow = asyncio.create_task(way.exchange(Request("GET", "/slow")))
        await asyncio.sleep(0.05)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        answers = [(await way.exchange(Request("GET", f"/fast{n}"))).content for n in range(3)]
        await way.close()
    assert answers == [b"/fast0", b"/fast1", b"/fast2"]


async def test_a_closed_transport_opens_again() -> None:
    async with server(saying(body(b"{}"))) as port:
        way = Transport(HttpConnection(connector="given", server_url=f"http://127.0.0.1:{port}"), {})
        await way.exchange(GET)
        await way.close()
        await way.exchange(GET)
        await way.close()
        await way.close()
