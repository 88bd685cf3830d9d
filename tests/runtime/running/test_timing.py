"""Time limits of steps and playbooks."""

from datetime import timedelta
from typing import Any

import pytest
from written import HEAD, SEEN, log

# time limits: what waits here waits on time that passes at once

SLOW = """
    uses: ops.get_schedules
    retry: {attempts: 10, delay: 30s, backoff: constant}
"""


@pytest.fixture
def failing(bench: Any) -> Any:
    """A service whose reads of schedules fail for ever: a step with `retry` waits on it."""
    bench.simulator.misbehave("error", times=10_000, path="/v2/schedules", status=503)
    return bench


async def test_a_step_that_takes_too_long_times_out_and_fails_its_run(failing: Any) -> None:
    done = await failing.run(
        HEAD
        + f"""
steps:
  - id: a
    timeout: 1m
{SLOW}
    on_error: [{SEEN % "b"}]
    always: [{log("c")}]
always: [{log("d")}]
"""
    )
    assert (done.status, done.error["type"], done.error["step"]) == ("failed", "timeout", "a")
    assert done.statuses() == {"a": "timed_out", "b": "succeeded", "c": "succeeded", "d": "succeeded"}
    assert done.step("b").output == {"step": "a", "type": "timeout", "says": done.error["message"]}
    assert "1m" in done.error["message"]
    assert done.step("a").ended_at - done.step("a").started_at == timedelta(minutes=1)


async def test_only_the_playbooks_own_time_limit_makes_a_run_timed_out(failing: Any) -> None:
    done = await failing.run(
        HEAD
        + f"""
timeout: 2m
steps:
  - id: a
{SLOW}
  - {log("never")}
on_error: [{SEEN % "b"}]
always: [{{id: c, uses: core.set, with: {{s: "${{{{ run.status }}}}"}}}}]
"""
    )
    assert (done.status, done.error["type"]) == ("timed_out", "timeout")
    assert done.step("b").output["type"] == "timeout"
    assert done.step("c").output == {"s": "timed_out"}
    assert "never" not in done.paths


async def test_a_timed_out_step_may_be_carried_on(failing: Any) -> None:
    done = await failing.run(
        HEAD
        + f"""
steps:
  - id: a
    timeout: 1m
    continue_on_error: true
{SLOW}
  - {log("after")}
"""
    )
    assert (done.status, done.step("after").status) == ("succeeded_with_errors", "succeeded")


@pytest.mark.parametrize("limit", ["timeout: 1m", ""])
async def test_no_step_is_left_running_when_time_is_over(failing: Any, limit: str) -> None:
    done = await failing.run(
        HEAD
        + f"""
timeout: 2m
steps:
  - id: block
    {limit}
    steps:
      - id: each
        for_each: ${{{{ [1, 2] }}}}
        max_parallel: 2
        steps:
          - id: a
            uses: ops.get_schedules
            retry: {{attempts: 10, delay: 30s, backoff: constant}}
"""
    )
    assert done.status == ("failed" if limit else "timed_out")
    assert not [p for p, s in done.statuses().items() if s in {"running", "waiting"}]
    assert all(row.ended_at is not None for row in done.steps)


async def test_always_of_an_inner_step_runs_when_an_outer_limit_ends_it(failing: Any) -> None:
    done = await failing.run(
        HEAD
        + f"""
steps:
  - id: block
    timeout: 1m
    steps:
      - id: inner
        steps:
          - id: a
            uses: ops.get_schedules
            retry: {{attempts: 10, delay: 30s, backoff: constant}}
            always: [{log("unlock")}]
        always: [{log("clean")}]
"""
    )
    assert done.status == "failed"
    assert [p.rpartition("/")[2] for p in done.paths][-2:] == ["unlock", "clean"]


async def test_always_gets_a_minute_more_and_then_ends(failing: Any) -> None:
    done = await failing.run(
        HEAD
        + """
timeout: 1m
steps:
  - {id: a, uses: core.log, with: {message: hello}}
always:
  - id: b
    uses: ops.get_schedules
    retry: {attempts: 10, delay: 30s, backoff: constant}
"""
    )
    assert done.status == "failed"
    assert (done.error["step"], done.error["command"]) == ("b", "ops.get_schedules")
    assert done.error["message"] == "`always` took longer than 1m, which is all the time it has."
    assert failing.clock.monotonic() < 100


async def test_a_write_under_way_when_time_runs_out_is_unknown(bench: Any) -> None:
    bench.simulator.process_after(3_600)
    done = await bench.run(
        HEAD
        + f"""
steps:
  - id: a
    timeout: 20s
    uses: ops.create_alert
    with: {{message: hello}}
    always: [{log("b")}]
"""
    )
    assert (done.status, done.error["type"]) == ("failed", "outcome_unknown")
    assert done.step("a").status == "timed_out"
    assert done.step("a").error["hint"]
    assert done.step("b").status == "succeeded"
    [intent] = bench.intents()
    assert intent.outcome == "unknown"


async def test_a_write_under_way_when_the_playbooks_time_runs_out_is_unknown(bench: Any) -> None:
    bench.simulator.process_after(3_600)
    done = await bench.run(
        HEAD
        + f"timeout: 20s\nsteps: [{{id: a, uses: ops.create_alert, with: {{message: hello}}}}]\nalways: [{log('b')}]\n"
    )
    assert done.status == "timed_out"
    assert done.step("a").error["type"] == "outcome_unknown"
    assert done.step("b").status == "succeeded"
    assert bench.intents()[0].outcome == "unknown"


async def test_a_write_that_waited_for_its_turn_when_time_ran_out_never_left(bench: Any) -> None:
    bench.simulator.limit("Alert", per_minute=1)
    done = await bench.run(
        HEAD
        + """
steps:
  - {id: first, uses: ops.get_alert, continue_on_error: true, with: {identifier: x}}
  - id: a
    timeout: 20s
    uses: ops.escalate_alert
    with: {identifier: x, escalation: e}
"""
    )
    assert done.step("a").status == "timed_out"
    assert done.step("a").error["type"] == "timeout"
    assert bench.applied == []
