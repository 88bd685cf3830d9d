"""Every call has its row before it leaves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from playbooks_engine.store.audit import Audit, NewAudit, audit_rows, let_through, write_audit
from playbooks_engine.store.database import Database
from playbooks_engine.store.gathering import Gathering


def _call(now: datetime) -> NewAudit:
    return NewAudit(
        at=now,
        actor={"kind": "playbook", "name": "chase", "run": 41, "step": "note"},
        connection="ops",
        connector="opsgenie",
        command="add_note",
        area="alerts",
        effect="write",
        target="alert 4821",
        decision="allowed",
        rule="alerts: write",
    )


def test_a_call_is_written_before_and_finished_after(database: Database, now: datetime) -> None:
    audit = Audit(Gathering(database))
    later = now + timedelta(seconds=1)

    async def main() -> None:
        key = audit.before(_call(now))
        await audit.committed(durable=True)
        with database.reading() as connection:
            (row,) = audit_rows(connection, "ops")
            assert (row.id, row.actor["run"], row.target, row.outcome) == (key, 41, "alert 4821", None)
        audit.after(key, "succeeded", later, requests=2, status_code=202)
        await audit.committed()

    asyncio.run(main())
    with database.reading() as connection:
        (row,) = audit_rows(connection)
    assert (row.outcome, row.requests, row.status_code, row.ended_at) == ("succeeded", 2, 202, later)


def test_calls_are_read_newest_first_and_counted_for_budgets(database: Database, now: datetime) -> None:
    gathering = Gathering(database)
    audit = Audit(gathering)
    hour = timedelta(hours=1)
    for row in (
        _call(now - hour * 2),
        _call(now),
        replace(_call(now), decision="denied"),
        replace(_call(now + hour), connection="chat"),
    ):
        audit.before(row)
    gathering.flush()
    with database.reading() as connection:
        assert [row.connection for row in audit_rows(connection)] == ["chat", "ops", "ops", "ops"]
        assert len(audit_rows(connection, "ops")) == 3
        assert len(audit_rows(connection, limit=1)) == 1
        assert let_through(connection, "ops", "add_note", now - hour, 10) == [now]
        assert let_through(connection, "ops", "add_note", now - hour * 3, 1) == [now]
        assert let_through(connection, "ops", "add_note", now - hour * 3, 10) == [now, now - hour * 2]


def test_a_call_that_is_refused_is_over_as_it_is_written(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        key = write_audit(connection, _call(now))
        assert let_through(connection, "ops", "add_note", now - timedelta(hours=1), 10, but=key) == []
        write_audit(connection, replace(_call(now), decision="denied"), ended=True)
        denied, allowed = sorted(audit_rows(connection), key=lambda row: row.decision, reverse=True)
    assert (denied.outcome, denied.requests, denied.ended_at) == ("not_allowed", 0, now)
    assert (allowed.id, allowed.outcome) == (key, None)
