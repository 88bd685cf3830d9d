"""Messages wait until they were sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks_engine.store.database import Database
from playbooks_engine.store.notifications import (
    notification_failed,
    notification_sent,
    notifications,
    queue_notification,
    waiting_notifications,
)


def test_a_message_waits_until_it_was_sent(database: Database, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    with database.transaction() as connection:
        first = queue_notification(
            connection, subject="down", title="ops is down", body="…", via="chat.send", now=now, connection_name="ops"
        )
        second = queue_notification(connection, subject="up", title="ops is up", body="…", via="chat.send", now=now)
        assert [row.id for row in waiting_notifications(connection)] == [first, second]
        notification_failed(connection, first, {"type": "timeout"})
        (failed, _) = waiting_notifications(connection)
        assert (failed.attempts, failed.error, failed.connection) == (1, {"type": "timeout"}, "ops")
        notification_sent(connection, first, later)
        assert [row.id for row in waiting_notifications(connection)] == [second]
        sent = notifications(connection)[-1]
    assert (sent.attempts, sent.error, sent.sent_at, sent.created_at) == (2, None, later, now)
