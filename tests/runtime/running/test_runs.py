"""Whole runs: sub-playbooks as runs of their own, and texts that stay as they were."""

from typing import Any

import pytest
from written import log

from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.halting import Halt

HEAD = "connections:\n  ops: opsgenie\n"
PART = (
    HEAD
    + """
inputs:
  n: {type: integer}
  more: {type: list, default: []}
steps:
  - id: inner
    uses: ops.create_alert
    with: {message: "number ${{ inputs.n }}"}
output: {id: "${{ steps.inner.output.alertId }}", n: "${{ inputs.n + 1 }}"}
"""
)
WHOLE = """
steps:
  - id: sub
    uses: ./part.yml
    with: {n: 4}
output: ${{ steps.sub.output }}
"""


async def test_a_sub_playbook_has_a_run_of_its_own_and_gives_its_output(bench: Any) -> None:
    bench.write(PART, "part")
    done = await bench.run(WHOLE)
    parent, child = bench.runs()
    assert done.status == child.status == "succeeded"
    assert done.output == child.output
    assert done.output["n"] == 5
    assert (child.playbook, child.parent_run_id, child.parent_path) == ("part", parent.id, "sub")
    assert child.trigger == {"kind": "playbook", "name": "p", "run": parent.id}
    assert done.step("sub").child_run_id == child.id
    assert child.inputs == {"n": 4}
    assert child.owner is None


async def test_who_watches_a_run_is_told_the_steps_of_its_sub_playbooks(bench: Any) -> None:
    bench.write(PART, "part")
    bench.write(WHOLE)
    told: list[str] = []
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        await bench.take(engine, run_id, observer=lambda row: told.append(row.path))
    assert [path for path in dict.fromkeys(told) if path.startswith("sub/")] == ["sub/inner"]


async def test_a_failing_sub_playbook_fails_its_step_with_the_inner_error(bench: Any) -> None:
    bench.write("steps: [{id: deep, uses: core.fail, with: {message: broken inside}}]\n", "part")
    done = await bench.run("""
steps:
  - id: sub
    uses: ./part.yml
    on_error:
      - id: seen
        uses: core.set
        with: {s: "${{ error.step }}", t: "${{ error.type }}", c: "${{ error.command }}"}
""")
    assert (done.status, done.error["type"], done.error["step"]) == ("failed", "rejected", "sub")
    assert "broken inside" in done.error["message"]
    assert "run 2, step deep" in done.error["message"]
    assert done.step("seen").output == {"s": "sub", "t": "rejected", "c": "./part.yml"}
    assert [run.status for run in bench.runs()] == ["failed", "failed"]


async def test_what_a_sub_playbook_carried_on_is_in_the_status_of_both(bench: Any) -> None:
    """The step has succeeded; that part of the work failed is told by whoever is looked at."""
    bench.write("steps: [{id: a, continue_on_error: true, uses: core.fail, with: {message: no}}]\noutput: 5\n", "part")
    done = await bench.run("steps: [{id: sub, uses: ./part.yml}]\noutput: ${{ steps.sub.output }}\n")
    assert (done.status, done.output, done.step("sub").status) == ("succeeded_with_errors", 5, "succeeded")
    assert bench.runs()[1].status == "succeeded_with_errors"
    planned = await bench.plan("steps: [{id: sub, uses: ./part.yml}]\n")
    assert planned.ended.status == "succeeded_with_errors"


async def test_what_a_sub_playbook_carried_on_in_always_is_told_too(bench: Any) -> None:
    bench.write("steps: [{id: a, continue_on_error: true, uses: core.fail, with: {message: no}}]\n", "part")
    done = await bench.run(f"steps: [{log('b')}]\nalways: [{{id: sub, uses: ./part.yml}}]\n")
    assert done.status == "succeeded_with_errors"


async def test_wrong_inputs_of_a_sub_playbook_fail_the_step_and_begin_no_run(bench: Any) -> None:
    bench.write(PART, "part")
    done = await bench.run('steps: [{id: sub, uses: ./part.yml, with: {n: "${{ event.n }}"}}]\n', event={"n": "many"})
    assert (done.status, done.error["type"]) == ("failed", "invalid_input")
    assert len(bench.runs()) == 1


async def test_sub_playbooks_run_for_each_item(bench: Any) -> None:
    bench.write(PART, "part")
    done = await bench.run("""
steps:
  - id: sub
    for_each: ${{ [1, 2, 3] }}
    max_parallel: 3
    uses: ./part.yml
    with: {n: "${{ item }}"}
output: ${{ steps.sub.output | map(attribute='n') | list }}
""")
    assert done.output == [2, 3, 4]
    assert sorted(run.parent_path for run in bench.runs()[1:]) == ["sub[0]", "sub[1]", "sub[2]"]


