"""A night on the false clock, and the story of its events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nights import CHASE, Night

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import events, journal
from playbooks_engine.testing.clock import START, FakeClock
from playbooks_engine.web import story

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: write}}
    fetch:
      alerts: {{every: 1m}}
"""


class Told(Night):
    """A night whose events have stories."""

    def entries(self, key: str) -> list[story.Entry]:
        with self.engine.database.reading() as connection:
            return story.gather(self.engine, connection, self.event(key))

    def lines(self, key: str, *kinds: str) -> list[str]:
        return [entry.text for entry in self.entries(key) if not kinds or entry.kind in kinds]

    def event(self, key: str) -> events.EventRow:
        with self.engine.database.reading() as connection:
            found = events.event(connection, "ops.alerts", key)
        assert found is not None
        return found

    def standing(self, key: str) -> list[story.Standing]:
        with self.engine.database.reading() as connection:
            return story.standings(self.engine, connection, self.event(key), self.clock.now())

    def around(self) -> list[str]:
        with self.engine.database.reading() as connection:
            return story.circumstances(self.engine, connection, "ops.alerts", self.clock.now())

    def answer(self, key: str) -> str:
        runs = [run for run in self.runs if run.event_key == key]
        return story.answer(runs, self.entries(key), self.standing(key), [])

    def execute(self) -> None:
        """Perform the runs that wait."""
        self.opsgenie.process_after(0)

        async def go() -> None:
            with self.engine.database.transaction() as connection:
                claimed = journal.claim_next(connection, self.engine.owner, self.clock.now(), LEASE, 10)
            for run in claimed:
                await execute(self.engine, run)
            await self.engine.calling.close()

        asyncio.run(go())

    def write(self, name: str, text: str) -> None:
        (self.engine.project.folder / "playbooks" / f"{name}.yml").write_text(text)


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with Simulator(now=START, frozen=True, seed={"alerts": [], "incidents": []}) as opsgenie:
        monkeypatch.setenv("TEST_OPS_KEY", opsgenie.key)
        (tmp_path / "playbooks").mkdir()
        (tmp_path / "project.yml").write_text(PROJECT.format(url=opsgenie.url))
        (tmp_path / "playbooks" / "chase.yml").write_text(CHASE)
        clock = FakeClock()
        engine = Engine.open(tmp_path, clock=clock)
        try:
            yield Told(engine, opsgenie, clock)
        finally:
            engine.database.close()
