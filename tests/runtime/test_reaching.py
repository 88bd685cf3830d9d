"""Addresses looked at without a message: what is found of them, and what is wrong, without a word of the address."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback import free_port
from mail_sink import MailSink

from playbooks_engine.errors import BadProject, CommandFailed, ConnectionFailed, Rejected, TimedOut
from playbooks_engine.runtime import reaching
from playbooks_engine.runtime.reaching import reach
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.sdk import Reached, Secret

To = Callable[[str], Secret]
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")  # of a library of apprise's


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path)


@pytest.fixture
def to(monkeypatch: pytest.MonkeyPatch) -> To:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    number = 0

    def address(url: str) -> Secret:
        nonlocal number
        number += 1
        monkeypatch.setenv(f"TEST_URL_{number}", url)
        return Secret("env", f"TEST_URL_{number}")

    return address


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


async def test_a_mail_server_is_greeted_and_gets_no_mail(sink: MailSink, secrets: Secrets, to: To) -> None:
    found = await reach([to(f"mailto://127.0.0.1:{sink.port}?to=a@example.com")], secrets)
    assert found == (Reached("env:TEST_URL_1", "the mail server 127.0.0.1 answers"),)
    assert [asked.method for asked in sink.ledger] == ["EHLO", "NOOP", "QUIT"]
    assert sink.mails == []


async def test_a_mail_server_that_refuses_is_told_with_its_status(sink: MailSink, secrets: Secrets, to: To) -> None:
    sink.misbehave("error", 1, status=550)
    with pytest.raises(Rejected) as caught:
        await reach([to(f"mailto://127.0.0.1:{sink.port}?to=a@example.com")], secrets)
    assert caught.value.status_code == 550


async def test_the_host_of_a_webhook_is_seen_to_take_connections(secrets: Secrets, to: To) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        [found] = await reach([to(f"json://user:hunter2@127.0.0.1:{port}/hook")], secrets)
        listening.accept()[0].close()
    assert found.found == (
        f"127.0.0.1 takes connections on port {port}; whether it takes messages only a message can tell"
    )


async def test_of_other_services_the_address_is_read_and_that_is_said(secrets: Secrets, to: To) -> None:
    [found] = await reach([to("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23general")], secrets)
    assert found.found == "a slack:// address that can be read; more than that only a message can tell"


async def test_behind_a_proxy_a_webhook_is_only_read(secrets: Secrets, to: To, monkeypatch: pytest.MonkeyPatch) -> None:
    url = to("json://hook.example.com/")
    monkeypatch.setenv("http_proxy", "http://proxy.example.com:3128")
    [found] = await reach([url], secrets)
    assert "it may lie behind a proxy" in found.found


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("mailto://127.0.0.1:{free}?to=a@example.com", ConnectionFailed, "127.0.0.1 cannot be reached"),
        ("json://user:hunter2@127.0.0.1:{free}/", ConnectionFailed, "127.0.0.1 cannot be reached on port {free}"),
        ("mailto://127.0.0.1", BadProject, "env:TEST_URL_1 is no mail address we can use"),
        ("mailto://127.0.0.1:hunter2?to=a@example.com", BadProject, "env:TEST_URL_1 is no mail address we can use"),
        ("nonsense://hunter2", BadProject, "env:TEST_URL_1 is no address that apprise knows (nonsense://)"),
        ("hunter2", BadProject, "env:TEST_URL_1 holds no address"),
    ],
)
async def test_what_is_wrong_with_an_address_is_told_without_it(
    secrets: Secrets, to: To, url: str, kind: type[Exception], says: str
) -> None:
    free = free_port()
    with pytest.raises(kind) as caught:
        await reach([to(url.replace("{free}", str(free)))], secrets)
    assert says.replace("{free}", str(free)) in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_a_host_that_is_silent_is_given_up(secrets: Secrets, to: To, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    with pytest.raises(TimedOut, match="did not take a connection within 5 s"):
        await reach([to("json://127.0.0.1/")], secrets)


async def test_of_many_addresses_all_are_looked_at_and_each_wrong_one_is_told(
    sink: MailSink, secrets: Secrets, to: To
) -> None:
    good = to(f"mailto://127.0.0.1:{sink.port}?to=a@example.com")
    wrong = [to(f"mailto://127.0.0.1:{free_port()}?to=a@example.com"), to("nonsense://x")]
    with pytest.raises(CommandFailed) as caught:
        await reach([wrong[0], good, wrong[1]], secrets)
    assert caught.value.message.startswith("2 of 3 addresses cannot be used. env:TEST_URL_2: The mail server")
    assert "env:TEST_URL_3: env:TEST_URL_3 is no address" in caught.value.message
    assert [asked.method for asked in sink.ledger] == ["EHLO", "NOOP", "QUIT"]


async def test_a_defect_is_told_as_one(secrets: Secrets, to: To, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("hunter2")

    monkeypatch.setattr(reaching, "outlet", broken)
    with pytest.raises(ConnectionFailed, match=r"Looking at it broke \(KeyError\)."):
        await reach([to("json://127.0.0.1/")], secrets)
