"""Tests for the people of a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

ASK = """
connections: {ops: opsgenie, chat: notify}
steps:
  - id: ask
    uses: core.approval
    with:
      ask: ana@example.com
      via: chat.send
      prompt: Close it?
      timeout: 30m
      on_timeout: reject
      inputs: {reason: {type: string}, hours: {type: integer, default: 1}}
  - id: close
    when: steps.ask.output.decision == 'approved'
    uses: ops.close_alert
    with: {identifier: a-1, note: "${{ steps.ask.output.by }}: ${{ steps.ask.output.inputs.reason }}"}
output: {decision: "${{ steps.ask.output.decision }}", at: "${{ now() }}"}
"""
TESTS = """
defaults:
  now: 2026-05-01T10:00:00Z
  answers: {chat.send: {output: {id: m}}, ops.close_alert: {output: {isSuccess: true}}}
tests:
"""


@pytest.mark.parametrize(
    ("verdict", "expect"),
    [
        (
            "{decision: approved, by: ana, inputs: {reason: noise}}",
            "{ran: [close], calls: {ops.close_alert: {with: {note: 'ana: noise'}}, chat.send: {times: 1}}}",
        ),
        ("{decision: rejected, inputs: {reason: x}}", "{not_ran: [close], output: {decision: rejected}}"),
        ("expired", "{not_ran: [close], output: {decision: expired, at: '2026-05-01T10:30:00Z'}}"),
    ],
)
def test_people_decide_as_the_test_says(verdict: str, expect: str, playbook: Callable[..., Any]) -> None:
    tests = f"{TESTS}- {{name: it, approvals: {{ask: {verdict}}}, expect: {expect}}}\n"
    (outcome,) = playbook(ASK, tests).values()
    assert outcome.passed, outcome.differences


def test_a_question_that_nobody_answers_fails_the_test(playbook: Callable[..., Any]) -> None:
    (outcome,) = playbook(ASK, f"{TESTS}- {{name: it, expect: {{status: succeeded}}}}\n").values()
    assert [one.what for one in outcome.differences] == [
        "step ask asks a person, and the test says nothing under `approvals`"
    ]


def test_a_question_of_a_sub_playbook_is_answered_by_the_id_of_its_step(bench: Any) -> None:
    bench.write("playbooks/outer.yml", "steps:\n- {id: sub, uses: ./own.yml}\n")
    bench.write("playbooks/own.yml", ASK)
    verdict = "{decision: rejected, inputs: {reason: x}}"
    tests = f"{TESTS}- {{name: it, approvals: {{sub/ask: {verdict}}}, expect: {{runs: 1}}}}\n"
    (outcome,) = bench.outcomes(f"playbook: ./outer.yml\n{tests}").values()
    assert outcome.passed, outcome.differences
