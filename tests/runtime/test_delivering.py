"""Messages to people: delivered, or told whether somebody may have got them; never with the address in the error."""

import email
import email.policy
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.errors import BadProject, ConnectionFailed, Rejected
from playbooks_engine.runtime.delivering import PartlyDelivered, deliver
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.runtime.transport import Undelivered
from playbooks_engine.sdk import Message, Secret


class MailServer(threading.Thread):
    """Takes mail on a real port, as far as it is told to."""

    def __init__(self, answers: dict[str, str] | None = None, hang_up: str = "", refuses: str = "nobody") -> None:
        super().__init__(daemon=True)
        self.answers = {"DATA": "354 go on", ".": "250 taken", "QUIT": "221 bye", **(answers or {})}
        self.hang_up = hang_up
        self.refuses = refuses
        self.mails: list[Any] = []
        self.to: list[str] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                wire, _ = self.listening.accept()
            except OSError:
                return
            with wire, wire.makefile("rb") as lines:
                self.talk(wire, lines)

    def talk(self, wire: socket.socket, lines: Any) -> None:
        wire.sendall(b"220 here\r\n")
        data: list[bytes] | None = None
        for line in lines:
            word = "." if data is not None else line.split()[0].decode().upper()
            if data is not None and line != b".\r\n":
                data.append(line)
                continue
            if word == self.hang_up:
                return
            if word == "RCPT" and self.refuses in line.decode():
                wire.sendall(b"550 no such user\r\n")
                continue
            if data is not None:
                self.mails.append(email.message_from_bytes(b"".join(data), policy=email.policy.default))
                data = None
            elif word == "DATA" and self.answers["DATA"].startswith("354"):
                data = []
            elif word == "RCPT":
                self.to.append(line.decode().strip())
            wire.sendall(f"{self.answers.get(word, '250 fine')}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Callable[..., MailServer]]:
    made: list[MailServer] = []

    def make(**how: Any) -> MailServer:
        made.append(MailServer(**how))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.listening.close()


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path)


@pytest.fixture
def to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Secret]:
    number = 0

    def address(url: str) -> Secret:
        nonlocal number
        number += 1
        monkeypatch.setenv(f"TEST_URL_{number}", url)
        return Secret("env", f"TEST_URL_{number}")

    return address


def mail(port: int, rest: str = "to=a@example.com") -> str:
    return f"mailto://127.0.0.1:{port}?{rest}"


async def test_a_mail_arrives_with_title_body_and_everybody_named(server: Any, secrets: Secrets, to: Any) -> None:
    one = server()
    url = mail(one.port, "to=a@example.com,b@example.com&from=p@example.com")
    delivery = await deliver(Message("Größe: 5\nzwei", "Titel ä", (to(url),)), secrets)
    [got] = one.mails
    assert (got["Subject"], got["From"], got["To"]) == ("Titel ä", "p@example.com", "a@example.com, b@example.com")
    assert got.get_content().splitlines() == ["Größe: 5", "zwei"]
    assert len(one.to) == 2
    assert delivery.delivered == 1


async def test_a_title_from_an_alert_smuggles_in_no_header(server: Any, secrets: Secrets, to: Any) -> None:
    one = server()
    await deliver(Message("body", "hello\r\nBcc: evil@example.com", (to(mail(one.port)),)), secrets)
    assert one.mails[0]["Bcc"] is None
    assert one.mails[0]["Subject"] == "hello Bcc: evil@example.com"
    assert len(one.to) == 1


async def test_without_a_title_the_first_line_is_the_subject(server: Any, secrets: Secrets, to: Any) -> None:
    one = server()
    await deliver(Message("first\nsecond", "", (to(mail(one.port)),)), secrets)
    assert one.mails[0]["Subject"] == "first"


async def lost(secrets: Secrets, *urls: Secret) -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        await deliver(Message("body", "title", urls), secrets)
    return caught.value


