"""Messages wait until they were sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks_engine.store.database import Database
from playbooks_engine.store.notifications import (
    due_notifications,
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


def test_what_is_due_comes_first_however_many_older_ones_wait_for_their_next_try(
    database: Database, now: datetime
) -> None:
    queued_by = [now, now - timedelta(seconds=20)]
    with database.transaction() as connection:
        numbers = [
            queue_notification(connection, subject="down", title="x", body="…", via="chat.send", now=at)
            for at in [now - timedelta(seconds=19)] * 5 + [now - timedelta(seconds=20), now, now + timedelta(seconds=1)]
        ]
        for number in numbers[:6]:
            notification_failed(connection, number, {"type": "timeout"})
        assert [row.id for row in due_notifications(connection, queued_by, limit=2)] == [numbers[6], numbers[5]]
        assert due_notifications(connection, []) == []


def test_what_was_tried_too_often_is_never_due(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        number = queue_notification(connection, subject="up", title="x", body="…", via="chat.send", now=now)
        notification_failed(connection, number, {"type": "timeout"})
        assert due_notifications(connection, [now]) == []
        assert [row.id for row in due_notifications(connection, [now, now])] == [number]


def test_a_message_that_only_some_got_is_sent_and_keeps_what_went_wrong(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        number = queue_notification(connection, subject="up", title="x", body="…", via="chat.send", now=now)
        notification_sent(connection, number, now, {"type": "outcome_unknown"})
        assert waiting_notifications(connection) == []
        (row,) = notifications(connection)
    assert (row.sent_at, row.error) == (now, {"type": "outcome_unknown"})
