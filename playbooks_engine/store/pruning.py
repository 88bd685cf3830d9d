"""What has grown old goes, a batch at a time, and nothing goes that something else still needs.

A batch is one short transaction, so that whoever wants to write waits a moment at most; what may go is decided inside
it. Kept whatever its age:

- of events: one that a trigger matches or holds now, that a trigger has not considered yet, or that an unfinished run
  began with; and one that may still change, as its `status` is another than closed or resolved;
- of contents of events: the current one, and those that a trigger or an unfinished run needs;
- of runs: one with an unfinished run in its tree, one that the occurrence of a trigger began that is still open, and
  one that holds a `once` key, until `Ages.keys` says that the key is over;
- of schedules: the slot that the schedule stands at;
- of checks, fetches and messages: the last checks of each connection, the last fetches of each stream and whatever a
  hold time counts, and messages that wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.store import journal
from playbooks_engine.store.columns import instant_text, json_text
from playbooks_engine.store.database import Database

LAST = 30
"""Checks of a connection and fetches of a stream that are kept whatever their age."""


@dataclass(frozen=True, kw_only=True)
class Ages:
    """What was last touched before these moments is old; None keeps all of it.

    `keys` says since when a `once` key counts, by playbook and step: one that was set before is over. A step that is
    not named keeps its keys for ever.
    """

    events: datetime | None = None
    runs: datetime | None = None
    health: datetime | None = None
    audit: datetime | None = None
    keys: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


@dataclass
class Pace:
    """How many rows are looked at in one batch; whoever drives changes it between two batches."""

    rows: int = 200


Batch = tuple[str, int]
"""What was pruned, such as events, and how many."""


def batches(database: Database, ages: Ages, pace: Pace) -> Iterator[Batch]:
    """Prune once through everything; each step of the iteration is one batch.

    Raises StoreBusy soon while another process holds the store; what was pruned before stays pruned.
    """
    if ages.events is not None:
        yield from _events(database, instant_text(ages.events), pace)
        yield from _by_age(database, "versions", _VERSIONS, instant_text(ages.events), pace)
    if ages.runs is not None:
        before = instant_text(ages.runs)
        yield from _keys(database, ages.keys)
        yield from _runs(database, before, pace)
        for name, rule in (("decisions", _DECISIONS), ("slots", _SLOTS), ("intents", _INTENTS)):
            yield from _by_age(database, name, rule, before, pace)
        yield from _texts(database)
    if ages.health is not None:
        before = instant_text(ages.health)
        yield from _by_age(database, "checks", _CHECKS, before, pace)
        yield from _by_age(database, "fetches", _FETCHES, before, pace)
        yield from _by_age(database, "messages", _MESSAGES, before, pace)
    if ages.audit is not None:
        yield from _by_age(database, "calls", _CALLS, instant_text(ages.audit), pace)


# rows that are in the order of their age


@dataclass(frozen=True)
class _Rule:
    """`look` reads (rowid, time) after a rowid; `remove` takes the ids as JSON and the moment."""

    look: str
    remove: str


_UNFINISHED = "('queued', 'running', 'waiting')"
_VERSIONS = _Rule(
    "SELECT id, stored_at FROM event_version WHERE id > ? ORDER BY id LIMIT ?",
    f"""
    DELETE FROM event_version WHERE id IN (SELECT value FROM json_each(:ids)) AND stored_at < :before
    AND NOT EXISTS (
        SELECT 1 FROM event WHERE event.stream = event_version.stream AND event.key = event_version.key
        AND event.current_version_id = event_version.id)
    AND NOT EXISTS (
        SELECT 1 FROM event_trigger WHERE event_trigger.stream = event_version.stream AND cursor < event_version.id)
    AND id NOT IN (
        SELECT event_version_id FROM run WHERE status IN {_UNFINISHED} AND event_version_id IS NOT NULL)
    """,  # noqa: S608 - our own words
)
_DECISIONS = _Rule(
    "SELECT id, at FROM decision WHERE id > ? ORDER BY id LIMIT ?",
    "DELETE FROM decision WHERE id IN (SELECT value FROM json_each(:ids)) AND at < :before",
)
_SLOTS = _Rule(
    "SELECT rowid, at FROM slot WHERE rowid > ? ORDER BY rowid LIMIT ?",
    """
    DELETE FROM slot WHERE rowid IN (SELECT value FROM json_each(:ids)) AND at < :before AND due < :before
    AND NOT EXISTS (SELECT 1 FROM schedule WHERE schedule.playbook = slot.playbook AND schedule.last_due <= slot.due)
    """,
)
_INTENTS = _Rule(
    "SELECT rowid, written_at FROM intent WHERE rowid > ? ORDER BY rowid LIMIT ?",
    """
    DELETE FROM intent WHERE rowid IN (SELECT value FROM json_each(:ids)) AND written_at < :before
    AND run_id IS NULL AND outcome IN ('succeeded', 'failed')
    """,
)
_CHECKS = _Rule(
    "SELECT id, checked_at FROM health_check WHERE id > ? ORDER BY id LIMIT ?",
    """
    DELETE FROM health_check WHERE id IN (SELECT value FROM json_each(:ids)) AND checked_at < :before
    AND id < (SELECT min(id) FROM (SELECT id FROM health_check AS newer
        WHERE newer.connection = health_check.connection ORDER BY id DESC LIMIT :last))
    """,
)
_FETCHES = _Rule(
    "SELECT id, started_at FROM fetch WHERE id > ? ORDER BY id LIMIT ?",
    """
    DELETE FROM fetch WHERE id IN (SELECT value FROM json_each(:ids)) AND started_at < :before
    AND id < (SELECT min(id) FROM (SELECT id FROM fetch AS newer
        WHERE newer.stream = fetch.stream ORDER BY id DESC LIMIT :last))
    AND NOT EXISTS (SELECT 1 FROM event_match WHERE held IS NOT NULL AND event_match.stream = fetch.stream
        AND held_to <= fetch.started_at)
    """,
)
_MESSAGES = _Rule(
    "SELECT id, created_at FROM notification WHERE id > ? ORDER BY id LIMIT ?",
    """
    DELETE FROM notification WHERE id IN (SELECT value FROM json_each(:ids)) AND sent_at < :before
    """,
)
_CALLS = _Rule(
    "SELECT rowid, at FROM audit WHERE rowid > ? ORDER BY rowid LIMIT ?",
    "DELETE FROM audit WHERE rowid IN (SELECT value FROM json_each(:ids)) AND at < :before",
)


def _by_age(database: Database, name: str, rule: _Rule, before: str, pace: Pace) -> Iterator[Batch]:
    last = 0
    while True:
        with database.reading() as connection:
            page = connection.exec_driver_sql(rule.look, (last, pace.rows)).all()
        old = [number for number, at in page if at < before]
        if old:
            last = page[-1][0]
            with database.transaction(patient=False) as connection:
                gone = _remove(connection, rule.remove, ids=json_text(old), before=before)
            yield name, gone
        # The rows stand in the order they were written: behind a whole page of young ones all are young.
        if not old or len(page) < pace.rows:
            return


def _remove(connection: Connection, sql: str, **values: Any) -> int:
    asked = {"last": LAST, **values}
    named = {name: value for name, value in asked.items() if f":{name}" in sql}
    return connection.exec_driver_sql(sql, named).rowcount


# events


_OLD_EVENTS = """
    SELECT last_seen, key FROM event WHERE stream = ? AND last_seen < ? AND (last_seen, key) > (?, ?)
    ORDER BY last_seen, key LIMIT ?
