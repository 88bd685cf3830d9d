"""`playbooks run`: as the contract has it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator

TOOL = (sys.executable, "-m", "playbooks_engine")

CREATE = """
inputs:
  message: {type: string}
steps:
  - id: look
    uses: ops.get_schedules
  - id: made
    uses: ops.create_alert
    with: {message: "${{ inputs.message }}"}
output: {alert: "${{ steps.made.output.alertId }}"}
"""
NOTE = """
on: {event: {from: ops.alerts}}
steps:
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ event.id }}", note: "about ${{ event.message }}"}
"""
WITH_ERRORS = """
steps:
  - id: wrong
    uses: ops.get_on_call_user
    with: {schedule_name: nope}
    continue_on_error: true
"""
FAILING = WITH_ERRORS.replace("    continue_on_error: true\n", "")


def test_a_run_has_the_agreed_shape(
    cli: Callable[..., Any], playbook: Callable[..., Path], opsgenie: Simulator
) -> None:
    playbook("create", CREATE)
    ended = cli("run", "create", "--input", "message=hello", "--json")
    document = ended.json
    assert ended.status == 0
    assert {"run", "playbook", "status", "output", "steps", "writes"} <= set(document)
    assert (document["run"], document["playbook"], document["status"]) == (1, "create", "succeeded")
    assert document["output"] == {"alert": opsgenie.alerts[0].id}
    assert [step["id"] for step in document["steps"]] == ["look", "made"]
    for step in document["steps"]:
        assert set(step) == {
            "id", "path", "item", "status", "output", "error", "attempts", "started_at", "duration",
        }  # fmt: skip
        assert (step["status"], step["error"], step["attempts"]) == ("succeeded", None, 1)
        assert step["started_at"].endswith("Z")
    [write] = document["writes"]
    assert list(write) == ["step", "command", "method", "path", "body"]
    assert (write["step"], write["command"], write["method"], write["path"]) == (
        "made", "ops.create_alert", "POST", "/v2/alerts",
    )  # fmt: skip
    assert write["body"]["message"] == "hello"


def test_for_people_steps_go_to_stderr_and_the_output_to_stdout(
    cli: Callable[..., Any], playbook: Callable[..., Path], opsgenie: Simulator
) -> None:
    playbook("create", CREATE)
    ended = cli("run", "create", "--input", "message=hello")
    assert ended.out == f"alert  {opsgenie.alerts[0].id}\n"
    assert "✓ look" in ended.err
    assert "Run 1 succeeded in " in ended.err
    assert "1 change sent." in ended.err


def test_a_plan_changes_nothing_and_leaves_no_run(
    cli: Callable[..., Any], playbook: Callable[..., Path], opsgenie: Simulator
) -> None:
    playbook("create", CREATE)
    ended = cli("run", "create", "--input", "message=hello", "--plan", "--json")
    document = ended.json
    assert ended.status == 0
    assert (document["run"], document["status"]) == (None, "planned")
    assert [step["status"] for step in document["steps"]] == ["succeeded", "planned"]
    [write] = document["writes"]
    assert (write["step"], write["body"]["message"]) == ("made", "hello")
    shown = cli("run", "create", "--input", "message=hello", "--plan")
    assert "create would make 1 change:" in shown.out
    assert not opsgenie.applied
    assert cli("runs", "--json").json["total"] == 0


@pytest.mark.parametrize(
    ("steps", "status", "word"), [(WITH_ERRORS, 3, "succeeded_with_errors"), (FAILING, 1, "failed")]
)
def test_the_exit_status_tells_how_it_ended(
    cli: Callable[..., Any], playbook: Callable[..., Path], steps: str, status: int, word: str
) -> None:
    playbook("p", steps)
    ended = cli("run", "p", "--json")
    assert (ended.status, ended.json["status"]) == (status, word)
    assert ended.json["steps"][0]["error"]["type"] == "not_found"


def test_a_failure_is_told_with_where_to_look(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("p", FAILING)
    ended = cli("run", "p")
    assert "Get On-call User failed. Status Code: 404. Message: No schedule exists with name [nope]." in ended.err
    assert ended.err.endswith("Look at it: playbooks runs show 1\n")


def test_a_stored_event_is_named_by_its_key(
    cli: Callable[..., Any], playbook: Callable[..., Path], opsgenie: Simulator
) -> None:
    alert = opsgenie.has_alert(message="disk")
    cli("fetch", "ops")
    playbook("note", NOTE)
    planned = cli("run", "note", "--event", alert.id, "--plan", "--json").json
    assert planned["writes"][0]["body"]["note"] == "about disk"
    assert cli("run", "note", "--event", alert.id).status == 0
    assert cli("runs", "--json").json["runs"][0]["event"] == {"stream": "ops.alerts", "key": alert.id}


def test_an_event_in_the_vendors_json_is_mapped_like_any_other(
    cli: Callable[..., Any], playbook: Callable[..., Path], project: Path, opsgenie: Simulator
) -> None:
    alert = opsgenie.has_alert(message="disk")
    raw = cli("call", "ops.get-alert", "--identifier", alert.id, "--json").json["output"]
    (project / "event.json").write_text(json.dumps(raw))
    playbook("note", NOTE)
    document = cli("run", "note", "--event", "@event.json", "--json").json
    assert (document["status"], document["writes"][0]["body"]["note"]) == ("succeeded", "about disk")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("note",), "note begins with an event of ops.alerts."),
        (("note", "--event", "nope"), 'ops.alerts has no stored event "nope".'),
        (("note", "--event", "@none.json"), "none.json cannot be read"),
        (("note", "--event", "@bad.json"), "bad.json is not JSON"),
        (("note", "--event", "@list.json"), "no event of ops.alerts"),
        (("create", "--event", "x", "--input", "message=a"), "create takes no event"),
        (("create",), "create needs the input 'message'"),
        (("create", "--input", "massage=a"), "did you mean message?"),
        (("create", "--input", "message"), "is not of the form K=V"),
        (("craete",), "did you mean create?"),
        (("playbooks/none.yml",), "There is no file playbooks/none.yml."),
    ],
)
def test_wrong_usage_starts_no_run(
    cli: Callable[..., Any], playbook: Callable[..., Path], project: Path, words: tuple[str, ...], told: str
) -> None:
    playbook("note", NOTE)
    playbook("create", CREATE)
    (project / "bad.json").write_text("{")
    (project / "list.json").write_text("[1, 2]")
    ended = cli("run", *words)
    assert ended.status == 2, ended
    assert told in ended.err
    assert cli("runs", "--json").json["total"] == 0


def test_a_path_and_another_connection_may_be_given(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    (project / "elsewhere.yml").write_text(
        "connections: {pager: opsgenie}\nsteps: [{id: a, uses: pager.get_schedules}]\n"
    )
    assert cli("run", "elsewhere.yml").status == 2
    assert cli("run", "elsewhere.yml", "--connection", "pager=ops").status == 0


SLOW = """
steps:
  - id: each
    for_each: ${{ [1, 2, 3, 4] }}
    uses: ops.create_alert
    with: {message: "number ${{ item }}"}
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_is_given_back_with_nothing_half_done_and_goes_on_later(
    playbook: Callable[..., Path], opsgenie: Simulator, process: Callable[..., Any], number: signal.Signals
) -> None:
    playbook("slow", SLOW)
    opsgenie.misbehave("slow", times=20, method="POST", seconds=0.4)
    child = subprocess.Popen([*TOOL, "run", "slow"], stderr=subprocess.PIPE, text=True)
    _wait(lambda: opsgenie.alerts)
    child.send_signal(number)
    _, told = child.communicate(timeout=30)
    assert child.returncode == 130, told
    assert "Run 1 was given back with nothing half done." in told
    assert "Go on with it: playbooks runs resume 1" in told
    before = len(opsgenie.alerts)
    assert 1 <= before < 4
    opsgenie.behave()
    assert process("runs", "resume", "1").status == 0
    assert sorted(alert.message for alert in opsgenie.alerts) == [f"number {item}" for item in (1, 2, 3, 4)]


def test_a_killed_run_is_taken_up_and_nothing_is_done_twice(
    playbook: Callable[..., Path], opsgenie: Simulator, process: Callable[..., Any]
) -> None:
    playbook("slow", SLOW)
    killed = process("run", "slow", PLAYBOOKS_FAULTS="after_send:5:kill")
    assert killed.status == -signal.SIGKILL
    resumed = process("runs", "resume", "1", "--json")
    assert (resumed.status, resumed.json["status"]) == (0, "succeeded")
    assert len(opsgenie.alerts) == 4


def _wait(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, os.getcwd()
        time.sleep(0.02)
