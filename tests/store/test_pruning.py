"""What is old goes and what is needed stays, whatever its age."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aged import STREAM, contents_of, keys_of, match, prune, run, runs_of, store, watch
from sqlalchemy import Connection

from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime.retaining import next_rows
from playbooks_engine.store import audit, events, health, journal, notifications, pruning, schedules, triggers
from playbooks_engine.store.columns import instant_text
from playbooks_engine.store.database import Database
from playbooks_engine.store.events import Arrival
from playbooks_engine.store.gathering import Gathering
from playbooks_engine.store.pruning import Ages, Pace, batches

NIGHTLY = bool(os.environ.get("PLAYBOOKS_NIGHTLY"))


@pytest.fixture
def old(now: datetime) -> datetime:
    return now - timedelta(days=100)


def test_without_an_age_nothing_goes(database: Database, old: datetime) -> None:
    store(database, old, "a")
    with database.transaction() as connection:
        run(connection, old)
    assert prune(database) == {}


def test_old_events_go_with_all_they_were(database: Database, old: datetime, now: datetime) -> None:
    store(database, old - timedelta(days=1), "a", "b", "c", "d", "e")
    store(database, old - timedelta(days=1), "a", content=1)
    store(database, now, "b", content=1)
    assert prune(database, events=old) == {"events": 4, "versions": 1}
    assert keys_of(database) == {"b"}
    assert contents_of(database, "b") == [1]


def test_an_event_that_says_it_is_open_is_kept(database: Database, old: datetime, now: datetime) -> None:
    store(database, old, "open", status="open")
    store(database, old, "resolved", status="resolved")
    store(database, old, "silent", status=None)
    prune(database, events=now)
    assert keys_of(database) == {"open"}


def test_what_a_trigger_matches_or_holds_is_kept_until_it_does_not(
    database: Database, old: datetime, now: datetime
) -> None:
    store(database, old, "matched", "held", "left")
    with database.transaction() as connection:
        watch(connection)
        match(connection, "matched", old)
        match(connection, "held", old, matching=False, held=5.0, held_to=old)
        match(connection, "left", old, matching=False)
    prune(database, events=now)
    assert keys_of(database) == {"matched", "held"}
    with database.transaction() as connection:
        match(connection, "matched", old, matching=False)
        assert {row.key for row in triggers.event_matches(connection, "chase")} == {"matched", "held"}
    prune(database, events=now)
    assert keys_of(database) == {"held"}


def test_what_a_trigger_has_not_considered_is_kept(database: Database, old: datetime, now: datetime) -> None:
    store(database, old, "a")
    store(database, old, "b")
    store(database, old, "b", content=1)
    store(database, now, "b", content=2)
    store(database, old, "c")
    with database.transaction() as connection:
        watch(connection, cursor=1)
    prune(database, events=now)
    assert keys_of(database) == {"b", "c"}
    assert contents_of(database, "b") == [0, 1, 2]
    with database.transaction() as connection:
        watch(connection, cursor=2)
    prune(database, events=now)
    assert contents_of(database, "b") == [1, 2]


def test_the_event_and_the_content_of_an_unfinished_run_are_kept(
    database: Database, old: datetime, now: datetime
) -> None:
    store(database, old, "a", "b")
    store(database, old, "b", content=1)
    store(database, now, "b", content=2)
    with database.transaction() as connection:
        first = run(connection, old, ended=False, event_stream=STREAM, event_key="a", event_version_id=1)
        second = run(connection, old, ended=False, event_stream=STREAM, event_key="b", event_version_id=2)
    prune(database, events=now)
    assert keys_of(database) == {"a", "b"}
    assert contents_of(database, "b") == [0, 2]
    with database.transaction() as connection:
        for number in (first, second):
            journal.finish(connection, number, 1, "succeeded", None, None, now)
    prune(database, events=now)
    assert keys_of(database) == {"b"}
    assert contents_of(database, "b") == [2]


def test_a_pruned_event_that_comes_again_is_new_and_its_versions_count_on(
    database: Database, old: datetime, now: datetime
) -> None:
    store(database, old, "a")
    prune(database, events=now)
    with database.transaction() as connection:
        stored = events.store_page(connection, STREAM, [Arrival("a", "2", {}, {"content": 2})], now)
        assert stored.new == 1
        assert [row.id for row in events.changes(connection, STREAM, 1)] == [2], "a cursor would pass over it"


def test_a_run_goes_with_its_parts_or_not_at_all(database: Database, old: datetime, now: datetime) -> None:
    with database.transaction() as connection:
        whole = run(connection, old)
        run(connection, old, parent_run_id=whole, text="name: part")
        half = run(connection, old)
        part = run(connection, old, ended=False, parent_run_id=half)
        young = run(connection, now)
        fresh = run(connection, old)
        late = run(connection, now, parent_run_id=fresh)
    assert prune(database, runs=old + timedelta(days=1)) == {"runs": 2, "texts": 1}
    assert runs_of(database) == {half, part, young, fresh, late}


def test_a_text_that_a_run_may_still_use_is_kept(database: Database, old: datetime, now: datetime) -> None:
    with database.transaction() as connection:
        part = journal.keep_text(connection, "name: part")
        journal.keep_text(connection, "name: nobody's")
        run(connection, now, sources={"part.yml": part})
    assert prune(database, runs=now) == {"texts": 1}
    with database.reading() as connection:
        assert journal.text_of(connection, part) == "name: part"


def test_a_run_that_began_an_open_occurrence_is_kept(database: Database, old: datetime, now: datetime) -> None:
    with database.transaction() as connection:
        watch(connection)
        kept, gone = run(connection, old), run(connection, old)
        match(connection, "open", old, run_id=kept)
        match(connection, "over", old, matching=False, run_id=gone)
    prune(database, runs=now)
    assert runs_of(database) == {kept}


def _claim(connection: Connection, number: int, step: str, at: datetime, done: bool = True) -> None:
    row = journal.once_claim(
        connection,
        playbook="chase",
        step=step,
        connection_name="ops",
        key=f"k{number}",
        run_id=number,
        path=step,
        now=at,
    )
    if done:
        assert journal.once_done(connection, row, None, None, at)


def test_a_once_key_keeps_its_run_until_its_time_is_over(database: Database, old: datetime, now: datetime) -> None:
    with database.transaction() as connection:
        numbers = [run(connection, old) for _ in range(4)]
        for number, step in zip(numbers, ("within", "ever", "unknown", "claimed"), strict=True):
            _claim(connection, number, step, old, done=step != "claimed")
    over = {("chase", "within"): old + timedelta(seconds=1), ("chase", "claimed"): now}
    assert prune(database, runs=now, keys={("chase", "within"): old}) == {}
    assert prune(database, runs=now, keys=over) == {"keys": 1, "runs": 1}
    assert runs_of(database) == set(numbers[1:])


def test_a_once_key_is_kept_while_a_run_of_a_former_text_may_ask_for_it(
    database: Database, old: datetime, now: datetime
) -> None:
    with database.transaction() as connection:
        _claim(connection, run(connection, old), "s", old)
        run(connection, old, ended=False)
    assert prune(database, runs=now, keys={("chase", "s"): now}) == {}


def test_the_slot_at_which_a_schedule_stands_is_kept(database: Database, old: datetime, now: datetime) -> None:
    with database.transaction() as connection:
        for day in range(3):
            schedules.claim_slot(connection, "p", old + timedelta(days=day), "ran", old)
        row = schedules.ScheduleRow(playbook="p", digest="d", next_due=now, last_due=old + timedelta(days=2))
        schedules.set_schedule(connection, row)
    assert prune(database, runs=now) == {"slots": 2}
    with database.reading() as connection:
        assert [row.due for row in schedules.slots(connection, "p")] == [old + timedelta(days=2)]


def test_decisions_go_with_the_runs(database: Database, old: datetime, now: datetime) -> None:
    with database.transaction() as connection:
        for at in (old, old, old, old, now):
            triggers.decide(connection, [triggers.NewDecision(at=at, playbook="p", kind="matched", reason="r")])
    assert prune(database, runs=now) == {"decisions": 4}


def test_the_last_checks_and_fetches_are_kept_whatever_their_age(
    database: Database, old: datetime, now: datetime
) -> None:
    with database.transaction() as connection:
        for name, number in (("ops", pruning.LAST + 5), ("rare", 2)):
            for _ in range(number):
                health.add_check(connection, health.HealthCheck(connection=name, checked_at=old, status="passed"))
        begun = "INSERT INTO fetch (stream, reason, started_at, pages, requests, new, updated, unchanged, bad) "
        for _ in range(pruning.LAST + 3):
            connection.exec_driver_sql(f"{begun} VALUES ('s', 'tick', ?, 0, 0, 0, 0, 0, 0)", (instant_text(old),))
    assert prune(database, health=now) == {"checks": 5, "fetches": 3}


def test_fetches_that_a_hold_time_counts_are_kept(database: Database, old: datetime, now: datetime) -> None:
    with database.transaction() as connection:
        begun = "INSERT INTO fetch (stream, reason, started_at, pages, requests, new, updated, unchanged, bad) "
        for day in range(pruning.LAST + 6):
            at = instant_text(old + timedelta(days=day))
            connection.exec_driver_sql(f"{begun} VALUES (?, 'tick', ?, 0, 0, 0, 0, 0, 0)", (STREAM, at))
        watch(connection)
        match(connection, "held", old, matching=False, held=1.0, held_to=old + timedelta(days=4))
    assert prune(database, health=now) == {"fetches": 4}


def test_a_message_that_waits_is_kept(database: Database, old: datetime, now: datetime) -> None:
    told = {"subject": "down", "title": "t", "body": "b", "via": "chat.send"}
    with database.transaction() as connection:
        sent = notifications.queue_notification(connection, now=old, **told)
        notifications.notification_sent(connection, sent, old)
        notifications.queue_notification(connection, now=old, **told)
    assert prune(database, health=now) == {"messages": 1}


def test_old_calls_go(database: Database, old: datetime, now: datetime) -> None:
    gathering = Gathering(database)
    for at in (old, now):
        audit.Audit(gathering).before(
            audit.NewAudit(
                at=at, actor={}, connection="ops", connector="o", command="c", area="a", effect="read",
                decision="allowed", rule="r",
            )
        )  # fmt: skip
    gathering.flush()
    assert prune(database, audit=now) == {"calls": 1}


def test_killed_or_stopped_in_the_middle_the_next_time_goes_on(
    database: Database, old: datetime, now: datetime
) -> None:
    store(database, old, *(f"e{number}" for number in range(20)))
    going = batches(database, Ages(events=now), Pace(5))
    next(going)
    next(going)
    assert len(keys_of(database)) == 10
    assert prune(database, events=now) == {"events": 10}


@pytest.fixture
def large(file: Path, old: datetime) -> Iterator[Database]:
    pages = 500_000 // 500 if NIGHTLY else 20
    with Database.open(f"sqlite:///{file}", checkpointing=True) as database:
        for page in range(pages):
            store(database, old, *(f"{page}-{number}" for number in range(500)))
        yield database


def _left(database: Database) -> int:
    with database.reading() as connection:
        return events.count_events(connection)


@pytest.mark.timeout(900)
def test_whoever_writes_meanwhile_waits_less_than_a_tenth_of_a_second(large: Database, now: datetime) -> None:
    waited: list[float] = []
    over = threading.Event()

    def write() -> None:
        with Database.open(f"sqlite:///{large.file}") as other:
            other.write([])
            while not over.is_set():
                began = time.monotonic()
                other.write([("DELETE FROM lease", [()], False)])
                waited.append(time.monotonic() - began)
                time.sleep(0.002)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    pace = Pace()
    held: list[float] = []
    try:
        while _left(large):
            going = batches(large, Ages(events=now), pace)
            with suppress(StoreBusy):
                while True:
                    began = time.thread_time()
                    if next(going, None) is None:
                        break
                    held.append(time.thread_time() - began)
                    pace.rows = next_rows(pace.rows, held[-1])
                    time.sleep(0.005)
    finally:
        over.set()
        writer.join(60)
    # Of this thread's own time: a busy machine makes everybody wait, and that is not the pruning's doing.
    assert sorted(held)[int(len(held) * 0.99)] < 0.1, sorted(held)[-5:]
    assert sorted(waited)[len(waited) // 2] < 0.1
