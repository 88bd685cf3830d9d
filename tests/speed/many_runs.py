"""A store of 100,000 runs and a million events beside one of a thousand each: `python tests/speed/many_runs.py`.

Two numbers, of runs and of events, make it another size. Each run has three steps, an intent, three calls in the audit
and a decision. Measured: opening; claiming a run and ending it, beside runs that wait; the lists of runs (first, middle
and last page; by status, by playbook, of one event), the pages and the API; the memory of the process.
Goals (p95): lists and pages 200 ms, a claim 50 ms, opening 3 s, memory 300 MB.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import many_events
from many_events import PROJECT, STREAM, arrival, p95
from sqlalchemy import insert

from playbooks_engine.errors import InvalidInput
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.store import audit, journal, tables, triggers
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import NewRun
from playbooks_engine.testing.clock import START, FakeClock
from playbooks_engine.web.app import make_app

PLAYBOOKS, BATCH, RARE = 40, 1_000, 997
GOALS = {"opening": 3_000, "memory MB": 300, "a claim": 50, "a claim, a queue of 500": 50}
TEXT = "name: chase\nsteps:\n  - {id: a, uses: core.log, with: {message: hello}}\n"
ENDS = ("succeeded", "succeeded", "succeeded", "succeeded", "failed", "succeeded_with_errors", "timed_out", "cancelled")


def fill(folder: Path, runs: int, events: int) -> None:
    """What `many_events.build` made, and runs that its events started."""
    many_events.build(folder, events)
    with Database.open("sqlite:///.playbooks/store.db", folder=folder, checkpointing=True) as database:
        with database.transaction() as connection:
            digest = journal.keep_text(connection, TEXT)
        for start in range(1, runs + 1, BATCH):
            numbers = range(start, min(start + BATCH, runs + 1))
            with database.transaction() as connection:
                connection.execute(insert(tables.run), [_run(n, runs, events, digest) for n in numbers])
                connection.execute(insert(tables.step), [_step(n, runs, at) for n in numbers for at in range(3)])
                connection.execute(insert(tables.intent), [_intent(n, runs) for n in numbers])
                connection.execute(insert(tables.audit), [_call(n, runs, at) for n in numbers for at in range(3)])
                connection.execute(insert(tables.decision), [_decision(n, runs, events) for n in numbers])
        database.checkpoint()


def _at(number: int, runs: int) -> datetime:
    return START - timedelta(seconds=30 * (runs - number))


def _playbook(number: int) -> str:
    return "rare" if number % RARE == 0 else f"playbook_{number % PLAYBOOKS}"


def _run(number: int, runs: int, events: int, digest: str) -> dict[str, Any]:
    at, event = _at(number, runs), number % events
    waits = number % 500 == 7  # a person is asked, and has not answered
    return {
        "id": number, "playbook": _playbook(number), "file": "playbooks/p.yml", "digest": digest, "sources": {},
        "trigger": {"kind": "event", "stream": STREAM, "key": arrival(event).key}, "event_stream": STREAM,
        "event_key": arrival(event).key, "event_version_id": event + 1, "inputs": {"why": "x" * 100}, "connections": {},
        "status": "waiting" if waits else ENDS[number % len(ENDS)], "output": {"done": number}, "fence": 1,
        "error": {"step": "step_2", **InvalidInput("It broke.").as_json()} if number % len(ENDS) == 4 else None,
        "created_at": at, "started_at": at, "ended_at": None if waits else at + timedelta(seconds=2),
    }  # fmt: skip


def _step(number: int, runs: int, place: int) -> dict[str, Any]:
    at = _at(number, runs)
    return {
        "run_id": number, "path": f"step_{place}", "step_id": f"step_{place}", "status": "succeeded",
        "inputs": {"identifier": "x" * 36}, "output": {"note": "y" * 200}, "raw": {"data": {"note": "y" * 400}},
        "attempts": 1, "started_at": at, "ended_at": at,
    }  # fmt: skip


def _intent(number: int, runs: int) -> dict[str, Any]:
    at = _at(number, runs)
    return {
        "id": f"i{number:031}", "run_id": number, "path": "step_1", "attempt": 1, "command": "opsgenie.add_note",
        "connection": "ops", "effect": "write", "request_hash": "0" * 64, "method": "POST", "url_path": "/v2/alerts/x",
        "body": {"note": "y" * 100}, "written_at": at, "settled_at": at, "outcome": "succeeded",
    }  # fmt: skip


def _call(number: int, runs: int, place: int) -> dict[str, Any]:
    at = _at(number, runs)
    return {
        "id": f"{random.Random(number * 3 + place).getrandbits(128):032x}", "at": at,  # noqa: S311 - as scattered as real
        "actor": {"kind": "playbook", "name": _playbook(number), "run": number, "step": f"step_{place}"},
        "connection": "ops", "connector": "opsgenie", "command": "add_note", "area": "alerts", "effect": "write",
        "target": "alert 4821", "decision": "allowed", "rule": "alerts: write", "outcome": "succeeded", "requests": 1,
        "ended_at": at, "status_code": 200,
    }  # fmt: skip


def _decision(number: int, runs: int, events: int) -> dict[str, Any]:
    return {
        "at": _at(number, runs), "playbook": _playbook(number), "kind": "matched", "stream": STREAM,
        "event_key": arrival(number % events).key, "event_version_id": number % events + 1, "run_id": number,
        "reason": "it matched", "saw": [["event.priority", "P1"]],
    }  # fmt: skip


def measure(folder: Path, runs: int, events: int) -> dict[str, float]:
    """Milliseconds that at most one of twenty took longer than, and megabytes."""
    begun = perf_counter()
    engine = Engine.open(folder, clock=FakeClock())
    figures = {"opening": (perf_counter() - begun) * 1_000}
    database, chance = engine.database, random.Random(7)  # noqa: S311 - the same each time

    def queue(number: int) -> None:
        with database.transaction() as connection:
            digest = journal.keep_text(connection, TEXT)
            new = [
                NewRun(playbook=_playbook(n), digest=digest, event_stream=STREAM, event_key=arrival(n % events).key)
                for n in range(number)
            ]
            journal.add_runs(connection, new, START)

    def claimed(_: int) -> None:
        """As the service does: a look without a lock, then the claim."""
        with database.reading() as connection:
            journal.claimable(connection, engine.owner, START, 20)
        with database.transaction() as connection:
            taken = journal.claim_next(connection, engine.owner, START, LEASE, 1)
        assert taken
        with database.transaction() as connection:
            journal.finish(connection, taken[0].id, taken[0].fence, "succeeded", None, None, START)

    def listed(**asked: Any) -> Callable[[int], None]:
        def read(_: int) -> None:
            with database.reading() as connection:
                journal.runs(connection, **asked)
                asked_of = {name: value for name, value in asked.items() if name not in {"before", "limit"}}
                journal.count(connection, **asked_of)

        return read

    def of_an_event(_: int) -> None:
        key = arrival(chance.randrange(min(runs, events))).key
        with database.reading() as connection:
            journal.runs(connection, event_stream=STREAM, event_key=key)
            triggers.decisions(connection, stream=STREAM, event_key=key)

    def calls(_: int) -> None:
        with database.reading() as connection:
            audit.audit_rows(connection, "ops")

    lists: dict[str, dict[str, Any]] = {
        "runs": {}, "runs, middle": {"before": runs // 2}, "runs, last page": {"before": 40},
        "failed": {"status": "failed"}, "failed, last page": {"status": "failed", "before": 400},
        "succeeded": {"status": "succeeded"}, "queued: none": {"status": "queued"}, "waiting": {"status": "waiting"},
        "of a playbook": {"playbook": "playbook_3"},
        "of a playbook, last page": {"playbook": "playbook_3", "before": 400},
        "of a rare playbook": {"playbook": "rare"},
        "failed of a playbook": {"playbook": "playbook_4", "status": "failed"},
        "failed of a playbook: none": {"playbook": "playbook_3", "status": "failed"},
        "succeeded of a rare one": {"playbook": "rare", "status": "succeeded"},
    }  # fmt: skip
    figures |= {name: p95(listed(**asked)) for name, asked in lists.items()}
    figures["runs and decisions of an event"] = p95(of_an_event)
    figures["calls of a connection"] = p95(calls)
    figures |= asyncio.run(_pages(engine, runs, events))
    queue(60)
    figures["a claim"] = p95(claimed)
    queue(500)
    figures["a claim, a queue of 500"] = p95(claimed)
    figures["memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    asyncio.run(engine.close())
    return figures


async def _pages(engine: Engine, runs: int, events: int) -> dict[str, float]:
    key = arrival(min(runs, events) // 2).key
    asked = {
        "page /": "/", "page /runs": "/runs", "page /runs, middle": f"/runs?before={runs // 2}",
        "page /runs?status=failed": "/runs?status=failed", "page /runs?playbook=": "/runs?playbook=playbook_3",
        "page of one run": f"/runs/{runs // 2}", "page /events": "/events",
        "page of one event": f"/events/{STREAM}/{key}",
        "page of a connection": "/connections/ops", "api runs": "/api/runs", "api events": "/api/events",
    }  # fmt: skip
    transport = httpx.ASGITransport(make_app(engine))
    figures = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for name, path in asked.items():
            taken = []
            for _ in range(20):
                begun = perf_counter()
                answer = await client.get(path)
                taken.append((perf_counter() - begun) * 1_000)
                assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
            figures[name] = sorted(taken)[18]
    return figures


def measured(runs: int, events: int) -> dict[str, float]:
    """In a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "project.yml").write_text(PROJECT)
        fill(folder, runs, events)
        words = [sys.executable, __file__, "--measure", str(folder), str(runs), str(events)]
        told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        figures: dict[str, float] = json.loads(told)
        return figures


def main() -> int:
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
        return 0
    runs, events = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (100_000, 1_000_000)
    small, large = measured(1_000, 1_000), measured(runs, events)
    print(f"{'p95, ms':<34}{1_000:>10,}{runs:>10,}{'goal':>8}")
    missed = 0
    for name, figure in large.items():
        goal = GOALS.get(name, 200)
        missed += figure > goal
        print(f"{name:<34}{small[name]:>10,.1f}{figure:>10,.1f}{goal:>8,}{'  missed' if figure > goal else ''}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
