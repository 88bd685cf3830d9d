"""Messages that wait in the store, delivered through notify connections; one that fails is tried again later."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from playbooks_engine.errors import EngineError, OutcomeUnknown
from playbooks_engine.runtime.delivering import PartlyDelivered
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.keeping import keep
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
    """Try each message that is due, those not tried yet first; returns how many were delivered."""
    now = engine.clock.now()
    queued_by = [now - _pauses(attempts) for attempts in range(MOST_ATTEMPTS)]
    with engine.database.reading() as connection:
        due = notifications.due_notifications(connection, queued_by)
    return sum([await _deliver(engine, message) for message in due])


def due_at(created_at: datetime, attempts: int) -> datetime:
    """When a message may be tried again: pauses double, counted from when it was queued."""
    return created_at + _pauses(attempts)


def _pauses(attempts: int) -> timedelta:
    return sum((min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE) for attempt in range(attempts)), timedelta())


async def _deliver(engine: Engine, message: Notification) -> bool:
    connection_name, _, command = message.via.partition(".")
    partly: dict[str, Any] | None = None
    try:
        inputs = {"title": message.title, "body": message.body}
        await engine.calling.call(connection_name, engine.calling.command(connection_name, command, inputs), SERVICE)
    except PartlyDelivered as error:
        # Those who have it are not to be told again, so it is not tried again.
        log.warning("the message %r through %s reached only some: %s", message.title, message.via, error)
        partly = _told(engine, message, error)
    except OutcomeUnknown as error:
        # It may have arrived; nobody is to be woken twice for one matter.
        log.warning("whether the message %r arrived through %s is not known: %s", message.title, message.via, error)
    except EngineError as error:
        await _failed(engine, message, error)
        return False
    # However long that takes: forgotten, the message would be sent once more.
    now = engine.clock.now()
    await keep(engine, lambda connection: notifications.notification_sent(connection, message.id, now, partly))
    return True


async def _failed(engine: Engine, message: Notification, error: EngineError) -> None:
    attempts = message.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        log.error("the message %r is given up after %d attempts: %s", message.title, attempts, error)
    elif attempts == 1:
        log.warning("the message %r could not be sent, and will be tried again: %s", message.title, error)
    told = _told(engine, message, error)
    await keep(engine, lambda connection: notifications.notification_failed(connection, message.id, told))


def _told(engine: Engine, message: Notification, error: EngineError) -> dict[str, Any]:
    told: dict[str, Any] = engine.secrets.clean(as_failure(error, message.via).as_json())
    return told
