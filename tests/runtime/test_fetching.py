"""Fetching: every page with its mark, nothing lost and nothing doubled."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie import connector as opsgenie_connector
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import AuthFailed, BadProject, BadUsage, UnexpectedAnswer
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import Fetched, fetch, map_one
from playbooks_engine.store import events
from playbooks_engine.testing.clock import START, FakeClock

Open = Callable[..., Engine]
Write = Callable[..., Path]


def run_fetch(engine: Engine, name: str = "ops.alerts", **given: Any) -> Fetched:
    async def go() -> Fetched:
        try:
            return await fetch(engine, name, **given)
        finally:
            await engine.calling.close()

    return asyncio.run(go())


def stored(engine: Engine) -> dict[str, int]:
    """Versions by key."""
    with engine.database.reading() as connection:
        return {row.key: row.versions for row in events.list_events(connection, "ops.alerts", limit=100_000)}


def state(engine: Engine) -> events.StreamRow:
    with engine.database.reading() as connection:
        found = events.stream_state(connection, "ops.alerts")
    assert found is not None
    return found


def move(clock: FakeClock, opsgenie: Simulator, seconds: float) -> None:
    asyncio.run(clock.advance(seconds))
    opsgenie.advance(seconds)


def minutes_ago(minutes: float) -> dict[str, Any]:
    at = START - timedelta(minutes=minutes)
    return {"created_at": at, "updated_at": at}


def test_the_first_fetch_reads_back_to_start_and_stores_every_page(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    engine = open_engine(write_project(opsgenie, "{start: 24h, page_size: 10}"))
    for number in range(35):
        opsgenie.has_alert(message=f"alert {number}", **minutes_ago(number))
    opsgenie.has_alert(message="too old", **minutes_ago(60 * 25))

    fetched = run_fetch(engine)

    assert (fetched.new, fetched.updated, fetched.unchanged, fetched.bad) == (35, 0, 0, 0)
    assert fetched.complete_up_to == START
    assert len(stored(engine)) == 35
    assert fetched.requests == len(opsgenie.ledger)
    assert all(entry.query.get("offset", "0") == "0" for entry in opsgenie.ledger)


def test_the_json_of_a_fetch_is_what_the_contract_says(engine: Engine, opsgenie: Simulator) -> None:
    opsgenie.has_alert(**minutes_ago(5))
    assert run_fetch(engine).as_json() == {
        "stream": "ops.alerts",
        "new": 1,
        "updated": 0,
        "unchanged": 0,
        "complete_up_to": "2026-03-27T10:00:00Z",
        "requests": 1,
        "bad": 0,
        "warnings": [],
    }


def test_a_secret_in_an_event_is_not_stored_and_what_only_looks_like_one_is(
    engine: Engine, opsgenie: Simulator
) -> None:
    link = "https://files.example.com/a?token=abcdefgh"
    opsgenie.has_alert(message=f"{link} key {opsgenie.key}", **minutes_ago(5))
    run_fetch(engine)
    with engine.database.reading() as connection:
        [row] = events.list_events(connection, "ops.alerts", limit=10)
        stored_event = events.event(connection, "ops.alerts", row.key)
    assert stored_event is not None
    assert stored_event.raw["message"] == f"{link} key ***"
    assert opsgenie.key not in repr(stored_event)
    assert opsgenie.key.encode() not in b"".join(
        path.read_bytes() for path in (engine.project.folder / ".playbooks").iterdir() if path.is_file()
    )


def test_a_second_fetch_sees_updates_and_counts_what_it_reads_again(
    engine: Engine, opsgenie: Simulator, clock: FakeClock
) -> None:
    first, second = opsgenie.has_alert(**minutes_ago(5)), opsgenie.has_alert(**minutes_ago(4))
    run_fetch(engine)
    move(clock, opsgenie, 60)
    opsgenie.change(first.id, acknowledged=True)
    opsgenie.has_alert(message="new")

    fetched = run_fetch(engine)

    assert (fetched.new, fetched.updated, fetched.unchanged) == (1, 1, 1)
    assert stored(engine)[first.id] == 2
    assert stored(engine)[second.id] == 1


def test_more_events_at_one_instant_than_a_page_holds_are_all_read(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    engine = open_engine(write_project(opsgenie, "{page_size: 5}"))
    for _ in range(23):
        opsgenie.has_alert(**minutes_ago(30))
    for number in range(4):
        opsgenie.has_alert(**minutes_ago(20 - number))

    fetched = run_fetch(engine)

    assert (fetched.new, fetched.unchanged) == (27, 0)


def test_more_events_at_one_instant_than_can_be_paged_through_are_an_error_that_names_instant_and_number(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    small = replace(opsgenie_connector.streams["alerts"], ceiling=20)
    catalog = Catalog.of(replace(opsgenie_connector, streams={"alerts": small}))
    engine = open_engine(write_project(opsgenie, "{page_size: 5}"), catalog)
    for _ in range(21):
        opsgenie.has_alert(**minutes_ago(30))

    with pytest.raises(UnexpectedAnswer, match=r"21 events were updated at 2026-03-27T09:30:00.000Z"):
        run_fetch(engine)

    assert state(engine).failing_since == START
    assert state(engine).complete_up_to == START - timedelta(minutes=30)


def test_an_event_that_moves_while_its_instant_is_paged_hides_no_other(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    engine = open_engine(write_project(opsgenie, "{page_size: 4}"))
    ids = [opsgenie.has_alert(**minutes_ago(30)).id for _ in range(12)]
    moved: list[str] = []

    def on_page(_: Fetched) -> None:
        # Whatever was read first is updated now: everything behind it moves up by one.
        if len(moved) < 3:
            first = ids.pop(0)
            moved.append(first)
            opsgenie.change(first, acknowledged=True)

    run_fetch(engine, on_page=on_page)

    assert set(stored(engine)) == {*ids, *moved}


def test_a_late_event_is_found_by_the_next_look_back_or_by_the_sweep(
    engine: Engine, opsgenie: Simulator, clock: FakeClock
) -> None:
    run_fetch(engine)
    soon = opsgenie.has_alert(visible_after=5 * 60)
    late = opsgenie.has_alert(visible_after=40 * 60)
    seen: dict[int, set[str]] = {}
    for minute in range(5, 130, 5):
        move(clock, opsgenie, 300)
        run_fetch(engine)
        seen[minute] = set(stored(engine))
    assert soon.id in seen[5]
    assert late.id not in seen[55]
    assert late.id in seen[60]
    assert list(stored(engine).values()) == [1, 1]


def test_what_is_complete_is_the_lesser_of_ticks_and_sweeps(
    engine: Engine, opsgenie: Simulator, clock: FakeClock
) -> None:
    assert run_fetch(engine).complete_up_to == START
    move(clock, opsgenie, 600)
    assert run_fetch(engine).complete_up_to == START
    assert state(engine).complete_up_to == START + timedelta(minutes=10)
    move(clock, opsgenie, 3000)
    assert run_fetch(engine).complete_up_to == START + timedelta(hours=1)


def test_a_fetch_of_a_window_stores_and_never_moves_the_watermark(
    engine: Engine, opsgenie: Simulator, clock: FakeClock
) -> None:
    run_fetch(engine)
    before = state(engine)
    old = opsgenie.has_alert(message="old", priority="P1", **minutes_ago(60 * 48))
    opsgenie.has_alert(message="other", priority="P5", **minutes_ago(60 * 48))
    move(clock, opsgenie, 60)

    fetched = run_fetch(engine, since=START - timedelta(days=3), until=START - timedelta(days=1), query="priority: P1")

    assert fetched.new == 1
    assert set(stored(engine)) == {old.id}
    assert state(engine) == before
    assert run_fetch(engine, limit=1).new == 0


def test_a_limit_stops_the_fetch(engine: Engine, opsgenie: Simulator) -> None:
    for number in range(9):
        opsgenie.has_alert(**minutes_ago(number))
    assert run_fetch(engine, limit=4).new == 4
    assert len(stored(engine)) == 4


def test_a_bad_event_is_reported_and_the_others_are_stored(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    folder = write_project(opsgenie, "{mapping: strict}")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "strict.yml").write_text(
        "extends: default\nfields:\n  number: {path: .message, type: integer}\n"
    )
    engine = open_engine(folder)
    for message in ("1", "2", "three", "4"):
        opsgenie.has_alert(message=message, **minutes_ago(5))

    fetched = run_fetch(engine)

    assert (fetched.new, fetched.bad) == (3, 1)
    assert any("three" in warning for warning in fetched.warnings)
    with engine.database.reading() as connection:
        assert events.fetches(connection)[0].bad == 1


def test_a_field_that_matches_nothing_in_a_whole_fetch_is_a_warning(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    folder = write_project(opsgenie, "{mapping: wrong}")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "wrong.yml").write_text("extends: default\nfields:\n  team: {path: .teamName}\n")
    opsgenie.has_alert(**minutes_ago(5))
    fetched = run_fetch(open_engine(folder))
    assert fetched.new == 1
    assert fetched.warnings == ["the field team matched nothing in any event of this fetch"]


def test_a_main_path_that_matches_nothing_is_an_error_and_not_no_new_events(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    folder = write_project(opsgenie, "{mapping: wrong}")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "wrong.yml").write_text("extends: default\nevents: $.values\n")
    engine = open_engine(folder)
    with pytest.raises(UnexpectedAnswer, match=r"\$\.values matches nothing"):
        run_fetch(engine)
    assert state(engine).last_error is not None


def test_a_version_that_is_no_time_is_refused(opsgenie: Simulator, write_project: Write, open_engine: Open) -> None:
    folder = write_project(opsgenie, "{mapping: wrong}")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "wrong.yml").write_text("extends: default\nversion: .message\n")
    opsgenie.has_alert(**minutes_ago(5))
    with pytest.raises(BadProject, match="which is no time"):
        run_fetch(open_engine(folder))


def test_a_failing_fetch_says_since_when_and_a_good_one_ends_that(
    engine: Engine, opsgenie: Simulator, clock: FakeClock
) -> None:
    opsgenie.change_key(opsgenie.key, enabled=False)
    for _ in range(2):
        with pytest.raises(AuthFailed):
            run_fetch(engine)
        move(clock, opsgenie, 60)
    failing = state(engine)
    assert failing.failing_since == START
    assert failing.last_error is not None
    assert failing.last_error["type"] == "auth"
    assert failing.complete_up_to is None
    with engine.database.reading() as connection:
        assert [row.error["type"] for row in events.fetches(connection) if row.error] == ["auth", "auth"]

    opsgenie.change_key(opsgenie.key, enabled=True)
    run_fetch(engine)
    assert state(engine).failing_since is None


def test_a_fetch_that_is_stopped_keeps_its_pages_and_is_no_failure(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    engine = open_engine(write_project(opsgenie, "{page_size: 5}"))
    for number in range(12):
        opsgenie.has_alert(**minutes_ago(number))

    async def go() -> None:
        task = asyncio.ensure_future(fetch(engine, "ops.alerts", on_page=lambda _: task.cancel()))
        await asyncio.wait([task])
        assert task.cancelled()
        await engine.calling.close()

    asyncio.run(go())
    assert len(stored(engine)) == 5
    assert state(engine).failing_since is None
    with engine.database.reading() as connection:
        (row,) = events.fetches(connection)
    assert (row.new, row.pages) == (5, 1)
    assert row.ended_at is not None
    assert run_fetch(engine).new == 7


@pytest.mark.parametrize(("kind", "options"), [("html", {"status": 200}), ("truncated", {})])
def test_nonsense_in_place_of_an_answer_is_a_failure(
    engine: Engine, opsgenie: Simulator, kind: str, options: dict[str, Any]
) -> None:
    opsgenie.misbehave(kind, times=10, **options)
    with pytest.raises(UnexpectedAnswer):
        run_fetch(engine)
    assert state(engine).failing_since == START


def test_a_connection_alone_means_its_streams(engine: Engine, opsgenie: Simulator) -> None:
    assert run_fetch(engine, "ops").stream == "ops.alerts"
    with pytest.raises(BadUsage, match=r'There is no stream "ops\.incidents"'):
        run_fetch(engine, "ops.incidents")
    with pytest.raises(BadUsage, match="has no streams"):
        run_fetch(engine, "chat")


def test_one_event_is_mapped_bare_or_inside_its_envelope(engine: Engine, opsgenie: Simulator) -> None:
    document = {"id": "a1", "message": "down", "updatedAt": "2026-03-27T09:00:00.5Z", "priority": "P1"}
    for given in (document, {"data": document, "took": 0.1}, {"data": [document]}):
        event = map_one(engine, "ops.alerts", given)
        assert (event.key, event.fields["message"], event.raw) == ("a1", "down", document)
    with pytest.raises(BadUsage, match="no key"):
        map_one(engine, "ops.alerts", {"message": "down"})
    with pytest.raises(BadUsage, match="several"):
        map_one(engine, "ops.alerts", {"data": [document, document]})


CHILD = """
import asyncio, sys
from pathlib import Path
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.testing.clock import FakeClock

