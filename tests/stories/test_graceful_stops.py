"""The service is stopped under load again and again: it ends well and soon, loses no run, and repeats no finished step.

Nightly, with `PLAYBOOKS_TEST_SIZE=nightly`, two hundred times.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from long_night import left

from connectors.opsgenie.simulator.running import Simulator

STOPS = 200 if os.environ.get("PLAYBOOKS_TEST_SIZE") == "nightly" else 10
GRACE = timedelta(seconds=30)
STILL_CLAIMED = timedelta(seconds=1)
PLAYBOOK = """
name: work
on:
  event: {from: ops.alerts, where: event.status == 'open'}
connections: {ops: opsgenie}
steps:
"""
STEP = '  - {id: s%d, uses: ops.add_note, with: {identifier: "${{ event.id }}", note: "${{ run.id }} s%d"}}\n'
STEPS = 4


@pytest.fixture
def loaded(project: Path, opsgenie: Simulator) -> Callable[[int], None]:
    """A playbook of some writes that take a moment each; called with a number, that many alerts start it."""
    text = PLAYBOOK + "".join(STEP % (number, number) for number in range(STEPS))
    (project / "playbooks" / "work.yml").write_text(text)
    for domain in ("Alert", "Search", "Configuration"):
        opsgenie.limit(domain, per_second=200, per_minute=12_000)
    opsgenie.process_after(0.1)

    def load(number: int) -> None:
        opsgenie.misbehave("slow", times=number, method="POST", seconds=0.4)
        for _ in range(number):
            opsgenie.has_alert(message="work")

    return load


def begun(said: str) -> int:
    """How many runs were begun, or gone on with, as the service tells."""
    return len(re.findall(r"run \d+ of work begins", said))


@pytest.mark.timeout(60 + 20 * STOPS)
def test_a_stop_under_load_ends_in_time_loses_nothing_and_repeats_nothing(
    serve: Callable[..., Any], project: Path, opsgenie: Simulator, loaded: Callable[[int], None], until: Any
) -> None:
    dice = random.Random(22)  # noqa: S311 - the same stops again
    slowest, cut = 0.0, 0
    service = serve()
    assert service.page
    until(lambda: any(entry.path == "/v2/alerts" for entry in opsgenie.ledger), "the first fetch")
    time.sleep(1)  # what is there at first is the baseline
    for _ in range(STOPS):
        loaded(5)
        before = begun(service.said)
        until(lambda at=before, of=service: begun(of.said) > at, "a run")
        time.sleep(dice.uniform(0.0, 0.8))
        stopped = datetime.now(UTC)
        assert service.stop() == 0
        ended = datetime.now(UTC)
        assert ended - stopped < GRACE
        slowest = max(slowest, (ended - stopped).total_seconds())
        found = left(project)
        assert not [run.id for run in found.runs if run.status == "running" or run.owner], "given back or ended"
        late = [run.id for run in found.runs if run.started_at and run.started_at > stopped + STILL_CLAIMED]
        assert not late, f"claimed after the signal: {late}"
        cut += sum(run.status == "queued" and run.fence > 0 for run in found.runs)
        service = serve()
        assert service.page
    until(lambda: _all_done(project, 5 * STOPS), "the end of every run")
    assert service.stop() == 0
    assert cut >= STOPS, "the stops came amid the runs"
    times = Counter(effect.given["note"] for effect in opsgenie.applied if effect.action == "AddNote")
    runs = left(project).runs
    assert times == Counter(f"{run.id} s{step}" for run in runs for step in range(STEPS))
    assert slowest < 10, "steps under way took less than a second each"


def _all_done(project: Path, number: int) -> bool:
    runs = left(project).runs
    return len(runs) == number and all(run.status == "succeeded" for run in runs)


def test_a_second_signal_ends_it_at_once_and_nothing_is_written_twice(
    serve: Callable[..., Any], project: Path, opsgenie: Simulator, loaded: Callable[[int], None], until: Any
) -> None:
    service = serve()
    assert service.page
    until(lambda: any(entry.path == "/v2/alerts" for entry in opsgenie.ledger), "the first fetch")
    time.sleep(1)
    rounds = 2
    for _ in range(rounds):
        loaded(5)
        before = begun(service.said)
        until(lambda at=before, of=service: begun(of.said) > at, "a run")
        time.sleep(0.2)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.05)
        pressed = time.monotonic()
        assert service.stop() == 128 + signal.SIGTERM
        assert time.monotonic() - pressed < 2
        service = serve()
        assert service.page
    until(lambda: _all_ended(project, 5 * rounds), "the end of every run")
    assert service.stop() == 0
    times = Counter(effect.given["note"] for effect in opsgenie.applied if effect.action == "AddNote")
    assert max(times.values()) == 1
    found = left(project)
    for run in found.runs:
        said = {step.step_id: step.status for step in found.steps[run.id]}
        there = {name for name in said if times[f"{run.id} {name}"]}
        done = {name for name, status in said.items() if status == "succeeded"}
        assert done <= there, f"run {run.id} says more than was written"
        assert run.status == "succeeded" or (run.error or {}).get("type") == "outcome_unknown", run.error


def _all_ended(project: Path, number: int) -> bool:
    runs = left(project).runs
    return len(runs) == number and all(run.ended_at for run in runs)
