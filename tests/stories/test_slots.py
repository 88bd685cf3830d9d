"""Schedules under four processes on one store, kills, hangs and a clock that jumps: no slot twice, none missed.

`PLAYBOOKS_TEST_SIZE=nightly` goes on for ten minutes.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from processes import Processes

from playbooks_engine.language.playbook import ScheduleTrigger
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.due import next_due
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store import journal, schedules, triggers

HURRY = 6_000.0
SECONDS = 600.0 if os.environ.get("PLAYBOOKS_TEST_SIZE") == "nightly" else 15.0
PROCESSES = 4
CHILD = Path(__file__).with_name("slots_child.py")

SCHEDULES = {
    "each": "every: 1m, catch_up: all",
    "latest": "every: 1m, catch_up: last",
    "berlin": "cron: '*/10 * * * *', timezone: Europe/Berlin, catch_up: all",
    "nightly": "cron: '30 2 * * *', timezone: Europe/Berlin, catch_up: all",
}


@pytest.mark.timeout(SECONDS + 120)
def test_no_slot_is_missed_and_none_fires_twice(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    (folder / "playbooks").mkdir(parents=True)
    (folder / "project.yml").write_text("connections: {}\n")
    (folder / "jump").write_text("0")
    for name, schedule in SCHEDULES.items():
        steps = "steps: [{id: a, uses: core.log, with: {message: x}}]"
        text = f"name: {name}\non: {{schedule: {{{schedule}}}}}\n{steps}\n"
        (folder / "playbooks" / f"{name}.yml").write_text(text)
    Engine.open(folder).database.close()
    dice = random.Random(5)  # noqa: S311 - which process dies, not a secret
    command = [sys.executable, str(CHILD), str(folder), str(time.time()), str(HURRY)]
    with Processes(command, PROCESSES) as processes:
        processes.wait_until_ready()
        jump, until = 0.0, time.monotonic() + SECONDS
        while time.monotonic() < until:
            time.sleep(dice.uniform(0.1, 0.6))
            number = dice.randrange(PROCESSES)
            match dice.randrange(4):
                case 0 | 1:
                    processes.kill(number)
                case 2:
                    processes.hang(number, dice.uniform(0.1, 0.8))
                case _:
                    jump += dice.choice((-3600, 3600, 600))
                    (folder / "draft").write_text(str(jump))
                    (folder / "draft").replace(folder / "jump")
        processes.wait_until_ready()
        time.sleep(2)
        processes.end()
    assert processes.killed >= 3
    _check(folder)


def _check(folder: Path) -> None:
    engine = Engine.open(folder)
    try:
        watched = Watched(engine)
        watched.look()
        with engine.database.reading() as connection:
            for name, loaded in watched.armed.playbooks.items():
                trigger = loaded.playbook.schedule
                assert trigger is not None
                slots = schedules.slots(connection, name, limit=1_000_000)[::-1]
                assert len(slots) > (100 if name in ("each", "latest") else 0)
                _no_gap(trigger, slots)
                runs = Counter(run.slot for run in journal.runs(connection, playbook=name, limit=1_000_000))
                assert runs == {slot.due: 1 for slot in slots if slot.outcome == "ran"}
                if trigger.catch_up == "all":
                    assert {slot.outcome for slot in slots} <= {"ran"}
                told = Counter(row.slot for row in triggers.decisions(connection, playbook=name, limit=1_000_000))
                assert told == {slot.due: 1 for slot in slots}
    finally:
        engine.database.close()


def _no_gap(trigger: ScheduleTrigger, slots: list[Any]) -> None:
    for slot, following in pairwise(slots):
        assert next_due(trigger, slot.due, slot.due) == following.due, f"a slot is missing after {slot.due}"
