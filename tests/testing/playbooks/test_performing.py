"""Tests for performing a test: the clock, events, the timeline and what waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.testing.playbooks.session import Session

HOLD = """
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and not event.acknowledged
    for: 10m
connections: {ops: opsgenie}
steps:
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ event.id }}", note: "${{ run.trigger }} at ${{ now() }}"}
"""

TIMELINE = """
defaults:
  now: 2026-05-01T10:00:00Z
  answers: {ops.add_note: {output: {isSuccess: true}}}
tests:
"""

WAITS = """
connections: {ops: opsgenie}
timeout: 3h
steps:
  - id: a
    uses: core.wait
    with: {for: 1h}
  - id: b
    timeout: 10m
    continue_on_error: true
    uses: core.wait
    with: {for: 1d}
output: ${{ now() }}
"""


def test_it_is_the_time_that_the_test_says_and_goes_on_only_while_everybody_waits(bench: Any) -> None:
    assert bench.told("expect: {output: {at: '2026-05-01T10:00:00Z'}}") == []
    failing = "answers: {ops.add_note: {sequence: [{error: {type: connection}}, {output: {isSuccess: true}}]}}\n"
    (told,) = bench.told(failing + "expect: {output: {at: '2026-05-01T10:00:00Z'}}")
    assert told.startswith("output.at: 2026-05-01T10:00:00Z, got 2026-05-01T10:00:2")  # up to 30 s, spread


def test_waits_and_time_limits_take_no_time(playbook: Callable[..., Any]) -> None:
    began = perf_counter()
    tests = (
        "tests:\n- name: it\n  now: 2026-05-01T10:00:00Z\n"
        "  expect: {output: '2026-05-01T11:10:00Z', status: succeeded_with_errors, steps: {b: {status: timed_out}}}\n"
    )
    (outcome,) = playbook(WAITS, tests).values()
    assert outcome.passed, outcome.differences
    assert perf_counter() - began < 30


@pytest.mark.parametrize(
    ("moments", "runs"),
    [
        ("[{at: 0m, event: {fixture: alert.yml}}, {at: 9m}]", 0),
        ("[{at: 0m, event: {fixture: alert.yml}}, {at: 10m}]", 1),
        ("[{at: 0m, event: {fixture: alert.yml}}, {at: 9m, change: {acknowledged: true}}, {at: 30m}]", 0),
        ("[{at: 0m, event: {fixture: alert.yml}}, {at: 9m, change: {message: still}}, {at: 10m}]", 1),
        ("[{at: 0m, event: {fixture: alert.yml}}, {at: 5h}]", 1),
        (
            "[{at: 0m, event: {fixture: alert.yml}}, {at: 15m, change: {status: closed}}, "
            "{at: 16m, change: {status: open}}, {at: 30m}]",
            2,
        ),
        (
            "[{at: 0m, event: {fixture: alert.yml}}, {at: 1m, event: {fixture: alert.yml, change: {id: b}}}, "
            "{at: 5m, change: {status: closed}, key: a-1}, {at: 30m}]",
            1,
        ),
    ],
)
def test_the_trigger_itself_is_under_test_with_its_hold_time_and_re_arming(
    moments: str, runs: int, playbook: Callable[..., Any]
) -> None:
    tests = f"{TIMELINE}- {{name: it, timeline: {moments}, expect: {{runs: {runs}}}}}\n"
    (outcome,) = playbook(HOLD, tests).values()
    assert outcome.passed, outcome.differences


def test_a_held_run_begins_when_the_hold_time_is_over(playbook: Callable[..., Any]) -> None:
    moments = "[{at: 0m, event: {fixture: alert.yml}}, {at: 1h}]"
    called = "calls: {ops.add_note: {with: {note: 'event at 2026-05-01T10:10:00Z'}}}"
    (outcome,) = playbook(HOLD, f"{TIMELINE}- {{name: it, timeline: {moments}, expect: {{{called}}}}}\n").values()
    assert outcome.passed, outcome.differences


@pytest.mark.parametrize(
    ("schedule", "moments", "runs"),
    [
        ("{cron: '0 8 * * 1-5', timezone: Europe/Berlin}", "[{at: 3d}]", 2),  # Thursday and Friday
        ("{cron: '0 8 * * 1-5', timezone: Europe/Berlin}", "[{at: 5d}]", 3),
        ("{every: 6h}", "[{at: 1d}]", 4),
        ("{every: 6h}", "[{at: 5h}]", 0),
    ],
)
def test_a_schedule_is_under_test_too(schedule: str, moments: str, runs: int, playbook: Callable[..., Any]) -> None:
    text = f"on: {{schedule: {schedule}}}\nsteps:\n  - {{id: a, uses: core.set, with: {{x: 1}}}}\n"
    tests = f"tests:\n- {{name: it, now: 2026-04-30T05:00:00Z, timeline: {moments}, expect: {{runs: {runs}}}}}\n"
    (outcome,) = playbook(text, tests).values()
    assert outcome.passed, outcome.differences


def test_a_condition_without_a_value_fails_the_test_and_not_only_the_log(playbook: Callable[..., Any]) -> None:
    text = HOLD.replace("not event.acknowledged", "event.count > 3")
    moments = "[{at: 0m, event: {fixture: alert.yml}}, {at: 1h}]"
    (outcome,) = playbook(text, f"{TIMELINE}- {{name: it, timeline: {moments}, expect: {{runs: 0}}}}\n").values()
    (told,) = [one.what for one in outcome.differences]
    assert "`where` could not be judged" in told


def test_stored_events_are_found(playbook: Callable[..., Any]) -> None:
    text = """
