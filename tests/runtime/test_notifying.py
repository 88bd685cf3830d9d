"""Messages: each delivered once, tried again while it fails."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.notifying import MOST_ATTEMPTS, deliver_waiting, due_at
from playbooks_engine.store import notifications
from playbooks_engine.store.notifications import Notification
from playbooks_engine.testing.clock import START, FakeClock


class Mailbox:
    """A mail server that keeps what it takes."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.refuses = False
        self.refuses_recipient = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == self.refuses_recipient:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "554 not now"
        self.mails.append(envelope.content.decode())
        return "250 taken"


@pytest.fixture
def mailbox(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("TEST_CHAT_URL", f"mailto://127.0.0.1:{port}?to=ana@example.com,ben@example.com")
    yield mailbox
    controller.stop()


def queue(engine: Engine, title: str = "Connection ops is down", via: str = "chat.send") -> int:
    with engine.database.transaction() as connection:
        return notifications.queue_notification(
            connection, subject="down", title=title, body="It is.", via=via, now=engine.clock.now()
        )


def deliver(engine: Engine) -> int:
    async def go() -> int:
        try:
            return await deliver_waiting(engine)
        finally:
            await engine.calling.close()

    return asyncio.run(go())


def stored(engine: Engine) -> list[Notification]:
    with engine.database.reading() as connection:
        return notifications.notifications(connection)


def test_a_message_is_delivered_once(engine: Engine, mailbox: Mailbox) -> None:
    queue(engine)
    assert deliver(engine) == 1
    assert deliver(engine) == 0
    (mail,) = mailbox.mails
    assert "Subject: Connection ops is down" in mail
    (row,) = stored(engine)
    assert (row.sent_at, row.attempts, row.error) == (START, 1, None)


def test_a_message_that_is_refused_is_tried_again_with_growing_pauses(
    engine: Engine, mailbox: Mailbox, clock: FakeClock
) -> None:
    queue(engine)
    mailbox.refuses = True
    attempts = []
    for second in range(0, 200, 10):
        deliver(engine)
        if stored(engine)[0].attempts > len(attempts):
            attempts.append(second)
        asyncio.run(clock.advance(10))
    assert attempts == [0, 20, 60, 140]
    (row,) = stored(engine)
    assert row.sent_at is None
    assert row.error is not None
    assert row.error["type"] == "rejected"
    mailbox.refuses = False
    asyncio.run(clock.advance(600))
    assert deliver(engine) == 1
    assert len(mailbox.mails) == 1


def test_a_message_is_given_up_after_about_a_day_and_holds_up_no_other(engine: Engine, mailbox: Mailbox) -> None:
    assert timedelta(hours=12) < due_at(START, MOST_ATTEMPTS - 1) - START < timedelta(days=2)
    number = queue(engine, "old")
    with engine.database.transaction() as connection:
        for _ in range(MOST_ATTEMPTS):
            notifications.notification_failed(connection, number, {"type": "rejected"})
    queue(engine, "new")
    assert deliver(engine) == 1
    assert "Subject: new" in mailbox.mails[0]


def test_a_message_that_only_some_got_is_not_sent_to_them_again(
    engine: Engine, mailbox: Mailbox, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.refuses_recipient = "ben@example.com"
    queue(engine)
    assert deliver(engine) == 1
    asyncio.run(clock.advance(3600))
    assert deliver(engine) == 0
    assert len(mailbox.mails) == 1
    assert "reached only some" in caplog.text
    (row,) = stored(engine)
    assert row.sent_at == START
    assert row.error is not None
    assert "refused 1 of the recipients" in row.error["message"]


def test_many_messages_that_wait_for_their_next_try_do_not_hold_up_a_new_one(engine: Engine, mailbox: Mailbox) -> None:
    old = [queue(engine, "old") for _ in range(120)]
    with engine.database.transaction() as connection:
        for number in old:
            notifications.notification_failed(connection, number, {"type": "rejected"})
    queue(engine, "new")
    assert deliver(engine) == 1
    assert "Subject: new" in mailbox.mails[0]


def test_a_message_that_left_while_the_store_was_locked_is_recorded_once_it_is_free(
    engine: Engine, mailbox: Mailbox, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(engine)
    plain, refused = engine.database.transaction, iter([True, True])

    def locked(*how: Any, **more: Any) -> Any:
        if mailbox.mails and next(refused, False):
            raise StoreBusy
        return plain(*how, **more)

    monkeypatch.setattr(engine.database, "transaction", locked)

    async def pass_time() -> None:
        while True:
            await asyncio.sleep(0.01)
            await clock.advance(1)

    async def main() -> None:
        passing = asyncio.create_task(pass_time())
        assert await asyncio.wait_for(deliver_waiting(engine), 20) == 1
        passing.cancel()
        assert await deliver_waiting(engine) == 0
        await engine.calling.close()

    asyncio.run(main())
    assert len(mailbox.mails) == 1


def test_a_target_that_does_not_exist_stops_no_other(engine: Engine, mailbox: Mailbox) -> None:
    queue(engine, via="nobody.send")
    queue(engine, via="chat.shout")
    queue(engine)
    assert deliver(engine) == 1
    assert [row.sent_at is None for row in stored(engine)] == [False, True, True]


CHILD = """
import asyncio, sys
from pathlib import Path
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.health import check
from playbooks_engine.testing.clock import FakeClock

async def main():
    async with Engine.open(Path(sys.argv[1]), clock=FakeClock()) as engine:
        await check(engine, "ops")

asyncio.run(main())
"""


def test_a_check_killed_as_it_queues_its_message_leaves_neither_the_change_nor_the_message(
    engine: Engine, opsgenie: Any
) -> None:
    opsgenie.change_key(opsgenie.key, enabled=False)
    environment = {**os.environ, "PLAYBOOKS_FAULTS": "notification_queued:1:kill"}
    command = [sys.executable, "-c", CHILD, str(engine.project.folder)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert stored(engine) == []
    environment.pop("PLAYBOOKS_FAULTS")
    assert subprocess.run(command, env=environment, check=False).returncode == 0
    assert [row.subject for row in stored(engine)] == ["down"]
