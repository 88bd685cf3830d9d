"""A store of a million events beside one of a thousand: `python tests/speed/many_events.py [EVENTS]`.

Opening it; storing a page of 100 (half new, a quarter updated); a tick of the stream, over the simulator's application
without a socket; pages of the list (first, middle, last), searches, one event with its versions; and the memory of the
process that did all of it. Goals (p95): lists 200 ms, page and tick 50 ms, opening 3 s, memory 300 MB; searches
by a field with an index or in a bounded time 200 ms, those that read every event 5 s.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from door import answered
from histories import FalseClock

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.transport import Transport
from playbooks_engine.sdk import Answer, Request
from playbooks_engine.store import events
from playbooks_engine.store.database import Database
from playbooks_engine.store.events import Arrival, EventRow, store_page
from playbooks_engine.testing.clock import START
from playbooks_engine.web.listing import latest_events

STREAM, PAGE, ROUNDS = "ops.alerts", 50, 40
PROJECT = """
connections:
  ops: {connector: opsgenie, server_url: "http://127.0.0.1:9", api_key: env:SPEED_KEY, fetch: {alerts: {}}}
"""
GOALS = {
    "opening": 3_000, "memory MB": 300, "storing a page of 100": 50, "a tick": 50,
    "search by message": 5_000, "search by status": 5_000,
}  # fmt: skip


def arrival(number: int, version: int = 1) -> Arrival:
    at = f"2026-03-01T00:00:00.{version:06}Z"
    fields = {
        "id": f"{number:08}-0b2c-4c1e-9d67-3b1f0c9a7e55", "message": f"Disk {number} of host-{number % 500} is full",
        "status": "open" if number % 3 else "closed", "priority": f"P{number % 5 + 1}", "count": version,
        "tags": ["disk", f"host-{number % 500}"], "alias": f"disk-{number}", "tiny_id": str(number),
        "entity": f"host-{number % 500}", "created_at": at, "updated_at": at,
    }  # fmt: skip
    return Arrival(str(fields["id"]), at, fields, {**fields, "description": "x" * 300})


def build(folder: Path, number: int) -> None:
    with Database.open("sqlite:///.playbooks/store.db", folder=folder, checkpointing=True) as database:
        for start in range(0, number, 1_000):
            with database.transaction() as connection:
                page = [arrival(each) for each in range(start, min(start + 1_000, number))]
                store_page(connection, STREAM, page, START - timedelta(seconds=number - start))
            if start % 50_000 == 0:
                database.checkpoint()
        database.checkpoint()


def p95(does: Callable[[int], Any], rounds: int = ROUNDS) -> float:
    """Milliseconds that at most one of twenty took longer than."""
    taken = []
    for number in range(rounds):
        begun = perf_counter()
        does(number)
        taken.append((perf_counter() - begun) * 1_000)
    return sorted(taken)[int(len(taken) * 0.95) - 1]


def measure(folder: Path, number: int) -> dict[str, float]:
    opsgenie = Simulator(now=START, frozen=True, seed={"alerts": [], "incidents": []})
    os.environ["SPEED_KEY"] = opsgenie.key
    clock = FalseClock(opsgenie)

    async def exchange(transport: Transport, request: Request) -> Answer:
        return await answered(opsgenie, request, transport.headers)

    setattr(Transport, "exchange", exchange)  # noqa: B010 - nothing of HTTP is measured here
    begun = perf_counter()
    engine = Engine.open(folder, clock=clock)
    figures = {"opening": (perf_counter() - begun) * 1_000}
    chance = random.Random(7)  # noqa: S311 - the same each time

    def page(turn: int) -> None:
        new = [arrival(number + turn * 50 + each) for each in range(50)]
        old = [arrival(chance.randrange(number), each % 2 * (turn + 2) or 1) for each in range(50)]
        with engine.database.transaction() as connection:
            store_page(connection, STREAM, [*new, *old], START)

    def listed(before: EventRow | None = None) -> list[EventRow]:
        with engine.database.reading() as connection:
            events.count_events(connection, STREAM)
            return latest_events(connection, [STREAM], PAGE + 1, before)

    def at(share: float) -> EventRow:
        """A row about so far down the list: found by its time of storing."""
        seen = START - timedelta(seconds=number * share)
        return EventRow(
            stream=STREAM, key="0", last_seen=seen, first_seen=seen, version_id=0, number=0, version=None, versions=0,
            fields={}, raw=None,
        )  # fmt: skip

    def searched(**bounds: Any) -> Callable[[int], None]:
        def search(turn: int) -> None:
            fields = {name: text.format(turn, turn % 500) for name, text in bounds.items() if isinstance(text, str)}
            with engine.database.reading() as connection:
                events.find(connection, STREAM, fields, since=bounds.get("since"))

        return search

    def one(turn: int) -> None:
        key = arrival(chance.randrange(number)).key
        with engine.database.reading() as connection:
            events.event(connection, STREAM, key)
            events.versions(connection, STREAM, key)

    async def ticks() -> float:
        await fetch(engine, STREAM)
        taken = []
        for turn in range(ROUNDS):
            clock.pass_time(60)
            for _ in range(5):
                opsgenie.has_alert(message=f"new {turn}")
            begun = perf_counter()
            await fetch(engine, STREAM)
            taken.append((perf_counter() - begun) * 1_000)
        await engine.close()
        return sorted(taken)[int(ROUNDS * 0.95) - 1]

    figures["storing a page of 100"] = p95(page)
    figures["first page"] = p95(lambda turn: listed())
    figures["middle page"] = p95(lambda turn: listed(at(0.5)))
    figures["last page"] = p95(lambda turn: listed(at(0.999)))
    figures["search by entity, status"] = p95(searched(entity="host-{1}", status="open"))
    figures["search by alias"] = p95(searched(alias="disk-{0}"))
    hour = START - timedelta(hours=1)
    figures["search in the last hour"] = p95(searched(status="open", since=hour))
    figures["search by message"] = p95(searched(message="Disk {0} of host-{1} is full"), 5)
    figures["search by status"] = p95(searched(status="open"), 5)
    figures["one event"] = p95(one)
    figures["a tick"] = asyncio.run(ticks())
    figures["memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def measured(number: int) -> dict[str, float]:
    """In a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "project.yml").write_text(PROJECT)
        build(folder, number)
        words = [sys.executable, __file__, "--measure", str(folder), str(number)]
        told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        figures: dict[str, float] = json.loads(told)
        return figures


def main() -> int:
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]))))
        return 0
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    small, large = measured(1_000), measured(number)
    print(f"{'p95, ms':<24}{1_000:>12,}{number:>12,}{'goal':>8}")
    missed = 0
    for name, figure in large.items():
        goal = GOALS.get(name, 200)
        missed += figure > goal
        print(f"{name:<24}{small[name]:>12,.1f}{figure:>12,.1f}{goal:>8,}{'  missed' if figure > goal else ''}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