"""
_MAY_GO = f"""
    SELECT event.key FROM event JOIN event_version ON event_version.id = current_version_id
    WHERE event.stream = :stream AND event.key IN (SELECT value FROM json_each(:keys)) AND last_seen < :before
    AND NOT EXISTS (
        SELECT 1 FROM event_trigger WHERE event_trigger.stream = event.stream AND cursor < current_version_id)
    AND NOT EXISTS (
        SELECT 1 FROM event_match WHERE playbook IN (SELECT playbook FROM event_trigger)
        AND event_match.stream = event.stream AND event_match.key = event.key AND (matching OR held IS NOT NULL))
    AND NOT EXISTS (
        SELECT 1 FROM run WHERE event_stream = event.stream AND event_key = event.key AND status IN {_UNFINISHED})
    AND coalesce(json_extract(fields, '$.status'), 'closed') IN ('closed', 'resolved')
"""  # noqa: S608 - our own words
_FORGET_EVENTS = (
    """
    DELETE FROM event_match WHERE playbook IN (SELECT playbook FROM event_trigger)
    AND stream = :stream AND key IN (SELECT value FROM json_each(:keys))
    """,
    "DELETE FROM event_version WHERE stream = :stream AND key IN (SELECT value FROM json_each(:keys))",
    "DELETE FROM event WHERE stream = :stream AND key IN (SELECT value FROM json_each(:keys))",
)


def _events(database: Database, before: str, pace: Pace) -> Iterator[Batch]:
    for stream in _streams(database):
        last = ("", "")
        while True:
            with database.reading() as connection:
                page = connection.exec_driver_sql(_OLD_EVENTS, (stream, before, *last, pace.rows)).all()
            if not page:
                break
            last = tuple(page[-1])
            with database.transaction(patient=False) as connection:
                asked = {"stream": stream, "keys": json_text([key for _, key in page]), "before": before}
                going = list(connection.exec_driver_sql(_MAY_GO, asked).scalars())
                for sql in _FORGET_EVENTS:
                    connection.exec_driver_sql(sql, {"stream": stream, "keys": json_text(going)})
            yield "events", len(going)


def _streams(database: Database) -> list[str]:
    # From one name to the next by the index: counting all events for a handful of names would take long.
    found: list[str] = []
    with database.reading() as connection:
        query = "SELECT min(stream) FROM event WHERE stream > ?"
        while (name := connection.exec_driver_sql(query, (found[-1] if found else "",)).scalar()) is not None:
            found.append(name)
    return found


# runs


_OLD_RUNS = "SELECT id, created_at, ended_at FROM run WHERE id > ? AND parent_run_id IS NULL ORDER BY id LIMIT ?"
_TREES = """
    WITH RECURSIVE tree (root, id) AS (
        SELECT value, value FROM json_each(?)
        UNION ALL SELECT tree.root, run.id FROM tree JOIN run ON run.parent_run_id = tree.id)
    SELECT tree.root, run.id, run.status, run.ended_at FROM tree JOIN run ON run.id = tree.id
