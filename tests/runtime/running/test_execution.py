"""The steps of one run in order: conditions, blocks, loops, time limits, and what follows a failure."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

HEAD = "connections:\n  ops: opsgenie\n"


def fail(name: str, message: str = "no") -> str:
    return f"{{id: {name}, uses: core.fail, with: {{message: {message}}}}}"


def log(name: str) -> str:
    return f"{{id: {name}, uses: core.log, with: {{message: hello}}}}"


# one after the other, and conditions


async def test_steps_run_in_order_and_see_the_outputs_before_them(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    uses: core.set
    with: {x: [1, {y: null}], t: text}
  - id: b
    uses: core.set
    with: {again: "${{ steps.a.output.x }}", status: "${{ steps.a.status }}"}
output: ${{ steps.b.output }}
""")
    assert (done.status, done.paths) == ("succeeded", ["a", "b"])
    assert done.output == {"again": [1, {"y": None}], "status": "succeeded"}
    assert done.run.started_at is not None
    assert done.run.ended_at is not None
    assert done.run.owner is None


async def test_inputs_take_their_defaults_and_types(bench: Any) -> None:
    text = """
inputs:
  n: {type: integer, default: 2}
  for: {type: duration, default: 10m}
steps:
  - id: a
    uses: core.set
    with: {n: "${{ inputs.n }}", for: "${{ inputs['for'] }}"}
output: ${{ steps.a.output }}
"""
    assert (await bench.run(text, n="5")).output == {"n": 5, "for": "10m"}
    assert (await bench.run()).output["n"] == 2


async def test_a_wrong_input_ends_the_run_before_its_first_step(bench: Any) -> None:
    done = await bench.run(f"inputs: {{n: {{type: integer}}}}\nsteps: [{log('a')}]\n", n="many")
    assert (done.status, done.steps) == ("failed", [])
    assert done.error["type"] == "invalid_input"
    assert "'n'" in done.error["message"]


async def test_when_decides_before_the_inputs_are_looked_at(bench: Any) -> None:
    done = await bench.run(
        """
inputs: {go: {type: boolean}}
steps:
  - id: a
    when: inputs.go
    uses: core.set
    with: {x: "${{ inputs.go.missing }}"}
""",
        go=False,
    )
    assert (done.status, done.statuses()) == ("succeeded", {"a": "skipped"})
    assert done.step("a").conditions == [["inputs.go", False]]


async def test_else_runs_instead_of_a_skipped_step_and_is_seen_after_it(bench: Any) -> None:
    text = """
inputs: {go: {type: boolean}}
steps:
  - id: a
    when: inputs.go
    uses: core.set
    with: {x: then}
    else:
      - id: b
        uses: core.set
        with: {x: else}
output: ${{ steps.a.output.x | default(steps.b.output.x) }}
"""
    yes = await bench.run(text, go=True)
    assert (yes.output, yes.statuses()) == ("then", {"a": "succeeded"})
    no = await bench.run(text, go=False)
    assert (no.output, no.statuses()) == ("else", {"a": "skipped", "b": "succeeded"})


async def test_a_failing_else_fails_the_run(bench: Any) -> None:
    done = await bench.run(f"""
steps:
  - id: a
    when: 1 == 2
    uses: core.set
    with: {{x: 1}}
    else: [{fail("b")}]
  - {log("c")}
""")
    assert (done.status, done.error["step"]) == ("failed", "b")
    assert "c" not in done.paths


async def test_the_output_of_a_skipped_step_is_an_error_unless_defaulted(bench: Any) -> None:
    text = """
steps:
  - id: a
    when: 1 == 2
    uses: core.set
    with: {x: 1}
  - id: b
    uses: core.set
    with: {x: "${{ steps.a.output.x %s }}"}
"""
    strict = await bench.run(text % "")
    assert (strict.status, strict.error["step"], strict.error["type"]) == ("failed", "b", "invalid_input")
    assert "output" in strict.error["message"]
    assert (await bench.run(text % "| default('none')")).step("b").output == {"x": "none"}