async def test_a_sub_playbook_sees_the_event_of_its_parent(bench: Any) -> None:
    bench.write("output: ${{ event.message }}\nsteps: [{id: a, uses: core.log, with: {message: x}}]\n", "part")
    text = "steps: [{id: sub, uses: ./part.yml}]\noutput: ${{ steps.sub.output }}\n"
    assert (await bench.run(text, event={"message": "hello"})).output == "hello"
    planned = await bench.plan(text, event={"message": "hello"})
    assert planned.ended.output == "hello"


async def test_when_the_parents_time_is_over_the_sub_run_ends_too(bench: Any) -> None:
    bench.simulator.process_after(3_600)
    bench.write(PART + "always: [{id: clean, uses: core.log, with: {message: x}}]\n", "part")
    done = await bench.run(WHOLE.replace("with:", "timeout: 20s\n    with:"))
    child = bench.runs()[1]
    assert (done.status, done.error["type"], done.step("sub").status) == ("failed", "timeout", "timed_out")
    assert (child.status, child.owner) == ("cancelled", None)
    with bench.store() as database:
        inner = bench.look(database, child.id)
    assert inner.step("inner").error["type"] == "outcome_unknown"
    assert inner.step("clean").status == "succeeded"
    assert bench.intents(child.id)[0].outcome == "unknown"


async def test_a_sub_playbooks_own_time_limit_is_told_to_the_parent(bench: Any) -> None:
    bench.simulator.process_after(3_600)
    bench.write("timeout: 10s\n" + PART, "part")
    done = await bench.run(WHOLE)
    assert (done.status, done.error["type"]) == ("failed", "timeout")
    assert [run.status for run in bench.runs()] == ["failed", "timed_out"]


async def test_a_sub_run_that_is_given_back_goes_on_as_the_same_run(bench: Any) -> None:
    bench.write(PART.replace("output:", "  - {id: last, uses: core.log, with: {message: x}}\noutput:"), "part")
    bench.write(WHOLE)
    halt = Halt()
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        plain = engine.recorder.settled

        def stop(*args: Any) -> None:
            plain(*args)
            halt.give_back()

        engine.recorder.settled = stop
        assert (await bench.take(engine, run_id, halt=halt)).status == "queued"
        assert [run.status for run in bench.runs()] == ["queued", "queued"]
        done = await bench.take(engine, run_id)
    assert done.status == "succeeded"
    assert len(bench.runs()) == 2
    assert bench.applied == ["Create"]


async def test_a_run_keeps_the_text_it_began_with(bench: Any) -> None:
    bench.write(PART, "part")
    bench.write(WHOLE)
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        bench.write(PART.replace("number", "other"), "part")
        bench.write(WHOLE.replace("n: 4", "n: 9"))
        done = await bench.take(engine, run_id)
    assert done.output["n"] == 5
    assert [alert.message for alert in bench.simulator.alerts] == ["number 4"]


@pytest.mark.parametrize("status", ["succeeded", "failed"])
async def test_a_finished_run_is_not_taken_up_again(bench: Any, status: str) -> None:
    uses = "core.log" if status == "succeeded" else "core.fail"
    done = await bench.run(f"steps: [{{id: a, uses: {uses}, with: {{message: x}}}}]\n")
    assert done.status == status
    async with bench.engine() as engine:
        with pytest.raises(AssertionError, match="cannot be claimed"):
            await bench.take(engine, done.run.id)


async def test_a_sub_playbook_is_given_no_secret_because_its_inputs_are_kept(bench: Any) -> None:
    bench.write("inputs: {x: {type: string}}\nsteps: [{id: a, uses: core.log, with: {message: x}}]\n", "part")
    done = await bench.run(
        HEAD
        + """
inputs: {said: {type: string}}
steps: [{id: sub, uses: ./part.yml, with: {x: "${{ inputs.said }}"}}]
""",
        said=bench.simulator.key,
    )
    assert (done.status, done.error["type"]) == ("failed", "invalid_input")
    assert len(bench.runs()) == 1


async def test_a_run_waits_for_a_sub_run_that_another_process_still_holds(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(PART, "part")
    bench.write(WHOLE)
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        await _dies_within(bench, engine, run_id, monkeypatch)
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set owner = 'other/host:1:1'")
            cx.exec_driver_sql("update run set lease_until = null where parent_run_id is null")
        done = await bench.take(engine, run_id)
    assert done.status == "succeeded", done.error
    assert len(bench.runs()) == 2
    assert bench.clock.monotonic() >= LEASE.total_seconds()


async def test_a_sub_run_that_this_process_left_behind_is_gone_on_with(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(PART, "part")
    bench.write(WHOLE)
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        await _dies_within(bench, engine, run_id, monkeypatch)
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set lease_until = null where parent_run_id is null")
        done = await bench.take(engine, run_id)
    assert (done.status, len(bench.runs())) == ("succeeded", 2)


async def _dies_within(bench: Any, engine: Any, run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies when a change of the sub-run was made, and before that is recorded."""

    def die(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(engine.recorder, "settled", die)
        with pytest.raises(KeyboardInterrupt):
            await bench.take(engine, run_id)
    engine.gathering.flush()
