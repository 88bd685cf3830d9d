"""A stream when there is much of it, when one part is bad, and when the service is away for a day."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from door import answered
from histories import FalseClock

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import CommandFailed, ConnectionFailed
from playbooks_engine.runtime import health
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import Fetched, complete_up_to, fetch
from playbooks_engine.runtime.transport import Transport, Undelivered
from playbooks_engine.sdk import Answer, Request
from playbooks_engine.store import events, notifications
from playbooks_engine.testing.clock import START, FakeClock

PROJECT = """
connections:
{connections}
  chat: {{connector: notify, urls: [env:STREAM_CHAT]}}
"""
CONNECTION = """
  {name}:
    connector: opsgenie
    server_url: {url}
    api_key: env:STREAM_KEY
    health_check: {{every: 5m, notify: [chat.send]}}
    fetch: {{alerts: {settings}}}
"""


@pytest.fixture
def vendor() -> Iterator[Simulator]:
    with Simulator(now=START, frozen=True, seed={"alerts": [], "incidents": []}) as simulator:
        yield simulator


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A project folder with connections by name, each to an address."""
    monkeypatch.setenv("STREAM_CHAT", "mailto://127.0.0.1:9?to=a@example.com")

    def write(settings: str = "{}", **urls: str) -> Path:
        parts = [CONNECTION.format(name=name, url=url, settings=settings) for name, url in urls.items()]
        (tmp_path / "project.yml").write_text(PROJECT.format(connections="".join(parts)))
        return tmp_path

    return write


def fetched(folder: Path, clock: Any = None) -> tuple[Fetched, int]:
    """One fetch: what it told, and how many events are stored."""

    async def go() -> tuple[Fetched, int]:
        async with Engine.open(folder, clock=clock or FakeClock()) as engine:
            told = await fetch(engine, "ops.alerts")
            with engine.database.reading() as connection:
                return told, events.count_events(connection, "ops.alerts")

    return asyncio.run(go())