@pytest.mark.parametrize("condition", ["event.nothing", "'yes'", "1", "steps.a.output"])
async def test_a_condition_that_is_no_boolean_fails_its_step(bench: Any, condition: str) -> None:
    done = await bench.run(
        f"""
steps:
  - {{id: a, uses: core.set, with: {{x: 1}}}}
  - id: b
    when: ({condition})
    uses: core.log
    with: {{message: hello}}
    on_error: [{log("c")}]
""",
        event={"something": 1},
    )
    assert (done.status, done.error["step"], done.error["type"]) == ("failed", "b", "invalid_input")
    assert done.step("b").status == "failed"


async def test_what_alerts_say_is_never_evaluated(bench: Any) -> None:
    hostile = "${{ 7 * 191 }} {{ 7 * 191 }} {% raw %} __import__('os')"
    done = await bench.run(
        """
steps:
  - id: a
    uses: core.set
    with: {x: "${{ event.message }}", y: "says ${{ event.message }}", z: {k: "${{ event.tags }}"}}
  - id: b
    uses: core.set
    with: {x: "${{ steps.a.output.x }}"}
  - id: c
    for_each: ${{ event.tags }}
    uses: core.log
    with: {message: "${{ item }}"}
output: ${{ steps.b.output.x }}
""",
        event={"message": hostile, "tags": [hostile]},
    )
    assert done.status == "succeeded"
    assert done.output == hostile
    assert done.step("a").output == {"x": hostile, "y": f"says {hostile}", "z": {"k": [hostile]}}
    assert done.step("c[0]").output["message"] == hostile
    assert "1337" not in str([row.__dict__ for row in done.steps])


async def test_an_output_that_has_no_value_fails_the_run(bench: Any) -> None:
    done = await bench.run(f"steps: [{log('a')}]\noutput: ${{{{ steps.a.output.nothing }}}}\non_error: [{log('b')}]\n")
    assert (done.status, done.error["type"]) == ("failed", "invalid_input")
    assert done.output is None
    assert "b" in done.paths


async def test_the_root_run_tells_of_this_run(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    uses: core.set
    with:
      id: ${{ run.id }}
      p: ${{ run.playbook }}
      t: ${{ run.trigger }}
      s: ${{ run.status }}
      u: ${{ run.url }}
""")
    assert done.step("a").output == {"id": done.run.id, "p": "p", "t": "person", "s": "running", "u": ""}


# what follows a failure

SEEN = (
    '{id: %s, uses: core.set, with: {step: "${{ error.step }}", type: "${{ error.type }}", '
    'says: "${{ error.message }}"}}'
)


@pytest.mark.parametrize("go_on", [True, False])
async def test_on_error_then_always_then_the_block_fails(bench: Any, *, go_on: bool) -> None:
    done = await bench.run(f"""
steps:
  - id: block
    continue_on_error: {str(go_on).lower()}
    steps:
      - id: a
        uses: core.fail
        with: {{message: broken}}
        on_error: [{SEEN % "a_error"}]
        always: [{SEEN % "a_always"}]
      - {log("never")}
    on_error: [{SEEN % "block_error"}]
    always: [{SEEN % "block_always"}]
  - {log("after")}
on_error: [{SEEN % "run_error"}]
always: [{log("run_always")}]
""")
    inside = ["block", "block/a", "a_error", "a_always", "block_error", "block_always"]
    inner = [path.rpartition("/")[2] for path in done.paths]
    if go_on:
        assert inner == [p.rpartition("/")[2] for p in [*inside, "after", "run_always"]]
        assert done.status == "succeeded_with_errors"
        assert done.run.error is None
    else:
        assert inner == [p.rpartition("/")[2] for p in [*inside, "run_error", "run_always"]]
        assert done.status == "failed"
        assert done.error["step"] == "a"
    for row in done.steps:
        if row.step_id in {"a_error", "a_always", "block_error", "block_always", "run_error"}:
            assert row.output == {"step": "a", "type": "rejected", "says": "broken"}
    assert done.step("block").status == "failed"
    assert done.step("block/a").error["message"] == "broken"


async def test_error_is_null_in_always_after_success(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    uses: core.log
    with: {message: hello}
    always: [{id: b, uses: core.set, with: {e: "${{ error }}"}}]
always: [{id: c, uses: core.set, with: {e: "${{ error }}", s: "${{ run.status }}"}}]
""")
    assert done.step("b").output == {"e": None}
    assert done.step("c").output == {"e": None, "s": "succeeded"}


