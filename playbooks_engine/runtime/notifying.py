"""Messages that wait in the store, delivered through notify connections; one that fails is tried again later."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from playbooks_engine.errors import EngineError, OutcomeUnknown
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.running.failing import as_failure
from playbooks_engine.store import notifications
from playbooks_engine.store.notifications import Notification

log = logging.getLogger(__name__)

SERVICE = Actor("service", "notifications")

MOST_ATTEMPTS = 15
"""After so many attempts, about a day, a message is given up; it stays in the store with its last error."""

FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=4)


async def deliver_waiting(engine: Engine) -> int:
    """Try each message that is due, oldest first; returns how many were delivered."""
    with engine.database.reading() as connection:
        waiting = notifications.waiting_notifications(connection, fewer_attempts=MOST_ATTEMPTS)
    now = engine.clock.now()
    delivered = 0
    for message in waiting:
        if due_at(message.created_at, message.attempts) <= now:
            delivered += await _deliver(engine, message)
    return delivered


def due_at(created_at: datetime, attempts: int) -> datetime:
    """When a message may be tried again: pauses double, counted from when it was queued."""
    pauses = (min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE) for attempt in range(attempts))
    return created_at + sum(pauses, timedelta())


async def _deliver(engine: Engine, message: Notification) -> bool:
    connection_name, _, command = message.via.partition(".")
    try:
        inputs = {"title": message.title, "body": message.body}
        await engine.calling.call(connection_name, engine.calling.command(connection_name, command, inputs), SERVICE)
    except OutcomeUnknown as error:
        # It may have arrived; nobody is to be woken twice for one matter.
        log.warning("whether the message %r arrived through %s is not known: %s", message.title, message.via, error)
    except EngineError as error:
        _failed(engine, message, error)
        return False
    with engine.database.transaction() as connection:
        notifications.notification_sent(connection, message.id, engine.clock.now())
    return True


def _failed(engine: Engine, message: Notification, error: EngineError) -> None:
    attempts = message.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        log.error("the message %r is given up after %d attempts: %s", message.title, attempts, error)
    elif attempts == 1:
        log.warning("the message %r could not be sent, and will be tried again: %s", message.title, error)
    told = engine.secrets.clean(as_failure(error, message.via).as_json())
    with engine.database.transaction() as connection:
        notifications.notification_failed(connection, message.id, told)