"""
_NEEDED_RUNS = """
    SELECT run_id FROM once UNION
    SELECT run_id FROM event_match WHERE matching AND run_id IS NOT NULL
"""
_FORGET_RUNS = tuple(
    f"DELETE FROM {table} WHERE run_id IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own words
    for table in ("step", "intent", "approval")
)
# Children before parents: a row that others refer to cannot go before them.
_FORGET_RUN = "DELETE FROM run WHERE id = ?"


def _runs(database: Database, before: str, pace: Pace) -> Iterator[Batch]:
    with database.reading() as connection:
        # An ended run takes no key and begins no occurrence any more, so what is needed now is all that can be.
        needed = set(connection.exec_driver_sql(_NEEDED_RUNS).scalars())
    last = 0
    while True:
        rows = max(pace.rows // 4, 1)  # a run has a handful of steps
        with database.reading() as connection:
            page = connection.exec_driver_sql(_OLD_RUNS, (last, rows)).all()
            old = [number for number, _, ended_at in page if ended_at is not None and ended_at < before]
            trees: dict[int, list[Any]] = {}
            for root, *member in connection.exec_driver_sql(_TREES, (json_text(old),)):
                trees.setdefault(root, []).append(member)
        if page:
            last = page[-1][0]
        going = [number for members in trees.values() if _over(members, before, needed) for number, *_ in members]
        if going:
            with database.transaction(patient=False) as connection:
                for sql in _FORGET_RUNS:
                    connection.exec_driver_sql(sql, (json_text(going),))
                connection.exec_driver_sql(_FORGET_RUN, [(number,) for number in sorted(going, reverse=True)])
            yield "runs", len(going)
        if len(page) < rows or page[-1][1] >= before:
            return


def _over(members: list[Any], before: str, needed: set[int]) -> bool:
    return all(
        status in journal.ENDED and ended_at < before and number not in needed for number, status, ended_at in members
    )


def _keys(database: Database, since: Mapping[tuple[str, str], datetime]) -> Iterator[Batch]:
    # An unfinished run may still have a former text of the playbook, in which the key counts for longer.
    sql = f"""
        DELETE FROM once WHERE playbook = ? AND step = ? AND state = 'done' AND at < ?
        AND NOT EXISTS (SELECT 1 FROM run WHERE run.playbook = once.playbook AND status IN {_UNFINISHED})
    """  # noqa: S608 - our own words
    for (playbook, step), moment in since.items():
        with database.transaction(patient=False) as connection:
            gone = connection.exec_driver_sql(sql, (playbook, step, instant_text(moment))).rowcount
        yield "keys", gone


_UNUSED_TEXTS = """
    SELECT digest FROM playbook_text WHERE digest NOT IN (
        SELECT digest FROM run UNION SELECT value FROM run, json_each(run.sources))
"""
_FORGET_TEXT = """
    DELETE FROM playbook_text WHERE digest = :digest AND digest NOT IN (
        SELECT digest FROM run WHERE id > :seen
        UNION SELECT value FROM run, json_each(run.sources) WHERE run.id > :seen)
"""


def _texts(database: Database) -> Iterator[Batch]:
    with database.reading() as connection:
        seen = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM run").scalar_one()
        unused = list(connection.exec_driver_sql(_UNUSED_TEXTS).scalars())
    for digest in unused:
        # One at a time: for each, SQLite looks whether a run refers to it, and looks at all runs.
        with database.transaction(patient=False) as connection:
            gone = connection.exec_driver_sql(_FORGET_TEXT, {"digest": digest, "seen": seen}).rowcount
        yield "texts", gone