async def test_a_failure_in_on_error_does_not_hide_the_first(bench: Any) -> None:
    done = await bench.run(f"""
steps:
  - id: a
    uses: core.fail
    with: {{message: first}}
    on_error: [{fail("b", "second")}]
    always: [{fail("c", "third")}]
on_error: [{fail("d", "fourth")}]
always: [{fail("e", "fifth")}]
""")
    assert (done.status, done.error["step"], done.error["message"]) == ("failed", "a", "first")
    assert [row.status for row in done.steps] == ["failed"] * 5


@pytest.mark.parametrize("where", ["step", "playbook"])
async def test_a_failure_in_always_after_success_is_a_failure(bench: Any, where: str) -> None:
    always = f"always: [{fail('b', 'late')}]"
    done = await bench.run(f"""
steps:
  - id: a
    uses: core.log
    with: {{message: hello}}
    {always if where == "step" else ""}
{always if where == "playbook" else ""}
output: 5
""")
    assert (done.status, done.error["step"], done.error["message"]) == ("failed", "b", "late")
    assert done.output is None


async def test_a_failure_carried_on_in_always_makes_succeeded_with_errors(bench: Any) -> None:
    done = await bench.run(f"""
steps: [{log("a")}]
always: [{{id: b, uses: core.fail, continue_on_error: true, with: {{message: no}}}}]
""")
    assert done.status == "succeeded_with_errors"


async def test_a_handled_failure_is_still_a_failure(bench: Any) -> None:
    done = await bench.run(
        f"steps:\n  - id: a\n    uses: core.fail\n    with: {{message: no}}\n    on_error: [{log('b')}]\n"
    )
    assert done.status == "failed"


async def test_a_step_that_failed_and_was_carried_on_shows_its_error_and_no_output(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    uses: core.fail
    continue_on_error: true
    with: {message: broken}
  - id: b
    uses: core.set
    with:
      status: ${{ steps.a.status }}
      says: ${{ steps.a.error.message }}
      out: ${{ steps.a.output | default('none') }}
""")
    assert done.status == "succeeded_with_errors"
    assert done.step("b").output == {"status": "failed", "says": "broken", "out": "none"}


async def test_a_failed_run_still_has_its_steps_attempts_and_times(bench: Any) -> None:
    row = (await bench.run(f"steps: [{fail('a')}]\n")).step("a")
    assert (row.attempts, row.status) == (1, "failed")
    assert row.started_at is not None
    assert row.ended_at is not None


# loops


async def test_the_output_of_a_loop_is_aligned_with_its_items(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    for_each: ${{ [3, 0, 2] }}
    as: n
    continue_on_error: true
    uses: core.set
    with: {x: "${{ 6 // n }}", at: "${{ loop.index }}", last: "${{ loop.last }}"}
  - id: b
    uses: core.set
    with: {out: "${{ steps.a.output }}", states: "${{ steps.a.results | map(attribute='status') | list }}"}
""")
    assert done.status == "succeeded_with_errors"
    assert done.step("a").output == [{"x": 2, "at": 0, "last": False}, None, {"x": 3, "at": 2, "last": True}]
    assert done.step("b").output["states"] == ["succeeded", "failed", "succeeded"]
    assert done.step("a").error["message"].startswith("1 of 3 items failed; item 1: ")
    assert [row.item for row in done.steps if row.step_id == "a"] == [None, 0, 1, 2]


@pytest.mark.parametrize("parallel", [1, 3])
async def test_a_poisoned_item_does_not_starve_the_rest_and_does_not_vanish(bench: Any, parallel: int) -> None:
    done = await bench.run(f"""
steps:
  - id: each
    for_each: ${{{{ [0, 1, 2, 3, 4] }}}}
    max_parallel: {parallel}
    steps:
      - id: check
        when: item == 1
        uses: core.fail
        with: {{message: poisoned}}
      - {log("go")}
""")
    assert (done.status, done.error["step"]) == ("failed", "check")
    assert sorted(p for p in done.paths if p.endswith("/go")) == [f"each[{n}]/go" for n in (0, 2, 3, 4)]
    assert done.step("each").output is None
    assert done.step("each[1]").status == "failed"


