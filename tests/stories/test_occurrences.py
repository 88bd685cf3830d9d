"""Event triggers under three processes on one store, kills and hangs: every occurrence is handled once.

`PLAYBOOKS_TEST_SIZE=nightly` goes on for five minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import Processes

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.store import journal, triggers

SECONDS = 300.0 if os.environ.get("PLAYBOOKS_TEST_SIZE") == "nightly" else 12.0
CHILD = Path(__file__).with_name("events_child.py")
HOLD = 4

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    fetch:
      alerts: {{every: 10s, start: 1h}}
"""
TRIGGER = """
name: {name}
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and not event.acknowledged
{hold}
connections: {{ops: opsgenie}}
steps: [{{id: a, uses: core.log, with: {{message: x}}}}]
"""


@pytest.mark.timeout(SECONDS + 120)
def test_each_occurrence_starts_one_run_and_what_was_acknowledged_in_time_starts_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "once.yml").write_text(TRIGGER.format(name="once", hold=""))
    (tmp_path / "playbooks" / "held.yml").write_text(TRIGGER.format(name="held", hold=f"    for: {HOLD}s"))
    with Simulator(seed={"alerts": [], "incidents": []}) as opsgenie:
        monkeypatch.setenv("TEST_OPS_KEY", opsgenie.key)
        (tmp_path / "project.yml").write_text(PROJECT.format(url=opsgenie.url))
        asyncio.run(_live(tmp_path, opsgenie))


async def _live(folder: Path, opsgenie: Simulator) -> None:
    async with Engine.open(folder) as engine:
        await fetch(engine, "ops.alerts")
        with Processes([sys.executable, str(CHILD), str(folder)], 3) as processes:
            processes.wait_until_ready()
            await _until(lambda: len(_known(engine)) == 2)  # both have taken their baseline
            forgotten, seen = await _alerts(engine, opsgenie, processes)
            settled = time.monotonic() + 60
            while time.monotonic() < settled and len(_runs(engine, "held")) < len(forgotten):
                await fetch(engine, "ops.alerts")
                await _pause(0.5)
            processes.end()
        assert processes.killed >= 2
        assert _runs(engine, "once") == dict.fromkeys(forgotten | seen, 1)
        assert _runs(engine, "held") == dict.fromkeys(forgotten, 1)
        _decisions_tell_the_runs(engine)


async def _alerts(engine: Engine, opsgenie: Simulator, processes: Processes) -> tuple[set[str], set[str]]:
    """Alerts come, some are acknowledged at once, and processes die meanwhile; which were not and which were."""
    dice = random.Random(11)  # noqa: S311 - which process dies, not a secret
    forgotten, seen = set[str](), set[str]()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        key = opsgenie.has_alert(message="down", priority="P1").id
        await fetch(engine, "ops.alerts")
        forgotten.add(key)
        if dice.random() < 0.5:
            opsgenie.change(key, acknowledged=True)
            forgotten.remove(key)
            seen.add(key)
            await fetch(engine, "ops.alerts")
        if dice.random() < 0.4:
            processes.kill(dice.randrange(3))
        elif dice.random() < 0.2:
            processes.hang(dice.randrange(3), 0.3)
        await _pause(dice.uniform(0.05, 0.3))
    return forgotten, seen


async def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        await _pause(0.05)


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


def _known(engine: Engine) -> list[triggers.EventTrigger]:
    with engine.database.reading() as connection:
        return triggers.event_triggers(connection)


def _runs(engine: Engine, playbook: str) -> Counter[str | None]:
    with engine.database.reading() as connection:
        return Counter(run.event_key for run in journal.runs(connection, playbook=playbook, limit=100_000))


def _decisions_tell_the_runs(engine: Engine) -> None:
    with engine.database.reading() as connection:
        matched = triggers.decisions(connection, kind="matched", limit=100_000)
        runs = {run.id: run.event_key for run in journal.runs(connection, limit=100_000)}
    assert {row.run_id: row.event_key for row in matched} == runs
