"""Bytes over HTTP: every way an exchange can go wrong has a name, and says whether the service may have seen it."""

import asyncio
import gzip
import socket
import ssl
import zlib
from pathlib import Path

import pytest
import trustme
from loopback import GET, POST, body, exchange, free_port, is_, request_of, saying, server, undelivered

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import ConnectionFailed, TimedOut
from playbooks_engine.runtime import transport
from playbooks_engine.runtime.transport import Transport, Undelivered
from playbooks_engine.sdk import HttpConnection, Request, path_of


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience for tests: a whole exchange may take a third of a second."""
    monkeypatch.setattr(transport, "TOTAL", 0.3)


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
def authority() -> trustme.CA:
    """Somebody who vouches for certificates, made for this test."""
    return trustme.CA()


def tls_of(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


async def test_a_certificate_nobody_vouches_for_is_refused_before_anything_leaves(authority: trustme.CA) -> None:
    async with server(saying(body(b"{}")), tls_of(authority)) as port:
        fault = await undelivered(port, scheme="https")
    is_(fault, ConnectionFailed, left=False, says="certificate that is not trusted")
    assert "ca_file" in (fault.cause.hint or "")


async def test_the_authority_of_ca_file_is_trusted(authority: trustme.CA, tmp_path: Path) -> None:
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    async with server(saying(body(b'{"a": 1}')), tls_of(authority)) as port:
        assert (await exchange(port, scheme="https", ca_file=str(trusted))).json == {"a": 1}


async def test_a_ca_file_that_cannot_be_read_never_left(tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        if content is not None:
            (tmp_path / "ca.pem").write_text(content)
        fault = await undelivered(1, scheme="https", ca_file=str(tmp_path / "ca.pem"))
        is_(fault, ConnectionFailed, left=False, says="ca_file")


async def test_authorities_are_read_once_and_again_when_their_file_changes(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, read = ssl.create_default_context, []

    def counted(*, cafile: str | None = None) -> ssl.SSLContext:
        read.append(cafile)
        return really(cafile=cafile)

    trusted, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    authority.cert_pem.write_to_path(str(trusted))
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setattr(ssl, "create_default_context", counted)
    async with server(saying(body(b"{}")), tls_of(authority)) as port:
        for _ in range(3):
            await exchange(port, scheme="https", ca_file=str(trusted))
        assert read == [str(trusted)]
        other.replace(trusted)
        fault = await undelivered(port, scheme="https", ca_file=str(trusted))
    is_(fault, ConnectionFailed, left=False, says="certificate that is not trusted")
    assert read == [str(trusted)] * 2


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
