"""The sign of life is given while the service is well, and stays away when anything is stale."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.living import sign, stale, watch
from playbooks_engine.runtime.project import inspect
from playbooks_engine.runtime.settings import SignOfLife
from playbooks_engine.runtime.starting import start
from playbooks_engine.store import journal, schedules
from playbooks_engine.store.schedules import ScheduleRow
from playbooks_engine.testing.clock import FakeClock

PING = SignOfLife.model_validate({"call": "ops.ping_heartbeat", "with": {"name": "playbooks"}})


@pytest.fixture
def well(write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator) -> Engine:
    folder = write_project(opsgenie, "{every: 1m}", p="name: p\nsteps: [{id: a, uses: core.set}]\n")
    file = folder / "project.yml"
    file.write_text(file.read_text().replace("allow: {alerts: write}", "allow: {alerts: write, heartbeats: write}"))
    return open_engine(folder)


def pings(opsgenie: Simulator) -> int:
    return sum(entry.path == "/v2/heartbeats/playbooks/ping" for entry in opsgenie.ledger)


async def given(engine: Engine, clock: FakeClock, seconds: float, opsgenie: Simulator) -> None:
    task = asyncio.create_task(sign(engine, PING))
    for _ in range(int(seconds // 60) + 1):
        for _ in range(100):  # the ping is a real request
            await asyncio.sleep(0.002)
            await clock.advance(0)
        await clock.advance(60)
    task.cancel()


async def test_a_service_that_is_well_gives_it_each_minute(well: Engine, clock: FakeClock, opsgenie: Simulator) -> None:
    await given(well, clock, 60, opsgenie)
    assert pings(opsgenie) >= 2
    await well.close()


async def test_a_stream_that_is_not_fetched_keeps_it_away_and_is_named_once(
    well: Engine, clock: FakeClock, opsgenie: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    began = clock.now()
    await fetch(well, "ops.alerts")
    assert stale(well, began) == []
    await clock.advance(600)
    assert stale(well, began) == ["ops.alerts has not been fetched since 2026-03-27 10:00:00 UTC"]
    await given(well, clock, 900, opsgenie)
    assert 0 < pings(opsgenie) < 10  # at first it was fetched a moment ago
    said = [record.message for record in caplog.records if "has not been fetched since" in record.message]
    assert said == [
        "no sign of life is given (ops.ping_heartbeat): ops.alerts has not been fetched since 2026-03-27 10:10:00 UTC"
    ]
    await well.close()


def test_a_service_that_just_began_is_given_its_time(well: Engine, clock: FakeClock) -> None:
    assert stale(well, clock.now()) == []
    assert stale(well, clock.now() - timedelta(hours=1)) == [
        "ops.alerts has not been fetched since 2026-03-27 09:00:00 UTC"
    ]


async def test_a_schedule_that_is_late_keeps_it_away(well: Engine, clock: FakeClock) -> None:
    began = clock.now()
    row = ScheduleRow(playbook="tick", digest="x", next_due=began)
    with well.database.transaction() as connection:
        schedules.set_schedule(connection, row)
    await clock.advance(50)
    assert stale(well, began) == []
    await clock.advance(50)
    assert [told for told in stale(well, began) if "tick" in told]


async def test_a_run_that_nobody_begins_keeps_it_away(well: Engine, clock: FakeClock) -> None:
    began = clock.now()
    start(well, well.library.playbook("p"), {"kind": "person", "name": "ana"}, {})
    assert stale(well, began) == []
    await clock.advance(90)
    assert [told for told in stale(well, began) if told.startswith("run 1 has waited to begin since")]


async def test_a_service_without_a_sign_logs_once_that_it_is_behind_and_once_that_it_is_not_any_more(
    well: Engine, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    watching = asyncio.create_task(watch(well))
    await asyncio.sleep(0)
    run_id = start(well, well.library.playbook("p"), {"kind": "person", "name": "ana"}, {})
    for _ in range(6):
        await clock.advance(20)
    with well.database.transaction() as connection:
        journal.claim(connection, run_id, well.owner, clock.now(), timedelta(seconds=30))
    await clock.advance(20)
    watching.cancel()
    said = [(record.levelname, record.message) for record in caplog.records if "behind" in record.message]
    assert said == [
        ("ERROR", "the service is behind: run 1 has waited to begin since 2026-03-27 10:00:00 UTC"),
        ("INFO", "the service is no longer behind"),
    ]
    await well.close()


async def test_what_the_vendor_says_of_the_sign_is_logged(
    well: Engine, clock: FakeClock, opsgenie: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    opsgenie.change_key(opsgenie.key, enabled=False)
    await given(well, clock, 120, opsgenie)
    said = [record for record in caplog.records if "no sign of life is given (ops.ping_heartbeat)" in record.message]
    assert len(said) == 1
    await well.close()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sign_of_life: {call: nope.ping_heartbeat}", "there is no connection 'nope'"),
        ("sign_of_life: {call: ops}", "call"),
        ("sign_of_life: {call: ops.ping_heartbeat, every: 1s}", "every"),
        ("sign_of_life: {coll: ops.ping_heartbeat}", "coll"),
    ],
)
def test_settings_that_cannot_be_meant_are_found(well: Engine, text: str, says: str) -> None:
    file = well.project.folder / "project.yml"
    file.write_text(f"{file.read_text()}\n{text}\n")
    findings = inspect(well.project.folder, well.catalog).findings
    assert any(says in finding.message for finding in findings), findings
