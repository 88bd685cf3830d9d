"""Events into the store, beside raw sqlite3 `executemany` of the same rows: `python tests/speed/ingest.py`.

100,000 events of 1 KB, one in ten a repetition; pages of 100 and of 1,000, each its own commit.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playbooks_engine.store.database import Database
from playbooks_engine.store.events import Arrival, store_page

EVENTS, ROUNDS = 100_000, 3
NOW = datetime(2026, 11, 22, 15, 27, 17, 123456, tzinfo=UTC)


def alert(number: int) -> dict[str, Any]:
    return {
        "id": f"{number:08d}-0b2c-4c1e-9d67-3b1f0c9a7e55-1606058837123",
        "tinyId": str(number),
        "alias": f"host-{number % 500}/disk-{number}",
        "message": f"Disk {number} of host-{number % 500} is nearly full",
        "status": "open" if number % 3 else "closed",
        "acknowledged": bool(number % 2),
        "tags": ["disk", "storage", f"host-{number % 500}"],
        "count": number % 7,
        "priority": f"P{number % 5 + 1}",
        "createdAt": "2026-11-22T15:27:17.123Z",
        "updatedAt": "2026-11-22T15:27:17.456Z",
        "owner": "",
        "report": {"ackTime": 15702, "closeTime": 60503, "acknowledgedBy": "user@example.org"},
        "description": "x" * 560,
    }


def arrivals() -> list[Arrival]:
    chance = random.Random(7)  # noqa: S311 - the same order each time
    made: list[Arrival] = []
    for number in range(EVENTS):
        if made and chance.random() < 0.1:
            made.append(chance.choice(made[-1000:]))
            continue
        raw = alert(number)
        fields = {name: raw[name] for name in ("id", "message", "status", "priority", "createdAt", "owner")}
        made.append(Arrival(raw["id"], raw["updatedAt"], fields, raw))
    return made


def raw(folder: Path, page: int, events: list[Arrival]) -> float:
    connection = sqlite3.connect(folder / f"raw-{page}.db", isolation_level=None)
    for setting in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=0", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute(
        "CREATE TABLE event (stream TEXT, key TEXT, version TEXT, fields TEXT, raw TEXT, stored_at TEXT, "
        "PRIMARY KEY (stream, key))"
    )
    begun = perf_counter()
    for start in range(0, len(events), page):
        rows = [
            ("s", event.key, event.version, json.dumps(event.fields), json.dumps(event.raw), NOW.isoformat())
            for event in events[start : start + page]
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)
        connection.execute("COMMIT")
    took = perf_counter() - begun
    connection.close()
    return len(events) / took


def ours(folder: Path, page: int, events: list[Arrival]) -> float:
    with Database.open(f"sqlite:///ours-{page}.db", folder=folder) as database:
        begun = perf_counter()
        for start in range(0, len(events), page):
            with database.transaction() as connection:
                store_page(connection, "ops.alerts", events[start : start + page], NOW)
        took = perf_counter() - begun
    return len(events) / took


def measured(way: Callable[[Path, int, list[Arrival]], float], page: int, events: list[Arrival]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return way(Path(folder), page, events)


def main() -> None:
    events = arrivals()
    print(f"{len(events):,} events of {len(json.dumps(events[0].raw)):,} bytes")
    figures: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for page in (100, 1_000):
            for name, way in (("raw sqlite3", raw), ("store", ours)):
                figures.setdefault((name, page), []).append(measured(way, page, events))
    for (name, page), values in figures.items():
        ratio = median(values) / median(figures["raw sqlite3", page])
        print(f"{name:12} per {page:>5,}  {median(values):>9,.0f} events/s   {ratio:5.2f} x raw")


if __name__ == "__main__":
    sys.exit(main())
