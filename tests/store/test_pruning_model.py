"""What is left after pruning is what a slow and simple model leaves, from a seed.

`PLAYBOOKS_NIGHTLY=1` tries more seeds.
"""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from itertools import count

import pytest
from aged import STREAM, contents_of, keys_of, match, prune, run, runs_of, store, watch

from playbooks_engine.store.database import Database

SEEDS = range(200 if os.environ.get("PLAYBOOKS_NIGHTLY") else 12)


class Model:
    """What a store should hold after pruning, worked out the slow and simple way."""

    def __init__(self, database: Database, now: datetime, chance: random.Random) -> None:
        self.database, self.now, self.chance = database, now, chance
        self.events: dict[str, list[tuple[datetime, int]]] = {}
        self.status: dict[str, str] = {}
        self.matching: dict[str, bool] = {}
        self.runs: dict[int, tuple[datetime | None, str | None, int | None]] = {}
        self.numbers = count(1)
        self.cursor = 0

    def fill(self) -> None:
        ages = sorted((self.chance.randrange(200) for _ in range(60)), reverse=True)
        for age in ages:
            at = self.now - timedelta(days=age)
            key = f"e{self.chance.randrange(15)}"
            self.status[key] = self.chance.choice(["open", "closed", "resolved"])
            number = next(self.numbers)
            store(self.database, at, key, status=self.status[key], content=number)
            self.events.setdefault(key, []).append((at, number))
            if self.chance.random() < 0.5:
                self.begin(key, number, at)
        self.cursor = self.chance.randrange(len(ages) + 1)
        with self.database.transaction() as connection:
            watch(connection, self.cursor)
            for key in self.events:
                self.matching[key] = self.chance.random() < 0.3
                match(connection, key, self.now, matching=self.matching[key])

    def begin(self, key: str, number: int, at: datetime) -> None:
        with self.database.transaction() as connection:
            ended = self.chance.random() < 0.8
            told = {"event_stream": STREAM, "event_key": key, "event_version_id": number}
            made = run(connection, at, ended=ended, **told)
        self.runs[made] = (at if ended else None, key, number)

    def left(self, before: datetime) -> tuple[dict[str, list[int]], set[int]]:
        using = {(key, number) for ended, key, number in self.runs.values() if ended is None}
        expected = {}
        for key, contents in self.events.items():
            last_seen, current = contents[-1]
            needed = (
                last_seen >= before
                or current > self.cursor
                or self.matching[key]
                or self.status[key] == "open"
                or any(used == key for used, _ in using)
            )
            if needed:
                expected[key] = [
                    number
                    for at, number in contents
                    if number == current or at >= before or number > self.cursor or (key, number) in using
                ]
        return expected, {number for number, (ended, *_) in self.runs.items() if ended is None or ended >= before}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_left_is_what_the_model_leaves(database: Database, now: datetime, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    model = Model(database, now, chance)
    model.fill()
    before = now - timedelta(days=chance.randrange(10, 150))
    expected, runs = model.left(before)
    prune(database, rows=chance.choice([1, 3, 50]), events=before, runs=before)
    assert {key: contents_of(database, key) for key in keys_of(database)} == expected
    assert runs_of(database) == runs
    assert prune(database, events=before, runs=before) == {}
