"""Messages to people: stored in one transaction with what they tell of, and sent afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, false, insert, or_, select, update

from playbooks_engine.faults import fault
from playbooks_engine.store import tables

_notification = tables.notification


@dataclass(frozen=True, kw_only=True)
class Notification:
    """A message; it waits until it has a `sent_at`."""

    id: int
    connection: str | None
    subject: str
    title: str
    body: str
    via: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    error: dict[str, Any] | None


def queue_notification(
    connection: Connection,
    *,
    subject: str,
    title: str,
    body: str,
    via: str,
    now: datetime,
    connection_name: str | None = None,
) -> int:
    """Queue a message; returns its number. `via` is the command that will send it."""
    row = {
        "connection": connection_name,
        "subject": subject,
        "title": title,
        "body": body,
        "via": via,
        "created_at": now,
        "attempts": 0,
    }
    key = connection.execute(insert(_notification), row).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    fault("notification_queued")
    return int(key[0])


def waiting_notifications(connection: Connection, limit: int = 100) -> list[Notification]:
    """Messages not sent yet, oldest first."""
    query = select(_notification).where(_notification.c.sent_at.is_(None)).order_by(_notification.c.id)
    return [Notification(**row._mapping) for row in connection.execute(query.limit(limit))]


def due_notifications(connection: Connection, queued_by: Sequence[datetime], limit: int = 100) -> list[Notification]:
    """Messages to be tried now: `queued_by[n]` is the latest that one tried n times may have been queued.

    Those tried least come first, so that many that cannot be sent hold up none that can; one tried more often than
    `queued_by` tells of is given up.
    """
    tried, queued = _notification.c.attempts, _notification.c.created_at
    due = (and_(tried == attempts, queued <= latest) for attempts, latest in enumerate(queued_by))
    query = select(_notification).where(_notification.c.sent_at.is_(None), or_(false(), *due))
    query = query.order_by(tried, _notification.c.id).limit(limit)
    return [Notification(**row._mapping) for row in connection.execute(query)]


def notifications(connection: Connection, limit: int = 50) -> list[Notification]:
    """Messages, newest first."""
    query = select(_notification).order_by(_notification.c.id.desc()).limit(limit)
    return [Notification(**row._mapping) for row in connection.execute(query)]


def notification_sent(
    connection: Connection, notification_id: int, now: datetime, error: dict[str, Any] | None = None
) -> None:
    """It has left; with an error, not to everybody, and nobody is told again."""
    _attempted(connection, notification_id, sent_at=now, error=error)


def notification_failed(connection: Connection, notification_id: int, error: dict[str, Any]) -> None:
    """It could not be sent; it goes on waiting."""
    _attempted(connection, notification_id, error=error)


def _attempted(connection: Connection, notification_id: int, **values: Any) -> None:
    values["attempts"] = _notification.c.attempts + 1
    connection.execute(update(_notification).where(_notification.c.id == notification_id).values(values))
