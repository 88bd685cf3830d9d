"""`playbooks runs list`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


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


WAITS = """
steps:
  - {id: ask, uses: core.approval, with: {ask: ben@example.com, prompt: Lock ana?, timeout: 1h}}
"""


def test_the_list_tells_whom_a_run_waits_for_and_until_when(
    cli: Callable[..., Any], playbook: Callable[..., Path]
) -> None:
    playbook("sub", WAITS)
    playbook("above", "steps: [{id: inside, uses: ./sub.yml}]\n")
    assert cli("run", "above").status == 4
    told = cli("runs").out.splitlines()
    for line in told[1:]:  # the run that asks, and the one above it
        assert "ben@example.com until 20" in line
        assert ": Lock ana?" in line
    document = cli("runs", "--json").json["runs"]
    assert [one["questions"][0]["run"] for one in document] == [2, 2]
    assert all(one["wake_at"] for one in document)
    shown = cli("runs", "show", "1")
    assert "inside" in shown.out
    assert "run 2 of sub, waiting" in shown.out
    assert "ask                             waiting" in shown.out
    inside = cli("runs", "show", "1", "--json").json["parts"]
    assert [(one["run"], one["path"], [step["id"] for step in one["steps"]]) for one in inside] == [
        (2, "inside", ["ask"])
    ]  # fmt: skip
