"""`playbooks runs cancel`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.opsgenie.simulator.running import Simulator

TOOL = (sys.executable, "-m", "playbooks_engine")

SLOW = """
steps:
  - id: block
    steps:
      - {id: wait, uses: core.wait, with: {for: 10m}}
      - {id: never, uses: ops.create_alert, with: {message: no}}
    always: [{id: trail, uses: ops.create_alert, with: {message: trail}}]
"""


def started(cli: Callable[..., Any], *command: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen([*TOOL, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while not any(
        step["status"] == "waiting" for run in cli("runs", "--json").json["runs"]
        for step in cli("runs", "show", str(run["run"]), "--json").json["steps"]
    ):  # fmt: skip
        assert time.monotonic() < end
    return child


def test_the_process_that_executes_a_run_ends_it_and_always_still_runs(
    cli: Callable[..., Any], playbook: Callable[..., Path], opsgenie: Simulator
) -> None:
    playbook("slow", SLOW)
    child = started(cli, "run", "slow")
    try:
        ended = cli("runs", "cancel", "1")
        assert (ended.status, ended.out) == (0, "Run 1 of slow is cancelled.\n")
        assert child.wait(20) == 1
    finally:
        child.kill()
        child.wait()
    document = cli("runs", "show", "1", "--json").json
    assert (document["status"], document["error"]["message"]) == ("cancelled", "The run was cancelled.")
    assert {step["id"]: step["status"] for step in document["steps"]} == {
        "block": "cancelled", "wait": "cancelled", "trail": "succeeded",
    }  # fmt: skip
    assert [alert.message for alert in opsgenie.alerts] == ["trail"]


def test_a_run_that_nobody_holds_is_ended_on_the_spot(
    cli: Callable[..., Any], playbook: Callable[..., Path], opsgenie: Simulator
) -> None:
    playbook("ask", SLOW.replace("core.wait, with: {for: 10m}", "core.approval, with: {prompt: Well?, timeout: 1h}"))
    assert cli("run", "ask").status == 4
    ended = cli("runs", "cancel", "1", "--json")
    assert (ended.status, ended.json["status"]) == (0, "cancelled")
    assert [alert.message for alert in opsgenie.alerts] == ["trail"]
    again = cli("runs", "approve", "1", "wait")
    assert (again.status, again.err) == (
        2, "Run 1 has ended: cancelled.\n  Nothing waits for the decision any more.\n",
    )  # fmt: skip


def test_a_run_that_has_ended_is_not_cancelled(cli: Callable[..., Any], ran: None) -> None:
    ended = cli("runs", "cancel", "1")
    assert (ended.status, ended.err) == (2, "Run 1 has ended already: failed.\n  There is nothing to cancel.\n")


def test_an_unknown_run_is_told(cli: Callable[..., Any], project: Path) -> None:
    assert cli("runs", "cancel", "7").err == "There is no run 7.\n  See: playbooks runs list\n"