steps:
  - id: find
    uses: core.find_events
    with: {from: ops.alerts, match: {status: open}}
connections: {ops: opsgenie}
output: ${{ steps.find.output.count }}
"""
    events = (
        "[{fixture: alert.yml, stream: ops.alerts}, {fixture: alert.yml, change: {id: b}, stream: ops.alerts}, "
        "{fixture: alert.yml, change: {id: c, status: closed}, stream: ops.alerts}]"
    )
    (outcome,) = playbook(text, f"tests:\n- {{name: it, events: {events}, expect: {{output: 2}}}}\n").values()
    assert outcome.passed, outcome.differences


def test_a_repeat_asks_again_until_it_is_true_or_out_of_time(playbook: Callable[..., Any]) -> None:
    text = """
connections: {ops: opsgenie}
steps:
  - id: watch
    uses: ops.get_alert
    with: {identifier: a}
    repeat: {until: output.acknowledged, every: 5m}
    timeout: 15m
output: ${{ now() }}
"""
    answers = (
        "- output: {acknowledged: false}\n      - output: {acknowledged: false}\n      - output: {acknowledged: true}\n"
    )
    given = f"  answers:\n    ops.get_alert:\n      sequence:\n      {answers}"
    never = "  answers: {ops.get_alert: {output: {acknowledged: false}}}\n"
    tests = (
        f"defaults: {{now: 2026-05-01T10:00:00Z}}\ntests:\n- name: taken\n{given}"
        "  expect: {output: '2026-05-01T10:10:00Z'}\n"
        f"- name: left\n{never}  expect: {{status: failed, steps: {{watch: {{status: timed_out}}}}}}\n"
    )
    for outcome in playbook(text, tests).values():
        assert outcome.passed, outcome.differences


def test_a_run_that_waits_for_what_never_comes_is_told(playbook: Callable[..., Any]) -> None:
    text = """
steps:
  - id: a
    uses: core.wait
    with: {until: "9999-12-31T23:59:59Z"}
"""
    (outcome,) = playbook(text, "tests:\n- {name: it, expect: {status: succeeded}}\n").values()
    waits = "a run still waits for something that does not come in the time of a test"
    assert [one.what for one in outcome.differences] == [waits, "status"]
    assert outcome.happened.runs[0].run.status == "waiting"


def test_reads_go_out_where_the_test_allows_it_and_writes_never_do(
    playbook: Callable[..., Any], bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
connections: {ops: opsgenie}
steps:
  - id: read
    uses: ops.list_alerts
    with: {max_items: 1}
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ steps.read.output[0].id }}", note: n}
"""
    with Simulator() as simulator:
        monkeypatch.setenv("NO_SUCH_KEY", simulator.key)
        project = bench.folder / "project.yml"
        bench.write("project.yml", project.read_text().replace("http://127.0.0.1:9", simulator.url))
        head = "tests:\n- {name: it, expect: {calls: {ops.list_alerts: {times: 1}}}, allow_live_reads: true"
        (outcome,) = playbook(text, f"{head}, answers: {{ops.add_note: {{output: {{}}}}}}}}\n").values()
        assert outcome.passed, outcome.differences
        assert {entry.method for entry in simulator.ledger} == {"GET"}
        (refused,) = playbook(text, f"{head}}}\n").values()
        assert refused.differences[0].what == "ops.add_note (step note) is a write that the test gives no answer for"
        assert {entry.method for entry in simulator.ledger} == {"GET"}


def test_the_projects_own_store_is_left_alone(bench: Any) -> None:
    assert bench.told("expect: {runs: 1}") == []
    assert not (bench.folder / ".playbooks").exists()


def test_thirty_tests_take_less_than_three_seconds_of_the_processor(bench: Any) -> None:
    text = (
        "playbook: ./watch.yml\ndefaults:\n  event: {fixture: alert.yml}\n  answers:\n"
        "    ops.get_on_call_user: {output: {onCallParticipants: [{name: ana}]}}\n"
        "    ops.add_note: {output: {isSuccess: true}}\n    chat.send: {output: {id: m}}\ntests:\n"
    )
    text += "".join(f"- {{name: test {n}, expect: {{status: succeeded}}}}\n" for n in range(30))
    path: Path = bench.write("playbooks/many.test.yml", text)
    session = Session()
    costs = []
    for _ in range(2):
        began = process_time()
        assert all(outcome.passed for outcome in session.outcomes(session.read(path)))
        costs.append(process_time() - began)
    assert min(costs) < 3