async def main():
    async with Engine.open(Path(sys.argv[1]), clock=FakeClock()) as engine:
        await fetch(engine, "ops.alerts")

asyncio.run(main())
"""


def in_child(folder: Path, faults: str) -> int:
    environment = {**os.environ, "PLAYBOOKS_FAULTS": faults}
    return subprocess.run([sys.executable, "-c", CHILD, str(folder)], env=environment, check=False).returncode


@pytest.mark.parametrize("point", ["page_stored", "watermark_moved"])
def test_a_fetch_killed_anywhere_loses_and_doubles_nothing(
    opsgenie: Simulator, write_project: Write, open_engine: Open, point: str
) -> None:
    folder = write_project(opsgenie, "{page_size: 10}")
    ids = {opsgenie.has_alert(**minutes_ago(number)).id for number in range(25)}
    assert in_child(folder, f"{point}:1:kill") == -signal.SIGKILL
    assert in_child(folder, f"{point}:2:kill") == -signal.SIGKILL
    engine = open_engine(folder)
    assert len(stored(engine)) == 10  # the page that was stored when the second kill came; never half of one
    assert state(engine).last_fetch_at is None

    fetched = run_fetch(engine)

    assert stored(engine) == dict.fromkeys(ids, 1)
    assert fetched.complete_up_to == START
    with engine.database.reading() as connection:
        assert [row.ended_at is None for row in events.fetches(connection)] == [False, True, True]