async def test_a_server_that_is_not_there_got_nothing(secrets: Secrets, to: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    fault = await lost(secrets, to(mail(port)))
    assert isinstance(fault.cause, ConnectionFailed)
    assert fault.left is False


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA", "."])
async def test_a_server_that_refuses_got_nothing(server: Any, secrets: Secrets, to: Any, word: str) -> None:
    one = server(answers={word: "550 no such user a@example.com"})
    fault = await lost(secrets, to(mail(one.port)))
    assert isinstance(fault.cause, Rejected)
    assert fault.left is False
    assert "a@example.com" not in str(fault.cause)


async def test_a_server_that_goes_away_at_the_end_may_have_taken_it(server: Any, secrets: Secrets, to: Any) -> None:
    one = server(hang_up=".")
    assert (await lost(secrets, to(mail(one.port)))).left is True


@pytest.mark.parametrize("answer", ["421 busy", "500 what", "none"])
async def test_a_mail_that_was_taken_stays_taken_whatever_the_server_says_at_the_end(
    server: Any, secrets: Secrets, to: Any, answer: str
) -> None:
    one = server(hang_up="QUIT") if answer == "none" else server(answers={"QUIT": answer})
    assert (await deliver(Message("body", "title", (to(mail(one.port)),)), secrets)).delivered == 1
    assert len(one.mails) == 1


async def test_a_mail_carries_its_date_and_an_id_of_its_own(server: Any, secrets: Secrets, to: Any) -> None:
    one = server()
    delivery = await deliver(Message("body", "title", (to(mail(one.port)),)), secrets)
    assert one.mails[0]["Message-ID"] == f"<{delivery.id}@127.0.0.1>"
    assert one.mails[0]["Date"].datetime.utcoffset() is not None


@pytest.mark.parametrize("broken_first", [True, False])
async def test_what_only_some_took_is_final_and_a_broken_address_silences_no_other(
    server: Any, secrets: Secrets, to: Any, broken_first: bool
) -> None:
    good, bad, other = server(), server(answers={"RCPT": "550 no"}), server()
    urls = [to(mail(good.port)), to(mail(bad.port)), to(mail(other.port))]
    if broken_first:
        urls[0], urls[1] = urls[1], urls[0]
    with pytest.raises(PartlyDelivered, match="2 of 3 addresses took the message; env:TEST_URL_2: The mail server"):
        await deliver(Message("body", "title", tuple(urls)), secrets)
    assert [len(one.mails) for one in (good, bad, other)] == [1, 0, 1]


@pytest.mark.parametrize(
    "broken",
    ["mailto://127.0.0.1", "mailto://127.0.0.1:port?to=a@example.com", "mailto://h?to=a%0Ab@example.com", "nonsense:x"],
)
async def test_an_address_that_makes_no_sense_silences_no_other(
    server: Any, secrets: Secrets, to: Any, broken: str
) -> None:
    one = server()
    with pytest.raises(PartlyDelivered, match="1 of 2 addresses took the message; env:TEST_URL_1"):
        await deliver(Message("body", "title", (to(broken), to(mail(one.port)))), secrets)
    assert len(one.mails) == 1


async def test_an_unset_variable_silences_no_other(server: Any, secrets: Secrets, to: Any) -> None:
    one = server()
    with pytest.raises(PartlyDelivered, match="env:TEST_URL_NOWHERE"):
        await deliver(Message("body", "", (Secret("env", "TEST_URL_NOWHERE"), to(mail(one.port)))), secrets)
    assert len(one.mails) == 1


async def test_a_defect_at_one_address_silences_no_other(
    server: Any, secrets: Secrets, to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("playbooks_engine.runtime.delivering._apprise", broken)
    one = server()
    with pytest.raises(PartlyDelivered, match="1 of 2"):
        await deliver(Message("body", "", (to("json://x"), to(mail(one.port)))), secrets)
    assert (await lost(secrets, to("json://x"))).left is True


async def test_a_recipient_that_was_refused_is_told_though_others_got_the_mail(
    server: Any, secrets: Secrets, to: Any
) -> None:
    one = server(refuses="b@example.com")
    with pytest.raises(PartlyDelivered, match="refused 1 of the recipients") as caught:
        await deliver(Message("body", "title", (to(mail(one.port, "to=a@example.com,b@example.com")),)), secrets)
    assert len(one.mails) == 1
    assert "b@example.com" not in str(caught.value)


async def test_when_nobody_took_it_and_one_may_have_it_is_not_sure(server: Any, secrets: Secrets, to: Any) -> None:
    refusing, leaving = server(answers={"MAIL": "550 no"}), server(hang_up=".")
    assert (await lost(secrets, to(mail(refusing.port)), to(mail(leaving.port)))).left is True


@pytest.mark.parametrize("url", ["mailto://127.0.0.1", "mailto:?to=a@example.com"])
async def test_an_address_without_a_server_or_a_recipient_is_named_by_its_reference(
    secrets: Secrets, to: Any, url: str
) -> None:
    with pytest.raises(BadProject, match=r"TEST_URL_1 (is no mail|holds no) address"):
        await deliver(Message("body", "title", (to(url),)), secrets)


async def test_other_services_need_the_extra(secrets: Secrets, to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(BadProject) as caught:
        await deliver(Message("body", "title", (to("slack://aaaaaaa/bbbbbbb/ccccccc"),)), secrets)
    assert "needs the notify extra" in caught.value.message
    assert "aaaaaaa" not in str(caught.value)
