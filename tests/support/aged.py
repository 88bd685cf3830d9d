"""A store with what is old in it, and a pruning of it that must leave no row behind that refers to nothing."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.store import events, journal, triggers
from playbooks_engine.store.database import Database, connect
from playbooks_engine.store.events import Arrival
from playbooks_engine.store.journal import NewRun
from playbooks_engine.store.pruning import Ages, Pace, batches

LEASE = timedelta(seconds=30)
STREAM = "ops.alerts"


def prune(database: Database, rows: int = 3, **ages: Any) -> Counter[str]:
    gone: Counter[str] = Counter()
    for name, number in batches(database, Ages(**ages), Pace(rows)):
        gone[name] += number
    with closing(connect(database.file)) as raw:
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    return +gone


def store(database: Database, at: datetime, *keys: str, status: str | None = "closed", content: int = 0) -> None:
    fields = {"status": status} if status else {}
    with database.transaction() as connection:
        page = [Arrival(key, str(content), fields, {"id": key, "content": content}) for key in keys]
        events.store_page(connection, STREAM, page, at)


def keys_of(database: Database) -> set[str]:
    with database.reading() as connection:
        return {row.key for row in events.list_events(connection, STREAM, limit=10_000)}


def contents_of(database: Database, key: str) -> list[int]:
    with database.reading() as connection:
        return [row.raw["content"] for row in events.versions(connection, STREAM, key)]


def match(connection: Connection, key: str, at: datetime, matching: bool = True, **more: Any) -> None:
    row = triggers.EventMatch(playbook="chase", stream=STREAM, key=key, matching=matching, since=at, **more)
    triggers.set_event_matches(connection, [row])


def watch(connection: Connection, cursor: int = 1_000_000) -> None:
    row = triggers.EventTrigger(playbook="chase", stream=STREAM, digest="d", cursor=cursor)
    triggers.set_event_trigger(connection, row)


def run(connection: Connection, at: datetime, *, ended: bool = True, **more: Any) -> int:
    digest = journal.keep_text(connection, more.pop("text", "name: chase"))
    new = NewRun(**{"playbook": "chase", "digest": digest, **more})
    begun = journal.start_run(connection, new, "a:1:1", at, LEASE)
    if ended:
        journal.finish(connection, begun.id, begun.fence, "succeeded", None, None, at)
    return begun.id


def runs_of(database: Database) -> set[int]:
    with database.reading() as connection:
        return {row.id for row in journal.runs(connection, limit=10_000)}
