"""Tests for reading expectations."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks_engine.testing.playbooks.reading import read_suite
from playbooks_engine.testing.playbooks.suite import Expected


def read(expect: str) -> tuple[Expected, list[str]]:
    text = f"playbook: ./a.yml\ntests:\n- name: a\n  expect: {expect}\n"
    suite = read_suite(Path("a.test.yml"), text.encode(), "a.test.yml")
    return suite.tests[0].expect, [f"{one.line}:{one.column} {one.code} {one.message}" for one in suite.findings]


def test_calls_may_be_a_map_or_a_list_in_order() -> None:
    expect, findings = read("{calls: {ops.a: {times: 2, with: {x: 1}}, ops.b: {with: [{x: 1}, {x: 2}]}}}")
    first, second = expect.calls
    assert (first.times, first.inputs, first.in_turn, expect.ordered) == (2, ({"x": 1},), False, False)
    assert (second.times, second.inputs, second.in_turn) == (None, ({"x": 1}, {"x": 2}), True)
    ordered, more = read("{calls: [ops.a, {ops.b: {with: {x: 1}}}]}")
    assert ([one.command for one in ordered.calls], ordered.ordered) == (["ops.a", "ops.b"], True)
    assert findings == more == []


def test_an_output_of_null_is_told_from_none() -> None:
    assert read("{output: null}")[0].output == (None,)
    assert read("{runs: 1}")[0].output == ()


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ("{status: ok}", "4:20 E215 status must be one of: succeeded, "),
        ("{ran: who}", "4:17 E203 ran must be a list of step ids"),
        ("{steps: {a: succeeded}}", "4:23 E203 what is expected of a is a map"),
        ("{steps: {a: {stat: x}}}", "4:24 E201 a step has no key 'stat'"),
        ("{steps: {a: {status: ran}}}", "4:32 E215 status must be one of"),
        ("{calls: ops.a}", "4:19 E203 calls must be a map of commands"),
        ("{calls: {ops.a: 1}}", "4:27 E203 what is expected of ops.a is a map, this is a number"),
        ("{calls: {ops.a: {time: 1}}}", "4:28 E201 a call has no key 'time'"),
        ("{calls: {ops.a: {times: -1}}}", "4:35 E217 times must be from 0"),
        ("{calls: {ops.a: {with: 3}}}", "4:34 E203 with must be a map of inputs"),
        ("{calls: [{a: {}, b: {}}]}", "4:20 E203 a call is the name of a command"),
        ("{error: {stop: a}}", "4:20 E201 error has no key 'stop'"),
        ("{error: {type: forbiden}}", "4:26 E215 type must be one of"),
        ("{runs: many}", "4:18 E203 runs must be a whole number"),
    ],
)
def test_a_wrong_expectation_is_told_with_its_place(expect: str, told: str) -> None:
    findings = read(expect)[1]
    assert any(one.startswith(told) for one in findings), findings
