"""Tests for a failed test as people see it."""

from __future__ import annotations

from typing import Any

from playbooks_engine.testing.playbooks.telling import differences_json


def test_a_failure_shows_what_is_not_as_expected_and_what_every_step_did(bench: Any) -> None:
    told = bench.failure(
        "event: {change: {priority: P2}}\n"
        "answers: {ops.add_note: {error: {type: not_found, message: Alert does not exist}}}\n"
        "expect: {status: succeeded, calls: {chat.send: {times: 1}}}"
    )
    place = "playbooks/it.test.yml"
    lines = [line.replace(str(bench.folder) + "/", "") for line in told.splitlines()]
    assert lines == [
        f"  status ({place}:15)",
        "    - expected  succeeded",
        "    + got       failed (step note: not_found: Alert does not exist)",
        f"  calls of chat.send ({place}:15)",
        "    - expected  1",
        "    + got       0",
        "  What happened:",
        "    watch: failed  step note: not_found: Alert does not exist",
        '      who   succeeded  {"schedule_name": "payments"}',
        "      note  failed     not_found: Alert does not exist",
    ]


def test_a_skipped_step_shows_what_its_condition_saw(bench: Any) -> None:
    told = bench.failure("event: {change: {owner: ana}}\nexpect: {ran: [note]}")
    assert '      note  skipped    event.owner is "ana"' in told.splitlines()


def test_a_large_value_is_told_on_lines_of_its_own(bench: Any) -> None:
    told = bench.failure(f"expect: {{output: {{person: [{', '.join(map(str, range(100)))}]}}}}")
    assert "    - expected  [\n                  0,\n" in told


def test_nothing_that_ran_is_said(bench: Any) -> None:
    assert bench.failure("timeline: [{at: 1m}]\nexpect: {runs: 1}").endswith("What happened:\n    nothing ran")


def test_differences_have_a_stable_json_shape(bench: Any) -> None:
    outcome = bench.outcome("expect: {runs: 2, output: {nobody: 1}}")
    assert differences_json(outcome.differences) == [
        {"what": "runs", "expected": 2, "actual": 1, "line": 13},
        {"what": "output.nobody", "expected": 1, "actual": None, "line": 13},
    ]
