"""The chase in the hands of the service: its trigger, its hold time and its steps, against the simulator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator

TOOL = str(Path(sys.executable).parent / "playbooks")
PATIENCE = 60.0


@pytest.fixture
def served(project: Path, opsgenie: Simulator) -> Iterator[Path]:
    """The service on a project whose chase holds for seconds in place of minutes, with no alert there yet."""
    for alert in opsgenie.alerts:
        opsgenie.change(alert.id, status="closed")
    for path in (project / "playbooks").glob("*.yml"):
        if path.stem not in ("chase_unacknowledged", "who_is_on_call"):
            path.unlink()
    chase = project / "playbooks" / "chase_unacknowledged.yml"
    text = chase.read_text(encoding="utf-8")
    assert "for: 10m" in text
    chase.write_text(text.replace("for: 10m", "for: 4s"), encoding="utf-8")
    with (project / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [TOOL, "serve"], cwd=project, env={**os.environ}, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdout is not None
        assert "http://" in process.stdout.readline()
        yield project
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        process.stdout.close()


def until(true: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)


def actions(opsgenie: Simulator, alert: Any) -> list[str]:
    return [effect.action for effect in opsgenie.applied if effect.subject_id == alert.id]


def test_what_nobody_takes_is_chased_once_and_what_somebody_takes_is_left_alone(
    served: Path, opsgenie: Simulator
) -> None:
    log = served / "serve.log"
    until(lambda: " new, " in log.read_text(), "the first fetch, whose alerts are the baseline")
    lost = opsgenie.has_alert(message="Search is slow", priority="P2")
    taken = opsgenie.has_alert(message="Checkout is slow", priority="P2")
    time.sleep(1.5)  # both are seen
    opsgenie.change(taken.id, acknowledged=True)
    until(lambda: "EscalateToNext" in actions(opsgenie, lost), "the escalation")
    time.sleep(6.0)  # longer than the hold time: nothing fires again
    assert actions(opsgenie, lost) == ["AddNote", "EscalateToNext"]
    assert actions(opsgenie, taken) == []
