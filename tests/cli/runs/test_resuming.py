"""`playbooks runs resume`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator

TOOL = (sys.executable, "-m", "playbooks_engine")


def test_a_run_that_ended_is_not_taken_up_again(cli: Callable[..., Any], ran: None) -> None:
    ended = cli("runs", "resume", "1")
    assert ended.status == 2
    assert ended.err == "Run 1 has ended already: failed.\n  Run it anew: playbooks run nested\n"


@pytest.mark.parametrize("word", ["show", "resume"])
def test_an_unknown_run_is_told(cli: Callable[..., Any], project: Path, word: str) -> None:
    ended = cli("runs", word, "7")
    assert (ended.status, ended.err) == (2, "There is no run 7.\n  See: playbooks runs list\n")


def test_a_run_that_a_living_process_holds_is_left_to_it(
    cli: Callable[..., Any], playbook: Callable[..., Path], opsgenie: Simulator
) -> None:
    playbook("slow", "steps: [{id: a, uses: ops.get_schedules}]\n")
    opsgenie.misbehave("slow", seconds=5)
    child = subprocess.Popen([*TOOL, "run", "slow"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not cli("runs", "--status", "running", "--json").json["runs"]:
            assert time.monotonic() < end
        ended = cli("runs", "resume", "1")
        assert ended.status == 2
        assert f"Run 1 is being executed by process {child.pid} on " in ended.err
    finally:
        child.kill()
        child.wait()
    # Its process is gone: now it may be taken up at once.
    assert cli("runs", "resume", "1").status == 0


def test_a_sub_run_sends_to_the_run_it_is_part_of(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("part", "steps: [{id: a, uses: ops.get_schedules}]\n")
    playbook("whole", "steps: [{id: b, uses: ./part.yml}, {id: c, uses: ops.get_schedules}]\n")
    assert cli("run", "whole").status == 0
    ended = cli("runs", "resume", "2")
    assert ended.status == 2
    assert "Run 2 is part of run 1." in ended.err
    assert "part of" in cli("runs", "show", "2").out
    assert ", run 2" in cli("runs", "show", "1").out
