"""Tests for judging: every kind of expectation can be met, and can fail."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks_engine.testing.playbooks.judging import NOTHING, deviations

MET = {
    "status": "expect: {status: succeeded}",
    "output": "expect: {output: {person: ana@example.com}}",
    "ran": "expect: {ran: [who, note, tell]}",
    "not_ran": "expect: {not_ran: [quiet]}",
    "steps": "event: {change: {priority: P2}}\n"
    "expect: {steps: {note: {status: succeeded, output: {isSuccess: true}}, quiet: {}}}",
    "times": "expect: {calls: {ops.add_note: {times: 1}, chat.send: {times: 1}}}",
    "with": "expect: {calls: {ops.add_note: {with: {identifier: a-1}}}}",
    "called": "expect: {calls: {ops.add_note: {}}}",
    "with of a call in turn": "expect: {calls: {chat.send: {with: [{body: Checkout is down}]}}}",
    "order": "expect: {calls: [ops.get_on_call_user, {chat.send: {with: {body: Checkout is down}}}]}",
    "error": "answers: {ops.get_on_call_user: {error: {type: not_found, message: No such schedule}}}\n"
    "expect: {error: {step: who, type: not_found, message: No such}}",
    "runs": "expect: {runs: 1}",
}  # fmt: skip

FAILED = [
    ("expect: {status: failed}", ["status: failed, got succeeded"]),
    ("expect: {output: {person: bob}}", ["output.person: bob, got ana@example.com"]),
    ("expect: {output: {nobody: 1}}", ["output.nobody: 1, got nothing"]),
    ("expect: {ran: [quiet]}", ["step quiet: ran, got was not reached"]),
    ("expect: {not_ran: [note]}", ["step note: did not run, got succeeded"]),
    ("expect: {steps: {note: {status: skipped}}}", ["step note: status: skipped, got succeeded"]),
    ("expect: {steps: {note: {output: {isSuccess: false}}}}", ["step note: output.isSuccess: False, got True"]),
    ("expect: {steps: {quiet: {status: succeeded}}}", ["step quiet: succeeded, got was not reached"]),
    ("expect: {calls: {ops.add_note: {times: 2}}}", ["calls of ops.add_note: 2, got 1"]),
    ("expect: {calls: {ops.add_note: {with: {identifier: x}}}}", ["ops.add_note: with.identifier: x, got a-1"]),
    ("expect: {calls: {ops.add_note: {with: {source: x}}}}", ["ops.add_note: with.source: x, got nothing"]),
    ("expect: {calls: {chat.send: {with: [{body: a}]}}}", ["call 1 of chat.send: with.body: a, got Checkout is down"]),
    ("expect: {calls: {chat.send: {with: [{}, {}]}}}", ["calls of chat.send: 2, got 1"]),
    (
        "event: {change: {priority: P2}}\nexpect: {calls: {chat.send: {}}}",
        ["chat.send: called, got was never called"],
    ),
    (
        "expect: {calls: [chat.send, ops.add_note]}",
        ["calls in order: ops.add_note after chat.send: called, got no call"],
    ),
    (
        "expect: {error: {step: who}}",
        ["error: {'step': 'who'}, got nothing"],
    ),
    (
        "answers: {ops.get_on_call_user: {error: {type: not_found, message: No such schedule}}}\n"
        "expect: {error: {step: note, type: auth, message: Nobody}}",
        [
            "error.step: note, got who",
            "error.type: auth, got not_found",
            "error.message: contains 'Nobody', got No such schedule",
        ],
    ),
    ("expect: {runs: 2}", ["runs: 2, got 1"]),
    ("timeline: [{at: 5m}]\nexpect: {runs: 1}", ["runs: 1, got 0"]),
    ("timeline: [{at: 5m}]\nexpect: {ran: [note]}", ["no run was started", "step note: ran, got was not reached"]),
]  # fmt: skip


@pytest.mark.parametrize("kind", MET)
def test_an_expectation_that_is_met_passes(kind: str, bench: Any) -> None:
    assert bench.told(MET[kind]) == []


@pytest.mark.parametrize(("test", "told"), FAILED)
def test_an_expectation_that_is_not_met_fails_with_what_was_expected_and_what_came(
    test: str, told: list[str], bench: Any
) -> None:
    assert [line.removesuffix(": nothing, got nothing") for line in bench.told(test)] == told


def test_a_failure_that_nobody_expects_fails_the_test(bench: Any) -> None:
    broken = "answers: {ops.get_on_call_user: {error: {type: not_found, message: No such schedule}}}\n"
    (told,) = bench.told(f"{broken}expect: {{ran: [who]}}")
    assert told == "status"
    assert bench.told(f"{broken}expect: {{status: failed}}") == []


def test_an_answer_that_is_missing_fails_the_test_even_when_a_failure_is_expected(bench: Any) -> None:
    text = "playbook: ./watch.yml\ntests:\n  - {name: it, event: {fixture: alert.yml}, expect: {status: failed}}\n"
    (outcome,) = bench.outcomes(text).values()
    assert [one.what for one in outcome.differences] == [
        "ops.get_on_call_user (step who) is a read that the test gives no answer for"
    ]


def test_a_step_of_a_sub_playbook_stands_behind_the_step_that_uses_it(bench: Any) -> None:
    bench.write("playbooks/outer.yml", "steps:\n  - {id: sub, uses: ./inner.yml}\n")
    bench.write("playbooks/inner.yml", "steps:\n  - {id: a, uses: core.set, with: {x: 1}}\n")
    tests = "tests:\n  - {name: it, expect: {ran: [sub/a], steps: {sub/a: {output: {x: 2}}}}}\n"
    (outcome,) = bench.outcomes(f"playbook: ./outer.yml\n{tests}").values()
    assert [(one.what, one.expected, one.actual) for one in outcome.differences] == [("step a: output.x", 2, 1)]


@pytest.mark.parametrize(
    ("expected", "actual", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 2]}}, []),
        (1.0, 1, []),
        (None, None, []),
        ({"a": None}, {}, [("a", None, NOTHING)]),
        ([1], [1, 2], [("", [1], [1, 2])]),
        ([{"a": 1}], [{"a": 2}], [("[0].a", 1, 2)]),
        (True, 1, [("", True, 1)]),
        (0, False, [("", 0, False)]),
        ("1", 1, [("", "1", 1)]),
        ({"a": 1}, "text", [("", {"a": 1}, "text")]),
    ],
)
def test_a_part_is_in_the_whole_or_its_deviations_are_told(expected: Any, actual: Any, found: Any) -> None:
    assert list(deviations(expected, actual)) == found
