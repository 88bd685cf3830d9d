"""Where requests may not go: private networks, cloud metadata, other hosts; whoever tries to send them there."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from loopback import GET, body, is_, request_of, server
from out_of_bounds import EVERY, LITERAL, LOOPBACK, SPELLED
from pydantic import ValidationError

from connectors.http.requests import Request as Step
from connectors.opsgenie.alerts.listing import ListAlerts
from playbooks_engine.errors import ConnectionFailed, InvalidInput
from playbooks_engine.runtime.transport import Transport, Undelivered
from playbooks_engine.sdk import HttpConnection, Request

HOST = "api.example.com"
PUBLIC = "8.8.8.8"


@dataclass
class Net:
    """A network of our own: whom names stand for, and where the public address really leads."""

    port: int
    """Of the service behind the public address."""
    answers: list[list[str]] = field(default_factory=lambda: [[PUBLIC]])
    """What the name server says, each time it is asked; the last for ever."""
    asked: int = 0
    connected: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int, *rest: Any, **named: Any) -> list[Any]:
        if not host.endswith("example.com"):
            return _RESOLVE(host, port, *rest, **named)
        said = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            (socket.AF_INET6, 1, 6, "", (one, port, 0, 0)) if ":" in one else (socket.AF_INET, 1, 6, "", (one, port))
            for one in said
        ]

    def way(self, url: str = "", **settings: Any) -> Transport:
        given = HttpConnection(connector="given", server_url=url or f"https://{HOST}:{self.port}", **settings)
        return Transport(given, {"X-Key": "k"})


_RESOLVE = socket.getaddrinfo


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


@pytest.fixture
def lines() -> list[str]:
    """What the service of this machine was asked."""
    return []


@pytest.fixture
def answer() -> dict[str, bytes]:
    return {"": body(b'{"data": []}', "Content-Type: application/json")}


@pytest.fixture
async def net(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, lines: list[str], answer: dict[str, bytes]
) -> AsyncIterator[Net]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await request_of(reader)).split(b"\r\n")[0].decode())
        writer.write(answer[""])
        await writer.drain()

    async with server(serve, context) as port:
        net = Net(port)
        loop = asyncio.get_running_loop()
        really = loop.sock_connect

        async def connect(sock: socket.socket, address: Any) -> None:
            net.connected.append(address[0])
            await really(sock, ("127.0.0.1", *address[1:]) if address[0] == PUBLIC else address)

        monkeypatch.setattr(loop, "sock_connect", connect)
        monkeypatch.setattr(socket, "getaddrinfo", net.resolve)
        yield net


@pytest.fixture
def metadata() -> Iterator[tuple[int, list[Any]]]:
    """A service of this machine that hands out keys: its port, and who came."""
    came: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening.getsockname()[1], came
        with suppress(BlockingIOError):
            came.append(listening.accept())
    assert came == []


async def refused(way: Transport, request: Request = GET) -> Undelivered:
    try:
        with pytest.raises(Undelivered) as caught:
            await way.exchange(request)
        return caught.value
    finally:
        await way.close()


async def test_a_public_address_is_reached_and_asked_for_once(net: Net, ca_file: str) -> None:
    way = net.way(ca_file=ca_file)
    for _ in range(2):
        assert (await way.exchange(GET)).status == 200
    await way.close()
    assert (net.asked, set(net.connected)) == (1, {PUBLIC})


# the address of the connection


@pytest.mark.parametrize("host", [host for host in LITERAL if host not in LOOPBACK])
async def test_an_address_out_of_bounds_is_told_by_name_and_nothing_leaves(
    host: str, net: Net, metadata: tuple[int, list[Any]]
) -> None:
    fault = await refused(net.way(f"https://{host}:{metadata[0]}"))
    is_(fault, ConnectionFailed, left=False, says=f"{host}:{metadata[0]} leads to ")
    assert fault.cause.hint
    assert net.connected == []


@pytest.mark.parametrize("host", SPELLED)
def test_an_address_spelled_oddly_is_no_server_url(host: str) -> None:
    with pytest.raises(ValidationError, match="four decimal numbers"):
        HttpConnection(connector="given", server_url=f"https://{host}")


@pytest.mark.parametrize("host", SPELLED)
async def test_an_address_spelled_oddly_that_got_here_all_the_same_leads_nowhere(
    host: str, net: Net, metadata: tuple[int, list[Any]]
) -> None:
    url = f"https://{host}:{metadata[0]}"
    connection = HttpConnection.model_construct(connector="given", server_url=url, proxy=None, ca_file=None)
    fault = await refused(Transport(connection, {}))
    assert isinstance(fault.cause, ConnectionFailed)
    assert (fault.left, net.connected) == (False, [])


@pytest.mark.parametrize("host", LITERAL)
async def test_a_name_that_stands_for_such_an_address_is_refused(host: str, net: Net) -> None:
    address = host.strip("[]")
    net.answers = [[address]]
    is_(await refused(net.way()), ConnectionFailed, left=False, says=f"{HOST}:{net.port} leads to {address}")
    assert net.connected == []


async def test_a_name_that_stands_for_several_leads_to_the_public_one_only(net: Net, ca_file: str) -> None:
    net.answers = [["127.0.0.1", "10.0.0.1", "fd00:ec2::254", PUBLIC]]
    way = net.way(ca_file=ca_file)
    assert (await way.exchange(GET)).status == 200
    await way.close()
    assert net.connected == [PUBLIC]


async def test_a_name_that_stands_for_several_private_ones_is_refused_with_one_of_them(net: Net) -> None:
    net.answers = [["127.0.0.1", "10.0.0.1", "::1"]]
    is_(await refused(net.way()), ConnectionFailed, left=False, says="leads to ")
    assert net.connected == []


async def test_a_private_network_may_be_allowed_and_the_answer_comes(net: Net, ca_file: str) -> None:
    net.answers = [["127.0.0.1"]]
    way = net.way(ca_file=ca_file, allow_private=True)
    assert (await way.exchange(GET)).status == 200
    await way.close()


async def test_a_name_server_that_changes_its_answer_leads_nowhere_else(
    net: Net, ca_file: str, lines: list[str]
) -> None:
    """DNS rebinding: public when looked at, this machine when connected to."""
    net.answers = [[PUBLIC], ["127.0.0.1"]]
    way = net.way(ca_file=ca_file)
    assert (await way.exchange(GET)).status == 200
    assert net.connected == [PUBLIC]
    way._open.client.connector._cached_hosts.clear()  # as after its ten seconds: the name is asked for again
    fault = await refused(way)
    is_(fault, ConnectionFailed, left=False, says="leads to 127.0.0.1")
    assert (net.asked, net.connected, len(lines)) == (2, [PUBLIC], 1)


async def test_localhost_that_stands_for_another_machine_gets_no_key_in_the_clear(net: Net) -> None:
    def elsewhere(host: str, port: int, *rest: Any, **named: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", (PUBLIC, port))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", elsewhere)
        fault = await refused(net.way(f"http://localhost:{net.port}"))
    is_(fault, ConnectionFailed, left=False, says=f"leads to {PUBLIC}")
    assert net.connected == []


async def test_a_proxy_resolves_names_and_may_stand_anywhere(net: Net) -> None:
    seen = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await request_of(reader)).split(b"\r\n")[0])
        writer.write(body(b"", status="502 Bad Gateway"))
        await writer.drain()

    async with server(proxy) as port:
        await refused(net.way(proxy=f"http://127.0.0.1:{port}"))
    assert seen == [f"CONNECT {HOST}:{net.port} HTTP/1.1".encode()]
    assert net.asked == 0


# what steps and answers say


@pytest.mark.parametrize("host", EVERY)
async def test_no_path_leads_to_another_host(
    host: str, net: Net, ca_file: str, metadata: tuple[int, list[Any]]
) -> None:
    there = f"{host}:{metadata[0]}"
    way = net.way(ca_file=ca_file)
    for path in (f"@{there}/", f".{there}/", f"https://{there}/", f":1@{there}/", there):
        with pytest.raises(InvalidInput):
            Step.read_inputs({"path": path})
        with pytest.raises(Undelivered) as caught:
            await way.exchange(Request("GET", path))
        assert (type(caught.value.cause), caught.value.left) == (ConnectionFailed, False)
    assert net.connected == []
    for path in (f"//{there}/", f"/\\{there}/", f"/@{there}/"):
        await way.exchange(Request("GET", path))
    await way.close()
    assert set(net.connected) == {PUBLIC}


@pytest.mark.parametrize("path", ["@other.example.com/", ":1@other.example.com/", "@127.0.0.1:1/"])
async def test_no_path_leads_to_another_host_of_the_public_either(path: str, net: Net) -> None:
    """The key of this connection would go along."""
    is_(await refused(net.way(), Request("GET", path)), ConnectionFailed, left=False, says="would leave")
    assert (net.asked, net.connected) == (0, [])


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_no_redirect_is_followed_wherever_it_leads(
    status: str, net: Net, ca_file: str, answer: dict[str, bytes], metadata: tuple[int, list[Any]], lines: list[str]
) -> None:
    way = net.way(ca_file=ca_file)
    hosts = (*EVERY, "other.example.com", HOST)
    for host in hosts:
        answer[""] = body(b"", f"Location: https://{host}:{metadata[0]}/", "Connection: close", status=status)
        assert (await way.exchange(GET)).status == int(status[:3])
    await way.close()
    assert lines == ["GET /things HTTP/1.1"] * len(hosts)
    assert set(net.connected) == {PUBLIC}


async def test_no_page_is_asked_for_at_the_address_an_answer_names(
    net: Net, ca_file: str, answer: dict[str, bytes], metadata: tuple[int, list[Any]], lines: list[str]
) -> None:
    way = net.way(ca_file=ca_file)

    class Straight:
        async def send(self, request: Request) -> Any:
            given = await way.exchange(request)
            answer[""] = body(b'{"data": []}', "Connection: close")
            return given

    for host in EVERY:
        page = b'{"data": [{"id": "a"}], "paging": {"next": "https://%b:%d/v2/alerts"}}'
        answer[""] = body(page % (host.encode(), metadata[0]), "Connection: close")
        await ListAlerts(max_items=2).run(Straight())  # type: ignore[arg-type]
    await way.close()
    assert len(lines) == 2 * len(EVERY)
    assert all(line.startswith("GET /v2/alerts?") for line in lines)
    assert set(net.connected) == {PUBLIC}
