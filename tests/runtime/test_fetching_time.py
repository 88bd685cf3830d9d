"""Fetching in time: what is late and off at once, a sweep that is cut off, and our own clock when it is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import CommandFailed
from playbooks_engine.runtime import fetching
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import SETTLED, Fetched, fetch
from playbooks_engine.store import events
from playbooks_engine.testing.clock import START, FakeClock

Open = Callable[..., Engine]
Write = Callable[..., Path]


def run_fetch(engine: Engine, **given: Any) -> Fetched:
    async def go() -> Fetched:
        try:
            return await fetch(engine, "ops.alerts", **given)
        finally:
            await engine.calling.close()

    return asyncio.run(go())


def keys(engine: Engine) -> set[str]:
    with engine.database.reading() as connection:
        return {row.key for row in events.list_events(connection, "ops.alerts", limit=100_000)}


def state(engine: Engine) -> events.StreamRow:
    with engine.database.reading() as connection:
        found = events.stream_state(connection, "ops.alerts")
    assert found is not None
    return found


def move(clock: FakeClock, opsgenie: Simulator, seconds: float) -> None:
    asyncio.run(clock.advance(seconds))
    opsgenie.advance(seconds)


@pytest.mark.parametrize("ahead", [-600, 0, 600])
def test_an_hour_late_by_a_clock_ten_minutes_off_is_found_by_the_next_sweep(
    engine: Engine, opsgenie: Simulator, clock: FakeClock, ahead: float
) -> None:
    opsgenie.state.clock.advance(ahead)
    run_fetch(engine)
    move(clock, opsgenie, 30)
    late = opsgenie.has_alert(visible_after=3600)
    while clock.now() < START + timedelta(hours=2, minutes=2):
        move(clock, opsgenie, 60)
        run_fetch(engine)
    assert late.id in keys(engine)


def test_a_first_fetch_that_breaks_off_again_and_again_comes_to_its_end(
    opsgenie: Simulator, write_project: Write, open_engine: Open, clock: FakeClock
) -> None:
    engine = open_engine(write_project(opsgenie, "{page_size: 10}"))
    for number in range(100):
        at = START - timedelta(hours=23 - number / 6)
        opsgenie.has_alert(created_at=at, updated_at=at)
    known = [0]
    for _ in range(5):
        opsgenie.misbehave("error", 1_000, status=404, after=2)
        with pytest.raises(CommandFailed):
            run_fetch(engine)
        opsgenie.behave()
        move(clock, opsgenie, 60)
        known.append(len(keys(engine)))
    assert known == sorted(set(known)), "each begins where the one before broke off"
    assert state(engine).swept_up_to == (state(engine).complete_up_to or START) + SETTLED
    run_fetch(engine)
    assert len(keys(engine)) == 100
    assert state(engine).swept_up_to == clock.now()


def test_marks_that_a_clock_ahead_of_time_has_left_are_taken_back(
    engine: Engine, opsgenie: Simulator, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    old = opsgenie.has_alert(created_at=START - timedelta(hours=1), updated_at=START - timedelta(hours=1))
    run_fetch(engine)
    clock.jump(3 * 86_400)
    run_fetch(engine)
    assert state(engine).complete_up_to == START + timedelta(days=3)
    move(clock, opsgenie, 5 * 3600)
    missed = opsgenie.has_alert(message="while the clock was wrong")
    move(clock, opsgenie, 5 * 3600)
    run_fetch(engine)
    assert keys(engine) == {old.id}
    clock.jump(-3 * 86_400)
    run_fetch(engine)
    assert keys(engine) == {old.id, missed.id}
    assert state(engine).complete_up_to == clock.now()
    assert "the clock went back" in caplog.text


def test_a_clock_that_goes_back_before_anything_was_stored_begins_at_start(
    engine: Engine, opsgenie: Simulator, clock: FakeClock
) -> None:
    clock.jump(86_400)
    run_fetch(engine)
    clock.jump(-86_400)
    alert = opsgenie.has_alert(created_at=START - timedelta(hours=20), updated_at=START - timedelta(hours=20))
    run_fetch(engine)
    assert keys(engine) == {alert.id}


def test_a_sweep_reads_two_hours_again_at_least(engine: Engine, opsgenie: Simulator, clock: FakeClock) -> None:
    run_fetch(engine)
    for _ in range(61):
        move(clock, opsgenie, 60)
        run_fetch(engine)
    with engine.database.reading() as connection:
        rows = events.fetches(connection, "ops.alerts", 100)
    sweeps = [row for row in rows if row.reason == "sweep" and row.started_at > START]
    assert [row.started_at - START for row in sweeps] == [timedelta(hours=1)]
    assert sweeps[0].since is not None
    assert sweeps[0].started_at - sweeps[0].since == timedelta(hours=2, minutes=10)
    ticks = [row for row in rows if row.reason == "tick" and row.since is not None]
    assert {row.started_at - row.since for row in ticks if row.since} == {timedelta(minutes=11)}
    assert timedelta(hours=1) == fetching.SWEEP_EVERY
