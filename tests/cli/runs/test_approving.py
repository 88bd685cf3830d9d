"""`playbooks runs approve`, and what a person sees before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ASK = """
steps:
  - id: ask
    uses: core.approval
    with:
      ask: ben@example.com
      prompt: Lock ana?
      timeout: 1h
      inputs: {reason: {type: string}, hours: {type: integer, default: 4}}
  - {id: lock, when: steps.ask.output.decision == 'approved', uses: ops.create_alert, with: {message: locked}}
output: ${{ steps.ask.output }}
"""


@pytest.fixture
def asked(cli: Callable[..., Any], playbook: Callable[..., Path]) -> Any:
    playbook("ask", ASK)
    return cli("run", "ask")


def test_a_run_that_asks_ends_with_four_and_says_how_to_decide(cli: Callable[..., Any], asked: Any) -> None:
    assert asked.status == 4
    assert "Run 1 waits for a person." in asked.err
    assert "ask: ben@example.com is asked: Lock ana?" in asked.err
    assert "playbooks runs approve 1 ask --input reason=..." in asked.err
    assert "No service is running: after the decision, playbooks runs resume 1" in asked.err
    shown = cli("runs", "show", "1")
    assert "It waits for a person:" in shown.out
    assert cli("runs", "show", "1", "--json").json["questions"][0]["prompt"] == "Lock ana?"


def test_as_a_document_it_is_waiting(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("ask", ASK)
    ended = cli("run", "ask", "--json")
    assert (ended.status, ended.json["status"]) == (4, "waiting")
    assert {step["id"]: step["status"] for step in ended.json["steps"]} == {"ask": "waiting"}


def test_an_approved_run_goes_on(cli: Callable[..., Any], asked: Any) -> None:
    decided = cli("runs", "approve", "1", "ask", "--input", "reason=he left", "--json").json
    assert (decided["decision"], decided["inputs"]) == ("approved", {"reason": "he left", "hours": 4})
    done = cli("runs", "resume", "1", "--json")
    assert done.status == 0
    assert done.json["output"]["decision"] == "approved"
    assert len(done.json["writes"]) == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((), "the question at ask needs the input 'reason'\n  give it with --input reason=...\n"),
        (("--input", "reason=x", "--input", "hours=soon"), "the input 'hours': must be a whole number"),
        (("--input", "reson=x"), "the question at ask has no input 'reson'\n  did you mean reason?\n"),
    ],
)
def test_what_is_filled_in_must_fit(cli: Callable[..., Any], asked: Any, given: tuple[str, ...], says: str) -> None:
    ended = cli("runs", "approve", "1", "ask", *given)
    assert ended.status == 2
    assert ended.err.startswith(says)
    assert cli("runs", "show", "1", "--json").json["questions"]


def test_the_first_decision_counts(cli: Callable[..., Any], asked: Any) -> None:
    assert cli("runs", "approve", "1", "ask", "--input", "reason=x").status == 0
    ended = cli("runs", "reject", "1", "ask")
    assert ended.status == 2
    assert ended.err.startswith("ask of run 1 was approved by ")


@pytest.mark.parametrize(
    ("run", "step", "says"),
    [
        ("1", "aks", "Run 1 asks nothing at aks.\n  It asks at: ask\n"),
        ("7", "ask", "There is no run 7.\n  See: playbooks runs list --status waiting\n"),
    ],
)
def test_a_question_that_is_not_there_is_told(
    cli: Callable[..., Any], asked: Any, run: str, step: str, says: str
) -> None:
    ended = cli("runs", "approve", run, step)
    assert (ended.status, ended.err) == (2, says)
