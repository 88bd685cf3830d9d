"""Branches that run together: all of them to their end, apart from each other, seen together afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from written import HEAD, SEEN, fail

BOTH = (
    HEAD
    + """
steps:
  - id: look
    parallel:
      left:
        - {id: a, uses: core.set, with: {value: 1}}
        - {id: b, uses: core.set, with: {value: "${{ steps.a.output.value + 1 }}"}}
      right:
        - {id: c, uses: core.set, with: {value: 10}}
output: ${{ steps.b.output.value + steps.c.output.value }}
"""
)


async def test_what_follows_sees_the_steps_of_all_branches(bench: Any) -> None:
    done = await bench.run(BOTH)
    assert (done.status, done.output) == ("succeeded", 12)
    assert sorted(done.paths) == ["look", "look/left/a", "look/left/b", "look/right/c"]


async def test_branches_run_at_the_same_time(bench: Any) -> None:
    text = HEAD + "steps:\n  - id: look\n    parallel:\n"
    for name in ("a", "b"):
        text += f"      in_{name}: [{{id: {name}, uses: core.wait, with: {{for: 4s}}}}]\n"
    done = await bench.run(text)
    assert done.status == "succeeded"
    assert done.step("look").ended_at - done.step("look").started_at == timedelta(seconds=4)


async def test_a_failed_branch_lets_the_others_end_and_then_fails_the_step(bench: Any) -> None:
    text = (
        HEAD
        + f"""
steps:
  - id: both
    parallel:
      bad: [{fail("bad")}]
      good: [{{id: make, uses: ops.create_alert, with: {{message: made}}}}]
    on_error: [{SEEN % "seen"}]
  - {{id: never, uses: core.set}}
"""
    )
    done = await bench.run(text)
    assert done.status == "failed"
    assert (done.step("both").status, done.step("both/good/make").status) == ("failed", "succeeded")
    assert done.step("seen").output["step"] == "bad"
    assert "never" not in done.paths


async def test_a_time_limit_ends_all_branches(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - id: both
    timeout: 1m
    parallel:
      one: [{id: a, uses: core.wait, with: {for: 1h}}]
      two: [{id: b, uses: core.set}]
"""
    )
    laid = await bench.run(text)
    assert laid.status == "waiting"
    bench.clock.pass_time(60)
    async with bench.engine() as engine:
        done = await bench.take(engine, 1)
    assert (done.status, done.error["type"]) == ("failed", "timeout")
    assert done.statuses() == {"both": "timed_out", "both/one/a": "cancelled", "both/two/b": "succeeded"}


async def test_a_step_with_branches_can_loop(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - id: each
    for_each: [1, 2]
    parallel:
      one: [{id: a, uses: core.set, with: {value: "${{ item }}"}}]
      two: [{id: b, uses: core.set}]
output: ${{ steps.each.results | length }}
"""
    )
    done = await bench.run(text)
    assert (done.status, done.output) == ("succeeded", 2)
    assert done.step("each[1]/one/a").output == {"value": 2}


async def test_finished_branches_are_not_run_again_after_a_crash(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - id: both
    parallel:
      one: [{id: make, uses: ops.create_alert, with: {message: made}}]
      two: [{id: wait, uses: core.wait, with: {for: 1h}}]
"""
    )
    await bench.run(text)
    bench.clock.pass_time(3_600)
    async with bench.engine() as engine:
        done = await bench.take(engine, 1)
    assert done.status == "succeeded"
    assert len(bench.writes) == 1


async def test_stop_ends_the_run_as_succeeded_and_always_still_runs(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - id: block
    steps:
      - {id: enough, when: 2 > 1, uses: core.stop, with: {message: enough}}
      - {id: never, uses: core.set}
    always: [{id: inner, uses: core.set}]
  - {id: neither, uses: core.set}
always: [{id: outer, uses: core.set}]
output: ${{ steps.neither.output }}
"""
    )
    done = await bench.run(text)
    assert (done.status, done.output) == ("succeeded", None)
    assert done.statuses() == {
        "block": "cancelled", "block/enough": "succeeded", "inner": "succeeded", "outer": "succeeded",
    }  # fmt: skip


async def test_stop_in_one_branch_ends_the_waits_of_the_others(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - id: both
    parallel:
      one: [{id: wait, uses: core.wait, with: {for: 1h}}]
      two: [{id: enough, uses: core.stop}]
"""
    )
    done = await bench.run(text)
    assert done.status == "succeeded"
    assert done.step("both/one/wait").status == "cancelled"


async def test_a_stopped_run_inside_another_one_stops_only_itself(bench: Any) -> None:
    bench.write("name: inner\nsteps: [{id: enough, uses: core.stop}]\noutput: 1\n", "inner")
    done = await bench.run("name: p\nsteps:\n  - {id: call, uses: ./inner.yml}\n  - {id: after, uses: core.set}\n")
    assert (done.status, done.step("after").status) == ("succeeded", "succeeded")
    assert done.step("call").output is None


async def test_vars_are_the_same_whenever_the_run_goes_on(bench: Any) -> None:
    text = (
        "name: p\ninputs: {base: {type: integer}}\n"
        "vars:\n  double: ${{ inputs.base * 2 }}\n  began: ${{ now() }}\n  both: ${{ vars.double }}-${{ run.id }}\n"
        "steps:\n  - {id: wait, uses: core.wait, with: {for: 1h}}\n"
        "output: ['${{ vars.both }}', '${{ vars.began }}']\n"
    )
    laid = await bench.run(text, base=4)
    bench.clock.pass_time(3_600)
    async with bench.engine() as engine:
        done = await bench.take(engine, 1)
    assert done.output == ["8-1", laid.run.started_at.isoformat().replace("+00:00", "Z")]


async def test_a_var_without_a_value_fails_the_run_and_is_named(bench: Any) -> None:
    done = await bench.run("name: p\nvars: {x: '${{ event.nothing }}'}\nsteps: [{id: a, uses: core.set}]\n", event={})
    assert done.status == "failed"
    assert done.error["message"].startswith("vars.x: ")


async def test_a_stop_beside_a_run_that_waits_ends_it(bench: Any) -> None:
    ask = "{id: ask, uses: core.approval, with: {prompt: Well?, timeout: 1d}}"
    bench.write(f"name: inner\nsteps: [{ask}]\nalways: [{{id: last, uses: core.set}}]\n", "inner")
    bench.simulator.misbehave("error", times=1, path="/v2/schedules", status=503)
    done = await bench.run(
        HEAD
        + """
steps:
  - id: both
    parallel:
      waits: [{id: call, uses: ./inner.yml}]
      works: [{id: read, uses: ops.get_schedules, retry: {attempts: 2, delay: 3s}}, {id: enough, uses: core.stop}]
"""
    )
    assert done.status == "succeeded"
    with bench.store() as database:
        inner = bench.look(database, 2)
    assert (inner.status, inner.statuses()) == ("cancelled", {"ask": "cancelled", "last": "succeeded"})
