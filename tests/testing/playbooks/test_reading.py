"""Tests for reading test files: every mistake at once, each with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.testing.playbooks.reading import read_suite

BEFORE = "playbook: ./watch.yml\n"
ONE = "expect: {runs: 0}"


def found(text: str) -> list[str]:
    suite = read_suite(Path("p/it.test.yml"), text.encode(), "it.test.yml")
    return [f"{one.line}:{one.column} {one.code} {one.message}; {one.suggestion}" for one in suite.findings]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1 E104 the file is empty; begin with playbook: and tests:"),
        ("[]", "1:1 E203 a test file is a map, this is a list; begin with playbook: and tests:"),
        ("tests: [{name: a, expect: {runs: 0}}]", "1:1 E202 a test file needs `playbook`; add playbook: ./it.yml"),
        (f"{BEFORE}test: []", "2:1 E201 a test file has no key 'test'; did you mean tests?"),
        (f"{BEFORE}tests: []", "2:8 E203 tests must be a list with at least one test, this is a list; "),
        (f"{BEFORE}tests: [a]", "2:9 E203 a test is a map, this is text; give it a name:"),
        (f"{BEFORE}tests: [{{{ONE}}}]", "2:9 E603 a test needs a name; say in `name` what is true when it passes"),
        (f"{BEFORE}tests: [{{name: a}}]", "2:10 E603 this test expects nothing; add `expect:`"),
        (f"{BEFORE}tests: [{{name: a, expect: {{ran: []}}}}]", "2:10 E603 this test expects nothing; add `expect:`"),
        (
            f"{BEFORE}tests:\n- {{name: a, {ONE}}}\n- {{name: a, {ONE}}}",
            "4:4 E603 there are two tests called 'a'; the first is on line 3; rename one",
        ),
        (f"{BEFORE}tests: [{{name: a, {ONE}, now: noon}}]", "2:43 E203 now must be a time; write it like"),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, anwsers: {{}}}}]",
            "2:38 E201 a test has no key 'anwsers'; did you mean a",
        ),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, answers: {{ops.x: 1}}}}]",
            "2:55 E203 the answer of ops.x is a map, this is a number; write `output:` or `error:` below it",
        ),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, answers: {{ops.x: {{}}}}}}]",
            "2:55 E202 an answer has an `output` or an `error`; add `output:` or `error:`",
        ),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, answers: {{ops.x: {{output: 1, error: {{type: auth}}}}}}}}]",
            "2:55 E202 an answer has an `output` or an `error`; keep one of them",
        ),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, answers: {{ops.x: {{error: {{type: authe}}}}}}}}]",
            "2:64 E215 there is no type of error 'authe'; did you mean auth?",
        ),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, answers: {{ops.x: {{sequence: []}}}}}}]",
            "2:66 E203 sequence must be a list of answers; write `- output: ...`",
        ),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, approvals: {{ask: aproved}}}}]",
            "2:50 E215 a decision must be one of: approved, rejected, expired; did you mean approved?",
        ),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, timeline: [{{at: 5m}}, {{at: 1m}}]}}]",
            "2:60 E203 this moment is before the one above it; put them in order",
        ),
        (f"{BEFORE}tests: [{{name: a, {ONE}, timeline: [{{}}]}}]", "2:49 E202 a moment needs `at`; add at: 0m"),
        (f"{BEFORE}tests: [{{name: a, {ONE}, timeline: [{{at: soon}}]}}]", "2:54 E212 at must be a duration; "),
        (f"{BEFORE}tests: [{{name: a, {ONE}, timeline: {{}}}}]", "2:48 E203 timeline must be a list of moments"),
        (
            f"{BEFORE}tests: [{{name: a, {ONE}, inputs: {{a: 1}}, timeline: [{{at: 0m}}]}}]",
            "2:38 E602 what a trigger starts has the inputs' defaults; remove it, or give `event` in place of",
        ),
        (f"{BEFORE}tests: [{{name: a, {ONE}, events: {{}}}}]", "2:46 E203 events must be a list of events"),
        (f"{BEFORE}tests: [{{name: a, {ONE}, allow_live_reads: yes}}]", "2:56 E203 allow_live_reads must be true or"),
        (f"{BEFORE}tests: [{{name: a, {ONE}}}\n", "2:8 E106"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_a_way_out(text: str, told: str) -> None:
    assert any(one.startswith(told) for one in found(text)), found(text)


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = f"{BEFORE}defaults: {{nwo: 1}}\ntests:\n- {{name: a, expect: {{stauts: x, runs: 0}}, event: {{}}}}\n"
    assert [one.split(";")[0] for one in found(text)] == [
        "2:12 E201 defaults has no key 'nwo'",
        "4:22 E201 expect has no key 'stauts'",
        "4:50 E202 an event needs `fixture`, `fields` or `raw`",
    ]


def test_what_a_test_says_goes_before_the_defaults_name_by_name(bench: Any) -> None:
    suite = bench.ready(
        "playbook: ./watch.yml\n"
        "defaults:\n  now: 2026-01-01T00:00:00Z\n  inputs: {team: a}\n  allow_live_reads: true\n"
        "  answers: {chat.send: {output: {id: a}}, ops.add_note: {output: {status: old}}}\n"
        "  expect: {status: failed, runs: 1}\n"
        "tests:\n  - name: own\n    now: 2027-01-01T00:00:00Z\n    inputs: {}\n    allow_live_reads: false\n"
        "    answers: {ops.add_note: {output: {status: new}}}\n    expect: {status: succeeded}\n"
        "  - name: none of its own\n"
    ).suite
    own, other = suite.tests
    assert (own.now.year, other.now.year) == (2027, 2026)
    assert (own.allow_live_reads, other.allow_live_reads) == (False, True)
    assert (own.expect.status, own.expect.runs, other.expect.status) == ("succeeded", 1, "failed")
    assert {name: given.answers[0].output for name, given in own.answers.items()} == {
        "chat.send": {"id": "a"},
        "ops.add_note": {"status": "new"},
    }
    assert own.inputs == {"team": "a"}
