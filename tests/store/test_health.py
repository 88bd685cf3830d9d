"""Every check is kept, and what is held to be true."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks_engine.store.database import Database
from playbooks_engine.store.health import (
    HealthCheck,
    HealthState,
    add_check,
    checks,
    health_state,
    health_states,
    set_health_state,
)


def test_checks_are_read_newest_first(database: Database, now: datetime) -> None:
    passed = HealthCheck(connection="ops", checked_at=now, status="passed", latency=0.25)
    later = now + timedelta(minutes=5)
    failed = HealthCheck(connection="ops", checked_at=later, status="failed", error={"type": "auth"})
    with database.transaction() as connection:
        for row in (passed, failed, HealthCheck(connection="chat", checked_at=now, status="passed")):
            add_check(connection, row)
        assert checks(connection, "ops") == [failed, passed]
        assert checks(connection, "ops", limit=1) == [failed]


def test_a_state_is_replaced_by_the_next(database: Database, now: datetime) -> None:
    up = HealthState(connection="ops", status="up", since=now, successes_in_a_row=2)
    down = HealthState(connection="ops", status="down", since=now, failures_in_a_row=3)
    with database.transaction() as connection:
        assert health_state(connection, "ops") is None
        set_health_state(connection, up)
        set_health_state(connection, down)
        assert health_state(connection, "ops") == down
        assert health_states(connection) == [down]
