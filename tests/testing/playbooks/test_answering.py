"""Tests for given answers: everything before a request leaves is real, and nothing leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

ONE = """
connections: {ops: opsgenie}
steps:
  - id: close
    uses: ops.close_alert
    with: {identifier: "${{ inputs.alert }}"}
inputs:
  alert: {type: string, default: a-1}
"""


def one(outcomes: dict[str, Any]) -> Any:
    (outcome,) = outcomes.values()
    return outcome


def run(outcome: Any) -> Any:
    return outcome.happened.runs[0].run


def test_a_write_without_an_answer_fails_the_test_whatever_the_playbook_makes_of_it(
    playbook: Callable[..., Any],
) -> None:
    text = ONE.replace("with: {identifier", "continue_on_error: true\n    with: {identifier")
    outcome = one(playbook(text, "tests:\n- {name: it, expect: {status: succeeded_with_errors}}\n"))
    assert run(outcome).status == "succeeded_with_errors"
    assert [difference.what for difference in outcome.differences] == [
        "ops.close_alert (step close) is a write that the test gives no answer for"
    ]


def test_inputs_are_checked_by_the_command_before_its_answer_is_given(playbook: Callable[..., Any]) -> None:
    text = ONE.replace("with: {identifier", "with: {note: \"${{ 'x' * 3 if false else none }}\", identifier")
    text = ONE.replace('"${{ inputs.alert }}"', '"${{ [inputs.alert] }}"')
    tests = "tests:\n- {name: it, answers: {ops.close_alert: {output: {}}}, expect: {runs: 1}}\n"
    outcome = one(playbook(text, tests))
    assert run(outcome).error["type"] == "invalid_input"
    assert outcome.happened.calls == []


def test_the_permissions_of_the_connection_hold_in_a_test(playbook: Callable[..., Any], bench: Any) -> None:
    bench.write("project.yml", (bench.folder / "project.yml").read_text().replace("alerts: write", "alerts: read"))
    tests = "tests:\n- {name: it, answers: {ops.close_alert: {output: {}}}, expect: {error: {type: not_allowed}}}\n"
    outcome = one(playbook(ONE, tests))
    assert outcome.passed
    assert outcome.happened.calls == []


def test_an_error_is_given_as_the_service_would_have_failed(playbook: Callable[..., Any]) -> None:
    error = "{type: rejected, status_code: 422, message: Alert is closed, hint: Open it}"
    tests = (
        f"tests:\n- {{name: it, answers: {{ops.close_alert: {{error: {error}}}}}, expect: {{runs: 1, status: failed}}}}"
    )
    outcome = one(playbook(ONE, tests))
    assert outcome.passed
    told = run(outcome).error
    assert (told["type"], told["status_code"], told["message"]) == ("rejected", 422, "Alert is closed")


@pytest.mark.parametrize(("kind", "attempts"), [("connection", 2), ("outcome_unknown", 1), ("not_found", 1)])
def test_retry_tries_again_what_may_be_tried_again(kind: str, attempts: int, playbook: Callable[..., Any]) -> None:
    text = ONE.replace("uses: ops.close", "retry: {attempts: 2, delay: 1s}\n    uses: ops.close")
    answers = f"{{sequence: [{{error: {{type: {kind}, message: Oh}}}}, {{output: {{isSuccess: true}}}}]}}"
    tests = f"tests:\n- {{name: it, answers: {{ops.close_alert: {answers}}}, expect: {{runs: 1, status: failed}}}}\n"
    outcome = one(playbook(text, tests))
    assert len(outcome.happened.calls) == attempts
    assert run(outcome).status == ("succeeded" if attempts == 2 else "failed")


def test_a_sequence_that_is_used_up_fails_the_test(playbook: Callable[..., Any]) -> None:
    text = ONE.replace("uses: ops.close", "for_each: ${{ [1, 2] }}\n    uses: ops.close")
    answers = "{ops.close_alert: {sequence: [{output: {isSuccess: true}}]}}"
    outcome = one(playbook(text, f"tests:\n- {{name: it, answers: {answers}, expect: {{status: failed}}}}\n"))
    assert [difference.what for difference in outcome.differences] == [
        "ops.close_alert (step close) is called 2 times, and its sequence has 1 answers"
    ]


def test_the_answer_of_a_step_goes_before_that_of_its_command(playbook: Callable[..., Any]) -> None:
    given = "answers: {ops.close_alert: {output: {status: command}}}, steps: {close: {output: {status: step}}}"
    outcome = one(
        playbook(ONE, f"tests:\n- {{name: it, {given}, expect: {{steps: {{close: {{output: {{status: step}}}}}}}}}}\n")
    )
    assert outcome.passed


def test_the_raw_answer_is_what_the_test_says(playbook: Callable[..., Any]) -> None:
    text = ONE + "output: ${{ steps.close.raw.took }}\n"
    answer = "{ops.close_alert: {output: {isSuccess: true}, raw: {took: 0.5}}}"
    outcome = one(playbook(text, f"tests:\n- {{name: it, answers: {answer}, expect: {{output: 0.5}}}}\n"))
    assert outcome.passed


def test_a_key_of_the_project_is_never_asked_for(playbook: Callable[..., Any], bench: Any) -> None:
    project = (bench.folder / "project.yml").read_text()
    marker = bench.folder / "asked"
    bench.write("project.yml", project.replace("env:NO_SUCH_KEY", f"command:touch {marker}"))
    tests = "tests:\n- {name: it, answers: {ops.close_alert: {output: {isSuccess: true}}}, expect: {runs: 1}}\n"
    assert one(playbook(ONE, tests)).passed
    assert not marker.exists()


def test_answers_follow_an_alias_to_the_connection_it_is_bound_to(playbook: Callable[..., Any], bench: Any) -> None:
    bench.write(
        "project.yml",
        (bench.folder / "project.yml").read_text().replace("  eu:\n", "  eu:\n    allow: {alerts: write}\n"),
    )
    bench.bound = {"ops": "eu"}
    tests = (
        "tests:\n- {name: it, answers: {ops.close_alert: {output: {isSuccess: true}}}, "
        "expect: {calls: {ops.close_alert: {times: 1, with: {identifier: a-1}}}}}\n"
    )
    outcome = one(playbook(ONE, tests))
    assert outcome.passed
    assert outcome.happened.calls[0].command == "eu.close_alert"
