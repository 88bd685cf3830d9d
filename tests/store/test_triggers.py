"""Event triggers look at each version once, and every decision is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from playbooks_engine.store.database import Database
from playbooks_engine.store.triggers import (
    EventMatch,
    EventTrigger,
    NewDecision,
    change_held,
    decide,
    decisions,
    event_match,
    event_matches,
    event_trigger,
    event_triggers,
    forget_event_trigger,
    held_matches,
    move_cursor,
    set_event_matches,
    set_event_trigger,
)

TRIGGER = EventTrigger(playbook="chase", stream="ops.alerts", digest="d", cursor=5)


def test_of_two_processes_one_moves_the_cursor(database: Database) -> None:
    with database.transaction() as connection:
        assert event_trigger(connection, "chase") is None
        set_event_trigger(connection, TRIGGER)
        assert move_cursor(connection, "chase", 5, 9)
        assert not move_cursor(connection, "chase", 5, 9)
        assert event_triggers(connection) == [replace(TRIGGER, cursor=9)]


def test_of_two_processes_one_fires_what_is_held(database: Database, now: datetime) -> None:
    held = EventMatch(
        playbook="chase", stream="ops.alerts", key="a", matching=True, since=now, held=12.3456789, held_to=now
    )
    fired = replace(held, held=None, held_to=None, run_id=7)
    with database.transaction() as connection:
        set_event_matches(connection, [held, replace(held, key="b", matching=False), replace(fired, key="c")])
        assert held_matches(connection, "chase", "ops.alerts") == [held]
        assert change_held(connection, held, fired)
        assert not change_held(connection, held, fired)
        assert event_match(connection, "chase", "ops.alerts", "a") == fired
        assert held_matches(connection, "chase", "ops.alerts") == []


def test_matches_are_remembered_until_the_trigger_is_forgotten(database: Database, now: datetime) -> None:
    match = EventMatch(playbook="chase", stream="ops.alerts", key="a", matching=True, since=now, run_id=7)
    rearmed = replace(match, key="b", matching=False)
    with database.transaction() as connection:
        set_event_trigger(connection, TRIGGER)
        set_event_matches(connection, [match, replace(rearmed, matching=True)])
        set_event_matches(connection, [rearmed])
        set_event_matches(connection, [])
        assert event_match(connection, "chase", "ops.alerts", "b") == rearmed
        assert event_matches(connection, "chase") == [match, rearmed]
        assert event_matches(connection, "chase", matching_only=True) == [match]
        forget_event_trigger(connection, "chase")
        assert (event_matches(connection, "chase"), event_triggers(connection)) == ([], [])


def test_decisions_are_read_newest_first(database: Database, now: datetime) -> None:
    rows = [
        NewDecision(at=now, playbook="chase", kind="matched", reason="it matched", stream="s", event_key="a", run_id=1),
        NewDecision(at=now, playbook="chase", kind="missed", reason="the machine was off", slot=now),
        NewDecision(at=now, playbook="other", kind="rearmed", reason="it no longer matches", stream="s", event_key="a"),
    ]
    with database.transaction() as connection:
        decide(connection, rows)
        decide(connection, [])
        assert [row.kind for row in decisions(connection)] == ["rearmed", "missed", "matched"]
        assert [row.kind for row in decisions(connection, playbook="chase")] == ["missed", "matched"]
        assert [row.kind for row in decisions(connection, stream="s", event_key="a")] == ["rearmed", "matched"]
        assert [row.id for row in decisions(connection, limit=1, before=3)] == [2]
        assert decisions(connection, playbook="chase")[0].slot == now


def test_what_is_held_and_what_was_told_is_found_among_many_by_an_index(database: Database) -> None:
    asked = {
        "SELECT * FROM event_match WHERE playbook = 'p' AND stream = 's' AND held IS NOT NULL": "ix_event_match",
        "SELECT * FROM decision WHERE playbook = 'p' AND kind = 'paused' ORDER BY id DESC": "ix_decision_playbook_kind",
    }
    with database.reading() as connection:
        for query, index in asked.items():
            plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}"))
            assert f"USING INDEX {index}" in plan
            assert "TEMP B-TREE" not in plan
