"""`playbooks runs rerun`."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator

STEPS = """
steps:
  - {id: open, uses: ops.create_alert, with: {message: one}}
  - {id: gate, when: run.id == 1, uses: core.fail, with: {message: no}}
  - {id: note, uses: ops.add_note, with: {identifier: "${{ steps.open.output.alertId }}", note: hello}}
output: ${{ steps.open.output.alertId }}
"""


@pytest.fixture
def failed(cli: Callable[..., Any], playbook: Callable[..., Path]) -> Path:
    path = playbook("chain", STEPS)
    assert cli("run", "chain").status == 1
    return path


def test_a_run_again_goes_on_where_it_failed_and_says_so(
    cli: Callable[..., Any], failed: Path, opsgenie: Simulator
) -> None:
    ended = cli("runs", "rerun", "1")
    assert ended.status == 0
    assert ended.err.startswith(
        "Run 1 of chain again, with the text it began with.\n  1 step reused: open\n  It runs anew from gate.\n"
    )
    assert [alert.message for alert in opsgenie.alerts] == ["one"]
    shown = cli("runs", "show", "2")
    assert "run 1 again (" in shown.out
    assert "open                              reused" in shown.out
    document = cli("runs", "show", "2", "--json").json
    assert (document["trigger"]["kind"], document["trigger"]["run"]) == ("rerun", 1)


def test_changes_are_not_made_again_unasked(cli: Callable[..., Any], failed: Path, opsgenie: Simulator) -> None:
    ended = cli("runs", "rerun", "1", "--from", "open")
    assert ended.status == 2
    assert "1 change of run 1 may be made again:\n    ops.create_alert at open of run 1: made " in ended.err
    assert "1 change that run 1 made or may have made would be made again: ops.create_alert at open.\n" in ended.err
    assert "--repeat-writes" in ended.err
    assert len(opsgenie.alerts) == 1
    assert cli("runs", "--json").json["total"] == 1
    assert cli("runs", "rerun", "1", "--from", "open", "--repeat-writes").status == 0
    assert len(opsgenie.alerts) == 2


def test_a_plan_says_what_is_reused_run_and_repeated_and_changes_nothing(
    cli: Callable[..., Any], failed: Path, opsgenie: Simulator
) -> None:
    planned = cli("runs", "rerun", "1", "--from", "open", "--plan", "--json")
    assert planned.status == 0
    again = planned.json["again"]
    assert (again["reused"], again["begins_at"]) == ([], ["open"])
    assert [one["command"] for one in again["repeats"]] == ["ops.create_alert"]
    assert [write["command"] for write in planned.json["writes"]] == ["ops.create_alert", "ops.add_note"]
    assert len(opsgenie.alerts) == 1
    told = cli("runs", "rerun", "1", "--plan")
    assert "chain would make 1 change:" in told.out
    assert cli("runs", "--json").json["total"] == 1


def test_an_edited_file_is_run_only_when_it_is_named(cli: Callable[..., Any], failed: Path) -> None:
    failed.write_text(failed.read_text().replace("note: hello", "note: bye"))
    plain = cli("runs", "rerun", "1", "--plan", "--json")
    assert plain.json["writes"][0]["body"]["note"] == "hello"
    assert "playbooks/chain.yml has been edited since. To run what it says now: --with playbooks/chain.yml" in (
        cli("runs", "rerun", "1", "--plan").err
    )
    edited = cli("runs", "rerun", "1", "--with", "chain", "--plan", "--json")
    assert edited.json["writes"][0]["body"]["note"] == "bye"
    failed.write_text(failed.read_text().replace("message: one", "message: two"))
    refused = cli("runs", "rerun", "1", "--with", "playbooks/chain.yml")
    assert (refused.status, refused.err) == (
        2, "open does not do what it did in run 1: its `with` differs; its result is not reused.\n"
        "  Begin with it: --from open\n",
    )  # fmt: skip


def test_killed_while_it_is_made_it_is_not_there_at_all_or_whole(
    process: Callable[..., Any], failed: Path, cli: Callable[..., Any], opsgenie: Simulator
) -> None:
    assert process("runs", "rerun", "1", PLAYBOOKS_FAULTS="rerun_begun:1:kill").status == -9
    assert cli("runs", "--json").json["total"] == 1
    assert process("runs", "rerun", "1", PLAYBOOKS_FAULTS="before_send:1:kill").status == -9
    document = cli("runs", "show", "2", "--json").json
    assert {step["id"]: step["status"] for step in document["steps"]} == {
        "open": "reused", "gate": "skipped", "note": "running",
    }  # fmt: skip
    assert cli("runs", "resume", "2").status == 0
    assert len(opsgenie.alerts) == 1


def test_a_run_that_is_not_there_is_told(cli: Callable[..., Any], project: Path) -> None:
    assert cli("runs", "rerun", "7").err == "There is no run 7.\n  See: playbooks runs list\n"


@pytest.mark.parametrize(("answer", "alerts"), [("y", 2), ("n", 1), ("", 1)])
def test_at_a_terminal_the_person_is_asked(failed: Path, opsgenie: Simulator, answer: str, alerts: int) -> None:
    ours, theirs = pty.openpty()
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "playbooks_engine", "runs", "rerun", "1", "--from", "open"],
            stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs,
        )  # fmt: skip
        told = b""
        while b"Make 1 change again?" not in told:
            assert select.select([ours], [], [], 30)[0], told
            told += os.read(ours, 1_000)
        os.write(ours, f"{answer}\n".encode())
        assert child.wait(30) == (0 if answer == "y" else 2)
    finally:
        os.close(theirs)
        os.close(ours)
    assert len(opsgenie.alerts) == alerts