async def test_fail_fast_stops_at_the_first_failure(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    for_each: ${{ [2, 0, 1] }}
    fail_fast: true
    continue_on_error: true
    uses: core.set
    with: {x: "${{ 2 // item }}"}
  - id: b
    uses: core.set
    with: {states: "${{ steps.a.results | map(attribute='status') | list }}"}
""")
    assert done.step("a").output == [{"x": 1}, None, None]
    assert done.step("b").output["states"] == ["succeeded", "failed", "skipped"]


async def test_no_more_items_than_max_parallel_are_under_way(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from playbooks_engine.runtime.calling import Calling

    most = now = 0
    plain = Calling.call

    async def counted(self: Calling, *args: Any, **how: Any) -> Any:
        nonlocal most, now
        now += 1
        most = max(most, now)
        try:
            return await plain(self, *args, **how)
        finally:
            now -= 1

    monkeypatch.setattr(Calling, "call", counted)
    done = await bench.run(
        HEAD
        + """
steps:
  - id: a
    for_each: ${{ [1, 2, 3, 4, 5, 6, 7] }}
    max_parallel: 3
    uses: ops.get_schedules
"""
    )
    assert done.status == "succeeded"
    assert most == 3


async def test_items_do_not_see_each_others_steps(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: each
    for_each: ${{ [1, 2] }}
    steps:
      - id: a
        when: item == 1
        uses: core.set
        with: {x: "${{ item }}"}
      - id: b
        uses: core.set
        with: {x: "${{ steps.a.output.x | default('unseen') }}"}
""")
    assert done.step("each[0]/b").output == {"x": 1}
    assert done.step("each[1]/b").output == {"x": "unseen"}


async def test_an_empty_list_is_a_loop_that_succeeded(bench: Any) -> None:
    done = await bench.run(
        "steps:\n  - id: a\n    for_each: ${{ [] }}\n    uses: core.log\n    with: {message: hello}\n"
    )
    assert (done.status, done.step("a").output) == ("succeeded", [])


@pytest.mark.parametrize("items", ["'text'", "run", "none", "5"])
async def test_a_loop_over_anything_but_a_list_fails(bench: Any, items: str) -> None:
    done = await bench.run(
        f"steps:\n  - id: a\n    for_each: ${{{{ {items} }}}}\n    uses: core.log\n    with: {{message: hello}}\n"
    )
    assert (done.status, done.error["type"], done.error["step"]) == ("failed", "invalid_input", "a")
    assert "list" in done.error["message"]


