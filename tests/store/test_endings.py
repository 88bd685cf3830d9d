"""How the latest runs of a playbook ended."""

from dataclasses import replace
from datetime import datetime

from playbooks_engine.store import journal
from playbooks_engine.store.database import Database
from playbooks_engine.store.endings import endings, goes_on
from playbooks_engine.store.journal import NewRun


def test_the_latest_that_ended_by_themselves_newest_first(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        new = NewRun(playbook="p", digest=journal.keep_text(connection, "text"), sources={"a": "b"})
        assert not goes_on(connection, "p")
        for status in ("succeeded", "failed", "cancelled", "timed_out"):
            run = journal.start_run(connection, new, "host:1:1", now, now - now)
            journal.finish(connection, run.id, run.fence, status, None, {"type": "auth"}, now)
        parent = journal.add_run(connection, new, now)
        assert goes_on(connection, "p")
        assert not goes_on(connection, "q")
        part = journal.start_run(connection, replace(new, parent_run_id=parent), "host:1:1", now, now - now)
        journal.finish(connection, part.id, part.fence, "failed", None, None, now)
        found = endings(connection, "p", 10)
        assert [(row.id, row.status) for row in found] == [(4, "timed_out"), (2, "failed"), (1, "succeeded")]
        assert (found[0].digest, found[0].sources, found[0].error, found[0].ended_at) == (
            new.digest, {"a": "b"}, {"type": "auth"}, now,
        )  # fmt: skip
        assert [row.id for row in endings(connection, "p", 1)] == [4]
