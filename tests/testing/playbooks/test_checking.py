"""Tests for test files against their project: what is named is there, what is given fits."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = "playbook: ./watch.yml\ntests:\n- name: a\n  expect: {runs: 0}\n"
EXPECT = "playbook: ./watch.yml\ntests:\n- name: a\n  event: {fixture: alert.yml}\n  expect: "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{HEAD}  answers: {{ops.add_nte: {{output: {{}}}}}}", "5:13 E601 watch never calls ops.add_nte"),
        (f"{HEAD}  answers: {{ops.close_alert: {{output: {{}}}}}}", "5:13 E601 watch never calls ops.close_alert"),
        (f"{HEAD}  steps: {{nots: {{output: {{}}}}}}", "5:11 E601 watch has no step 'nots'"),
        (f"{HEAD}  steps: {{quiet: {{output: {{}}}}}}", "5:11 E601 step quiet calls no command of a connection"),
        (
            f"{HEAD}  answers: {{ops.add_note: {{output: {{isSuccess: 'yes'}}}}}}",
            "5:48 E602 add_note: isSuccess must be true or false, this is text",
        ),
        (
            f"{HEAD}  answers: {{ops.get_on_call_user: {{output: {{onCallParticipant: []}}}}}}",
            "5:45 E602 get_on_call_user: the answer has no 'onCallParticipant'",
        ),
        (
            f"{HEAD}  answers: {{ops.get_on_call_user: {{output: {{onCallParticipants: [{{id: 3}}]}}}}}}",
            "5:71 E602 get_on_call_user: id must be text, this is a whole number",
        ),
        (
            f"{HEAD}  answers: {{ops.add_note: {{output: {{result: accepted}}}}}}",
            "5:37 W601 add_note: the service is not known to answer with 'result'",
        ),
        (f"{HEAD}  steps: {{note: {{sequence: [{{output: 3}}]}}}}", "5:38 E602 add_note: the output must be a map"),
        (f"{EXPECT}{{ran: [wo]}}", "5:18 E601 watch has no step 'wo'"),
        (f"{EXPECT}{{not_ran: [wo]}}", "5:22 E601 watch has no step 'wo'"),
        (f"{EXPECT}{{steps: {{wo: {{}}}}}}", "5:20 E601 watch has no step 'wo'"),
        (f"{EXPECT}{{error: {{step: wo}}}}", "5:12 E601 watch has no step 'wo'"),
        (f"{EXPECT}{{calls: {{chat.sned: {{times: 0}}}}}}", "5:20 E601 watch never calls chat.sned"),
        (f"{EXPECT}{{calls: {{chat.send: {{with: {{text: a}}}}}}}}", "5:20 E601 chat.send has no input 'text'"),
        (f"{HEAD}  inputs: {{tema: a}}", "3:3 E602 watch has no input 'tema'"),
        (f"{HEAD}  approvals: {{note: approved}}", "5:15 E601 step note asks nobody"),
        (f"{HEAD}  approvals: {{nobody: approved}}", "5:15 E601 watch has no step 'nobody'"),
        (f"{HEAD}  event: {{fields: {{id: x, prio: P1}}}}", "5:27 E602 events of ops.alerts have no field 'prio'"),
        (f"{HEAD}  event: {{fields: {{status: open}}}}", "5:10 E602 this is no event of ops.alerts: it has no key"),
        (f"{HEAD}  events: [{{fields: {{id: x}}, stream: ops.incidents}}]", '5:12 E602 There is no stream "ops.incid'),
        (f"{HEAD}  timeline: [{{at: 1m, change: {{status: open}}}}]", "5:15 E601 there is no event to change yet"),
        (
            f"{HEAD}  timeline: [{{at: 1m, event: {{fixture: alert.yml}}}}, {{at: 2m, change: {{}}, key: b}}]",
            "5:54 E601 there is no event 'b' to change yet",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(text: str, told: str, bench: Any) -> None:
    found = bench.findings(text + "\n")
    assert any(one.startswith(told) for one in found), found


def test_a_field_that_no_event_has_is_told_in_the_fixture_that_names_it(bench: Any) -> None:
    bench.write("playbooks/fixtures/alert.yml", "id: a-1\nprioritiy: P1\n")
    (found,) = bench.ready(f"{HEAD}  event: {{fixture: alert.yml}}\n").suite.findings
    assert found.place.endswith("fixtures/alert.yml:2:1")
    assert found.suggestion == "did you mean priority?"


def test_an_answer_that_is_only_doubtful_is_a_warning_and_the_tests_are_run(bench: Any) -> None:
    ready = bench.ready(f"{HEAD}  answers: {{ops.add_note: {{output: {{result: accepted}}}}}}\n")
    assert [one.severity for one in ready.suite.findings] == ["warning"]
    assert ready.suite.usable


def test_a_playbook_without_an_event_has_no_timeline_and_needs_the_stream_of_an_event(bench: Any) -> None:
    bench.write("playbooks/own.yml", "steps:\n- {id: a, uses: core.set, with: {x: 1}}\n")
    head = "playbook: ./own.yml\ntests:\n- name: a\n  expect: {ran: [a]}\n"
    (timeline,) = bench.findings(f"{head}  timeline: [{{at: 1m}}]\n")
    assert timeline == "5:15 E601 own is started by no event, so nothing comes of this"
    (stream,) = bench.findings(f"{head}  events: [{{fields: {{id: x}}}}]\n")
    assert stream == "5:12 E602 own is started by no event, so the stream of this one is not known"
    assert bench.findings(f"{head}  events: [{{fields: {{id: x}}, stream: ops.alerts}}]\n") == []


def test_what_a_person_fills_in_is_checked_against_what_the_step_asks(bench: Any) -> None:
    bench.write(
        "playbooks/own.yml",
        "connections: {chat: notify}\nsteps:\n- id: ask\n  uses: core.approval\n  with:\n    ask: a@example.com\n"
        "    via: chat.send\n    prompt: Really?\n    timeout: 5m\n    on_timeout: reject\n"
        "    inputs: {reason: {type: string}, hours: {type: integer, default: 1}}\n",
    )
    head = (
        "playbook: ./own.yml\ntests:\n- name: a\n  expect: {runs: 1}\n  approvals: {ask: {decision: approved, inputs: "
    )
    assert bench.findings(f"{head}{{reason: ok}}}}}}\n") == []
    assert bench.findings(f"{head}{{hours: 2}}}}}}\n") == ["5:15 E602 step ask needs the input 'reason'"]
    assert bench.findings(f"{head}{{reason: ok, hours: long}}}}}}\n") == [
        "5:15 E602 the input 'hours': must be a whole number"
    ]
