"""`playbooks runs`."""

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

NESTED = """
inputs:
  names: {type: list, default: [ops_primary, nope]}
steps:
  - id: each
    for_each: ${{ inputs.names }}
    steps:
      - id: who
        uses: ops.get_on_call_user
        with: {schedule_name: "${{ item }}"}
      - id: never
        when: steps.who.status == 'failed'
        uses: core.log
        with: {message: no, level: info}
"""


@pytest.fixture
def ran(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("nested", NESTED.replace("message: no", 'message: "no"'))
    assert cli("run", "nested").status == 1


def test_the_list_tells_how_each_ended(cli: Callable[..., Any], ran: None) -> None:
    ended = cli("runs")
    assert ended.out.splitlines()[1].split()[:3] == ["1", "nested", "failed"]
    assert "by hand (" in ended.out
    document = cli("runs", "list", "--json").json
    assert (document["total"], document["runs"][0]["status"]) == (1, "failed")


def test_the_list_can_be_narrowed(cli: Callable[..., Any], ran: None) -> None:
    assert cli("runs", "--status", "succeeded", "--json").json["runs"] == []
    assert cli("runs", "--playbook", "nested", "--json").json["total"] == 1
    assert cli("runs", "--playbook", "other").err == "No such run.\n"


def test_a_run_shows_its_steps_by_nesting_with_errors_and_conditions(cli: Callable[..., Any], ran: None) -> None:
    lines = cli("runs", "show", "1").out.splitlines()
    steps = [line for line in lines if line.lstrip()[:1] in "✓✗-"]
    assert [line.split()[1] for line in steps if line.strip()] == [
        "each", "each[0]", "who", "never", "each[1]", "who",
    ]  # fmt: skip
    assert [len(line) - len(line.lstrip()) for line in steps if line.strip()] == [0, 2, 4, 4, 2, 4]
    assert any("skipped    because steps.who.status is succeeded" in line for line in steps)
    assert any("No schedule exists with name [nope]" in line for line in lines)


def test_inputs_and_outputs_are_shown_when_asked_for(cli: Callable[..., Any], ran: None) -> None:
    assert 'inputs: {"schedule_name": "nope"}' not in cli("runs", "show", "1").out
    assert 'inputs: {"schedule_name": "nope"}' in cli("runs", "show", "1", "--verbose").out


def test_a_run_as_a_document_has_the_shape_of_run(cli: Callable[..., Any], ran: None) -> None:
    document = cli("runs", "show", "1", "--json").json
    assert {"run", "playbook", "status", "output", "steps", "writes", "trigger", "inputs"} <= set(document)
    assert [step["item"] for step in document["steps"] if step["id"] == "each"] == [None, 0, 1]


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