def test_far_more_than_the_service_pages_through_is_fetched_whole(
    vendor: Simulator, project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a ceiling of 300, as 20,000 would take a minute; in numbers it is 60,000 in tests/runtime/test_paging.py."""
    monkeypatch.setenv("STREAM_KEY", vendor.key)
    monkeypatch.setattr("connectors.opsgenie.simulator.paging.FURTHEST", 300)
    for number in range(1_500):
        at = START - timedelta(hours=3, milliseconds=number // 250)
        vendor.has_alert(created_at=at, updated_at=at)
    told, stored = fetched(project(ops=vendor.url))
    assert (told.new, told.bad, stored) == (1_500, 0, 1_500)
    assert told.complete_up_to == START


def test_one_bad_event_of_a_thousand_is_reported_and_the_others_are_stored(
    vendor: Simulator, project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_KEY", vendor.key)
    folder = project("{mapping: strict}", ops=vendor.url)
    (folder / "mappings").mkdir()
    (folder / "mappings" / "strict.yml").write_text(
        "extends: default\nfields:\n  number: {path: .message, type: integer}\n"
    )
    for number in range(1_000):
        at = START - timedelta(hours=3, seconds=number)
        vendor.has_alert(message="not a number" if number == 500 else str(number), created_at=at, updated_at=at)
    told, stored = fetched(folder)
    assert (told.new, told.bad, stored) == (999, 1, 999)
    assert [warning for warning in told.warnings if "'not a number' is not a whole number" in warning]
    assert told.complete_up_to == START


def test_a_connection_that_hangs_holds_up_none_of_fifty(
    vendor: Simulator, project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_KEY", vendor.key)
    for number in range(20):
        vendor.has_alert(created_at=START - timedelta(minutes=number + 1))
    vendor.limit("Search", per_second=10_000, per_minute=100_000)
    with Simulator(now=START, frozen=True, seed={"alerts": []}, key=vendor.key) as silent:
        silent.misbehave("silent_before", 1_000)
        names = [f"c{number:02}" for number in range(49)]
        folder = project(**dict.fromkeys(names, vendor.url), hanging=silent.url)

        async def longest(engine: Engine) -> float:
            async def one(name: str) -> float:
                began = time.monotonic()
                await fetch(engine, f"{name}.alerts")
                return time.monotonic() - began

            return max(await asyncio.gather(*(one(name) for name in names)))

        async def go() -> tuple[float, float]:
            async with Engine.open(folder, clock=FakeClock()) as engine:
                await longest(engine)  # opens every connection
                alone = await longest(engine)
                hanging = asyncio.ensure_future(fetch(engine, "hanging.alerts"))
                beside = await longest(engine)
                assert not hanging.done()
                hanging.cancel()
                await asyncio.wait([hanging])
                return alone, beside

        alone, beside = asyncio.run(go())
    assert beside - alone <= 1.0, f"{alone:.2f} s alone, {beside:.2f} s beside one that hangs"


def test_two_processes_that_fetch_at_once_lose_and_double_nothing(
    vendor: Simulator, project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_KEY", vendor.key)
    folder = project("{page_size: 7}", ops=vendor.url)
    ids = []
    for number in range(120):
        at = START - timedelta(hours=3, seconds=number // 3)
        ids.append(vendor.has_alert(created_at=at, updated_at=at).id)

    async def go() -> dict[str, int]:
        clock = FakeClock()
        async with Engine.open(folder, clock=clock) as one, Engine.open(folder, clock=clock) as other:
            told = await asyncio.gather(fetch(one, "ops.alerts"), fetch(other, "ops.alerts"))
            assert sum(fetched.new for fetched in told) == 120
            assert sum(fetched.unchanged for fetched in told) >= 120, "both have read everything"
            with one.database.reading() as connection:
                return {row.key: row.versions for row in events.list_events(connection, "ops.alerts", 1_000)}

    assert asyncio.run(go()) == dict.fromkeys(ids, 1)


DAY = 24 * 60


def test_a_day_without_the_service_loses_nothing_tells_people_twice_and_fills_no_disk(
    tmp_path: Path, project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    opsgenie = Simulator(now=START, frozen=True, seed={"alerts": [], "incidents": []})
    monkeypatch.setenv("STREAM_KEY", opsgenie.key)
    folder = project(ops="http://127.0.0.1:9")
    clock = FalseClock(opsgenie)
    away, asked = [False], [0]

    async def exchange(transport: Transport, request: Request) -> Answer:
        asked[0] += 1
        if away[0]:
            raise Undelivered(ConnectionFailed("The service cannot be reached."), left=False)
        return await answered(opsgenie, request, transport.headers)

    monkeypatch.setattr(Transport, "exchange", exchange)
    alerts: dict[str, int] = {}

    async def minutes(engine: Engine, number: int) -> None:
        for minute in range(number):
            if minute % 10 == 0:
                alerts[opsgenie.has_alert(message="new").id] = 1
            if minute % 45 == 0 and minute:
                changed = list(alerts)[minute // 45]
                opsgenie.change(changed, acknowledged=True)
            try:
                await fetch(engine, "ops.alerts")
            except CommandFailed:
                assert away[0]
            if minute % 5 == 0:
                await health.check(engine, "ops")
            if minute % 60 == 0:
                engine.database.checkpoint()  # the service does so each minute
            clock.pass_time(60)

    async def go() -> None:
        async with Engine.open(folder, clock=clock, checkpointing=True) as engine:
            await minutes(engine, 60)
            small, away[0], asked[0] = size(folder), True, 0
            await minutes(engine, DAY)
            assert size(folder) - small <= 5 * 1024 * 1024
            assert asked[0] <= 4 * DAY, "requests to a service that is down"
            away[0] = False
            await minutes(engine, 130)
            with engine.database.reading() as connection:
                rows = events.list_events(connection, "ops.alerts", 10_000)
                told = notifications.notifications(connection)
                state = events.stream_state(connection, "ops.alerts")
            assert {row.key: row.raw["acknowledged"] for row in rows} == {a.id: a.acknowledged for a in opsgenie.alerts}
            assert len(rows) == len(alerts) > 150
            assert [(row.subject, row.via) for row in reversed(told)] == [("down", "chat.send"), ("up", "chat.send")]
            upto = complete_up_to(state)
            assert upto is not None
            assert upto > clock.now() - timedelta(hours=1, minutes=2)

    asyncio.run(go())


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / ".playbooks").rglob("*") if path.is_file())
