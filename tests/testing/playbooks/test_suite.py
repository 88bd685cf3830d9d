"""Tests for test files as values."""

from __future__ import annotations

from typing import Any

from playbooks_engine.testing.playbooks.suite import Expected, Suite, named


def test_a_file_with_an_error_is_unusable_and_one_with_a_warning_is_not(bench: Any) -> None:
    head = "playbook: ./watch.yml\ntests:\n- name: a\n  expect: {runs: 0}\n  answers: {ops.add_note: {output: "
    assert not bench.ready(f"{head}3}}}}\n").suite.usable
    doubtful = bench.ready(f"{head}{{result: accepted}}}}}}\n").suite
    assert doubtful.findings
    assert doubtful.usable


def test_an_answer_for_all_tests_is_looked_at_once(bench: Any) -> None:
    suite: Suite = bench.ready(
        "playbook: ./watch.yml\ndefaults: {answers: {ops.add_note: {output: {result: a}}}}\n"
        "tests:\n- {name: a, expect: {runs: 0}}\n- {name: b, expect: {runs: 0}}\n"
    ).suite
    assert [name for name, _, _ in suite.given()] == ["ops.add_note"]
    assert len(suite.findings) == 1


def test_who_expects_an_error_wants_a_failure() -> None:
    assert Expected(error={}).wants_failure
    assert Expected(status="failed").wants_failure
    assert not Expected(status="succeeded_with_errors").wants_failure
    assert not Expected().wants_failure


def test_an_alias_becomes_the_connection_it_is_bound_to() -> None:
    assert named("ops.add_note", {"ops": "eu"}) == "eu.add_note"
    assert named("ops.alerts", {}) == "ops.alerts"
