"""The power goes at a fault point: of the log only what waited for the disk is left, and no change without its intent.

`PLAYBOOKS_TEST_CRASHES=all` cuts at every passing of every point.
"""

from __future__ import annotations

import importlib.util
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.store import journal
from playbooks_engine.store.database import Database

_spec = importlib.util.spec_from_file_location("crash_scene", Path(__file__).with_name("test_crashes.py"))
assert _spec is not None
assert _spec.loader is not None
crashes: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(crashes)
dying, pristine, service, scene = crashes.dying, crashes.pristine, crashes.service, crashes.scene

CASES = [
    (point, number)
    for point, most in crashes.POINTS.items()
    if point != "claim"  # nothing has left yet
    for number in crashes.occurrences(point, most, 3)
]


def cut_power(scene: Any, faults: str) -> int:
    """Let the process go on until the fault, then leave of the log what was on the disk; returns how much was lost."""
    file = scene.folder / ".playbooks" / "store.db"
    note = scene.folder / "synced"
    told = {"folder": str(scene.folder), "key": scene.simulator.key, "faults": faults, "synced": str(note)}
    assert scene.tell(told) == -signal.SIGKILL
    log = Path(f"{file}-wal")
    synced, length = int(note.read_text()), log.stat().st_size
    assert synced <= length
    os.truncate(log, synced)
    Path(f"{file}-shm").unlink()
    return length - synced


def sent_and_meant(scene: Any) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    with Database.open("sqlite:///.playbooks/store.db", folder=scene.folder) as database, database.reading() as cx:
        intents = [one for run in journal.runs(cx) for one in journal.intents(cx, run.id)]
    sent = Counter((entry.method, entry.path) for entry in scene.simulator.ledger if entry.method == "POST")
    return sent, Counter((one.method or "", (one.url_path or "").partition("?")[0]) for one in intents)


@pytest.mark.parametrize(("point", "number"), CASES)
def test_no_change_left_before_its_intent_was_on_the_disk(scene: Any, point: str, number: int) -> None:
    cut_power(scene, f"{point}:{number}:kill")
    sent, meant = sent_and_meant(scene)
    assert sent <= meant
    assert scene.go_on() == 0
    crashes.judge(scene, {})


def test_a_power_cut_does_take_what_did_not_wait_for_the_disk(scene: Any) -> None:
    """Otherwise the others would prove nothing."""
    assert cut_power(scene, "after_result_commit:9:kill") > 0
