"""When a stream was looked at: whole fetches that ended, in the order they began."""

from datetime import datetime, timedelta

from playbooks_engine.store import events
from playbooks_engine.store.database import Database
from playbooks_engine.store.looks import Look, looks


def test_a_look_is_a_fetch_of_everything_that_ended(database: Database, now: datetime) -> None:
    minute = timedelta(minutes=1)
    with database.transaction() as connection:
        for number, reason in enumerate(("tick", "sweep", "manual", "tick", "tick")):
            at = now + number * minute
            fetch = events.begin_fetch(connection, "ops.alerts", reason, at)
            if number < 4:
                events.end_fetch(connection, fetch, at, error={"type": "timeout"} if number == 3 else None)
        events.end_fetch(connection, events.begin_fetch(connection, "ops.other", "tick", now), now)
        seen = [Look(now, True), Look(now + minute, True), Look(now + 3 * minute, False)]
        assert looks(connection, "ops.alerts", now - minute) == seen
        assert looks(connection, "ops.alerts", now) == seen[1:]
        assert looks(connection, "ops.alerts", now - minute, limit=1) == seen[:1]
