"""A stretch of time in which a stream is fetched and its triggers look, minute by minute."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import CommandFailed
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.triggers import evaluate, fire_held
from playbooks_engine.store import journal, triggers
from playbooks_engine.testing.clock import FakeClock

CHASE = """
name: chase
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and not event.acknowledged and event.priority == 'P1'
    for: 10m
connections: {ops: opsgenie}
steps:
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ event.id }}", note: Nobody has acknowledged this.}
"""


class Night:
    """A project with a trigger that holds for ten minutes, on a clock that the test moves."""

    def __init__(self, engine: Engine, opsgenie: Simulator, clock: FakeClock) -> None:
        self.engine = engine
        self.opsgenie = opsgenie
        self.clock = clock
        self.minute(0)

    def alert(self, **fields: Any) -> str:
        return self.opsgenie.has_alert(**{"message": "Checkout is down", "priority": "P1", **fields}).id

    def acknowledge(self, alert: str, acknowledged: bool = True) -> None:
        self.opsgenie.change(alert, acknowledged=acknowledged)

    def wait(self, seconds: float) -> None:
        """Time passes and nobody looks."""
        asyncio.run(self.clock.advance(seconds))
        self.opsgenie.advance(seconds)

    def minute(self, number: int = 1, *, looked: bool = True) -> int:
        """So many minutes later, with a look each; returns how many runs were queued. 0: a look, and no time."""
        started = 0
        for _ in range(max(number, 1)):
            self.wait(60 if number else 0)
            started += self.look(looked=looked)
        return started

    def look(self, *, looked: bool = True) -> int:
        """A fetch, then the triggers."""
        watched = Watched(self.engine)
        watched.look()

        async def go() -> int:
            try:
                if looked:
                    with suppress(CommandFailed):
                        await fetch(self.engine, "ops.alerts")
                return await evaluate(self.engine, watched.armed) + await fire_held(self.engine, watched.armed)
            finally:
                await self.engine.calling.close()

        return asyncio.run(go())

    def end(self, status: str, error: dict[str, Any] | None = None) -> None:
        """Every run that can be taken ends like this."""
        now = self.clock.now()
        with self.engine.database.transaction() as connection:
            for run in journal.claim_next(connection, "host:1:1", now, timedelta(seconds=30), 100):
                journal.finish(connection, run.id, run.fence, status, None, error, now)

    @property
    def kinds(self) -> list[str]:
        return [row.kind for row in self.decisions]

    @property
    def decisions(self) -> list[triggers.Decision]:
        with self.engine.database.reading() as connection:
            return [*reversed(triggers.decisions(connection, limit=1000))]

    @property
    def runs(self) -> list[journal.Run]:
        with self.engine.database.reading() as connection:
            return [*reversed(journal.runs(connection, limit=1000))]

    def held(self, key: str) -> triggers.EventMatch:
        with self.engine.database.reading() as connection:
            found = triggers.event_match(connection, "chase", "ops.alerts", key)
        assert found is not None
        return found

    @property
    def read_again(self) -> int:
        """How often one alert was read by itself."""
        return sum(e.method == "GET" and e.path.startswith("/v2/alerts/") for e in self.opsgenie.ledger)
