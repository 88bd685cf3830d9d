"""A long night: the vendor misbehaves, the service is killed again and again, and nothing is lost, doubled or stuck.

`PLAYBOOKS_NIGHT=600 pytest -s tests/stories/test_a_long_night.py` is ten minutes of it, a blow each twenty seconds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from long_night import PLAYBOOKS, Night, left, told, wrong

from connectors.opsgenie.simulator.running import Simulator

LASTS = float(os.environ.get("PLAYBOOKS_NIGHT", "36"))
BLOW_EVERY = 20.0 if LASTS > 100 else 7.0
SEED = int(os.environ.get("PLAYBOOKS_NIGHT_SEED", "20261122"))
SETTLES = 120.0


@pytest.mark.timeout(LASTS + 300)
def test_nothing_is_lost_doubled_or_stuck(
    serve: Callable[..., Any], project: Path, opsgenie: Simulator, tool: Callable[..., Any], capsys: Any
) -> None:
    settings = (project / "project.yml").read_text().replace("allow: {alerts: write}", "allow: {alerts: full}")
    (project / "project.yml").write_text(settings.replace("every: 1s}\nweb", "every: 1s, look_back: 30s}\nweb"))
    for name, text in PLAYBOOKS.items():
        (project / "playbooks" / f"{name}.yml").write_text(text)
    for domain in ("Alert", "Search", "Configuration"):
        opsgenie.limit(domain, per_second=50, per_minute=3_000)
    night = Night(opsgenie, SEED)
    blows = random.Random(SEED + 1)  # noqa: S311 - the same night again, not a secret
    service = serve()
    assert service.page
    _wait(lambda: sum(entry.path == "/v2/alerts" for entry in opsgenie.ledger) > 2, service)
    ends, next_blow = time.monotonic() + LASTS, time.monotonic() + BLOW_EVERY
    while time.monotonic() < ends:
        night.happens()
        time.sleep(blows.uniform(0.1, 0.4))
        if blows.random() < 0.05:
            _decide(tool)
        if time.monotonic() >= next_blow:
            service = _struck(service, serve, blows)
            next_blow = time.monotonic() + BLOW_EVERY
    opsgenie.behave()
    _settled(project, opsgenie, service)
    assert service.stop() == 0
    found = left(project)
    with capsys.disabled():
        print(f"\n{told(found)}, {len(opsgenie.ledger)} requests", end=" ")
    said = (project / "serve.log").read_text()[-3_000:]
    assert list(wrong(opsgenie, found, datetime.now(UTC))) == [], f"PLAYBOOKS_NIGHT_SEED={SEED}\n{said}"
    _why(found, tool)


def _struck(service: Any, serve: Callable[..., Any], dice: random.Random) -> Any:
    """Kill it, stop it, or hold it up for a while; then there is a service again."""
    how = dice.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP))
    if how is signal.SIGSTOP:
        service.process.send_signal(signal.SIGSTOP)
        time.sleep(dice.uniform(0.5, 3.0))
        service.process.send_signal(signal.SIGCONT)
        return service
    service.stop(how)
    return serve()


def _decide(tool: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """A person decides something that is asked, if anything is."""
    waiting = json.loads(tool("runs", "--status", "waiting", "--playbook", "ask", "--json").stdout or "{}")
    for run in waiting.get("runs", [])[:1]:
        tool("runs", "approve", str(run["run"]), "ask")


def _settled(project: Path, vendor: Simulator, service: Any) -> None:
    """Wait until every run has ended and every alert is stored as it is; what is still wrong then is wrong."""
    end = time.monotonic() + SETTLES
    while time.monotonic() < end:
        assert service.process.poll() is None, service.said[-3000:]
        time.sleep(2)
        found = left(project)
        # The schedule never rests: of its runs only what has just fallen due may not have begun.
        just_now = datetime.now(UTC) - timedelta(seconds=5)
        open_ = [run for run in found.runs if run.status in {"queued", "running", "waiting"}]
        busy = [run for run in open_ if run.playbook != "tick" or run.created_at < just_now]
        if not busy and not [one for one in wrong(vendor, found, datetime.now(UTC)) if one.startswith("alert ")]:
            return


def _wait(true: Callable[[], bool], service: Any) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, service.said
        time.sleep(0.1)


def _why(found: Any, tool: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Why was I paged, and why was I not: each has an answer on this store."""
    paged = next(run for run in found.runs if run.playbook == "page_p1")
    quiet = next(
        key for key, row in found.stored.items()
        if row.fields["priority"] == "P3" and key not in {run.event_key for run in found.runs}
    )  # fmt: skip
    story = tool("why", paged.event_key)
    assert story.returncode == 0, story.stderr
    assert f"run {paged.id}" in story.stdout
    story = tool("why", quiet)
    assert story.returncode == 0, story.stderr
    assert "page_p1" in story.stdout
    assert "Traceback" not in story.stdout + story.stderr