async def test_a_loop_takes_ten_thousand_items_and_no_more(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playbooks_engine.runtime.running.execution.MOST_ITEMS", 3)
    text = "steps:\n  - id: a\n    for_each: ${{ %s }}\n    uses: core.log\n    with: {message: hello}\n"
    assert (await bench.run(text % "[1, 2, 3]")).status == "succeeded"
    done = await bench.run(text % "[1, 2, 3, 4]")
    assert (done.status, done.paths) == ("failed", ["a"])
    assert "at most 3 items" in done.error["message"]


async def test_on_error_and_always_of_a_loop_run_once(bench: Any) -> None:
    done = await bench.run(f"""
steps:
  - id: a
    for_each: ${{{{ [1, 2] }}}}
    uses: core.fail
    with: {{message: no}}
    on_error: [{log("b")}]
    always: [{log("c")}]
""")
    assert [p for p in done.paths if p in "bc"] == ["b", "c"]


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
    assert "always" in done.error["message"]
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


# stopping and going on


async def test_a_run_that_is_given_back_goes_on_where_it_stood(bench: Any) -> None:
    bench.write(
        HEAD
        + """
steps:
  - {id: a, uses: ops.create_alert, with: {message: one}}
  - {id: b, uses: ops.create_alert, with: {message: two}}
output: ${{ [steps.a.output.alertId, steps.b.output.alertId] }}
"""
    )
    stopping = asyncio.Event()
    async with bench.engine() as engine:
        run_id = bench.queue(engine)

        def stop(row: Any) -> None:
            if row.path == "a" and row.status == "succeeded":
                stopping.set()

        first = await bench.take(engine, run_id, stopping=stopping, observer=stop)
        assert (first.status, first.run.owner, first.paths) == ("queued", None, ["a"])
        second = await bench.take(engine, run_id)
    assert second.status == "succeeded"
    assert len(second.output) == 2
    assert [a.message for a in bench.simulator.alerts] == ["one", "two"]


@pytest.mark.parametrize("parallel", [1, 2])
async def test_a_loop_is_given_back_between_items_and_what_is_under_way_ends_first(bench: Any, parallel: int) -> None:
    bench.write(
        HEAD
        + f"""
steps:
  - id: a
    for_each: ${{{{ [1, 2, 3, 4, 5, 6] }}}}
    max_parallel: {parallel}
    uses: ops.create_alert
    with: {{message: "m${{{{ item }}}}"}}
"""
    )
    stopping = asyncio.Event()
    async with bench.engine() as engine:
        run_id = bench.queue(engine)

        def stop(row: Any) -> None:
            if row.path == "a[1]" and row.status == "succeeded":
                stopping.set()

        first = await bench.take(engine, run_id, stopping=stopping, observer=stop)
        assert first.status == "queued"
        begun = [row for row in first.steps if row.item is not None]
        assert 2 <= len(begun) <= 2 + parallel
        assert {row.status for row in begun} == {"succeeded"}
        second = await bench.take(engine, run_id)
    assert second.status == "succeeded"
    assert sorted(a.message for a in bench.simulator.alerts) == [f"m{n}" for n in range(1, 7)]
    assert bench.applied == ["Create"] * 6


@pytest.mark.parametrize("shape", ["loop", "block"])
async def test_what_a_condition_decided_before_a_crash_stays_decided(bench: Any, shape: str) -> None:
    """The condition failed; the process dies before the run ends; on resuming the body must not run."""
    body = (
        "for_each: ${{ [1] }}\n    uses: core.log\n    with: {message: hello}"
        if shape == "loop"
        else f"steps: [{log('in')}]"
    )
    bench.write(f"""
steps:
  - id: a
    when: event.missing
    {body}
    on_error: [{log("b")}]
  - {log("c")}
""")
    async with bench.engine() as engine:
        run_id = bench.queue(engine, event={"x": 1})

        def die(row: Any) -> None:
            if row.path == "b" and not died:
                died.append(row)
                raise KeyboardInterrupt

        died: list[Any] = []
        with pytest.raises(KeyboardInterrupt):
            await bench.take(engine, run_id, observer=die)
        engine.gathering.flush()
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set lease_until = null")
        done = await bench.take(engine, run_id)
    assert (done.status, done.error["step"]) == ("failed", "a")
    assert done.paths == ["a", "b"]


async def test_a_run_that_is_taken_up_after_its_time_begins_nothing_new(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(
        HEAD
        + """
timeout: 1m
steps:
  - {id: a, uses: core.set, with: {x: 1}}
  - {id: b, uses: ops.create_alert, with: {message: one}}
  - {id: c, uses: ops.create_alert, with: {message: two}}
always: [{id: d, uses: core.set, with: {seen: "${{ steps.b.output.alertId }}"}}]
"""
    )
    stopping = asyncio.Event()
    async with bench.engine() as engine:
        run_id = bench.queue(engine)

        def stop(row: Any) -> None:
            if row.path == "b" and row.status == "succeeded":
                stopping.set()

        await bench.take(engine, run_id, stopping=stopping, observer=stop)
        bench.clock.pass_time(120)
        left = []

        async def leave(self: Any, request: Any) -> Any:
            left.append(request)
            raise AssertionError("something left after the time was over")

        monkeypatch.setattr("playbooks_engine.runtime.transport.Transport.exchange", leave)
        done = await bench.take(engine, run_id)
    assert left == []
    assert done.status == "timed_out"
    assert done.step("c").status in {"timed_out", "cancelled"}
    assert done.step("c").error["type"] == "timeout"
    assert done.step("d").output["seen"] == done.step("b").output["alertId"]


async def test_a_write_that_a_crash_left_open_is_unknown_when_the_time_is_over(bench: Any) -> None:
    bench.simulator.process_after(3_600)
    bench.write(HEAD + "timeout: 1m\nsteps: [{id: a, uses: ops.create_alert, with: {message: one}}]\n")
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        task = asyncio.create_task(bench.take(engine, run_id))
        while not bench.simulator.ledger:  # noqa: ASYNC110 - the service is in another thread
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set lease_until = null")
        bench.clock.pass_time(120)
        done = await bench.take(engine, run_id)
    assert done.status == "timed_out"
    assert done.step("a").error["type"] == "outcome_unknown"
    assert bench.intents()[0].outcome == "unknown"
    assert len(bench.writes) == 1
