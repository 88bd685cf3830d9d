"""`once`: a call that already succeeded for its key is not made again."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.store import journal

HEAD = "connections:\n  ops: opsgenie\n"
CREATE = (
    HEAD
    + """
inputs: {key: {type: string}}
steps:
  - id: a
    once: %s
    uses: ops.create_alert
    with: {message: "for ${{ inputs.key }}"}
output: ${{ steps.a.output.alertId }}
"""
)
PLAIN = CREATE % "${{ inputs.key }}"
WITHIN = CREATE % '{key: "${{ inputs.key }}", within: 1h}'


async def test_the_second_run_with_a_key_reuses_what_the_first_got(bench: Any) -> None:
    first = await bench.run(PLAIN, key="x")
    second = await bench.run(PLAIN, key="x")
    other = await bench.run(PLAIN, key="y")
    assert [r.step("a").status for r in (first, second, other)] == ["succeeded", "reused", "succeeded"]
    assert second.output == first.output
    assert second.step("a").raw == first.step("a").raw
    assert bench.applied == ["Create", "Create"]


async def test_a_key_belongs_to_its_step_of_its_playbook(bench: Any) -> None:
    bench.write(PLAIN, "p")
    bench.write(PLAIN, "q")
    bench.write(PLAIN.replace("id: a", "id: b").replace("steps.a", "steps.b"), "r")
    async with bench.engine() as engine:
        for name in "pqr":
            await bench.take(engine, bench.queue(engine, name, {"key": "x"}))
    assert bench.applied == ["Create"] * 3


async def test_a_key_is_free_again_after_its_time(bench: Any) -> None:
    await bench.run(WITHIN, key="x")
    bench.clock.pass_time(3_000)
    assert (await bench.run(WITHIN, key="x")).step("a").status == "reused"
    bench.clock.pass_time(700)
    assert (await bench.run(WITHIN, key="x")).step("a").status == "succeeded"
    assert bench.applied == ["Create", "Create"]


async def test_a_failure_lets_the_key_go(bench: Any) -> None:
    bench.simulator.fail_later("Create", "no")
    assert (await bench.run(PLAIN, key="x")).status == "failed"
    assert (await bench.run(PLAIN, key="x")).step("a").status == "succeeded"


@pytest.mark.usefixtures("no_patience")
async def test_an_unknown_outcome_keeps_the_key_and_says_which_run_to_look_at(bench: Any) -> None:
    alert = bench.simulator.has_alert(message="x")
    text = f"""{HEAD}
steps:
  - id: a
    once: same
    uses: ops.escalate_alert
    with: {{identifier: {alert.id}, escalation: ops_escalation}}
"""
    bench.simulator.misbehave("silent", method="POST")
    first = await bench.run(text)
    second = await bench.run(text)
    assert first.error["type"] == second.error["type"] == "outcome_unknown"
    assert f"Run {first.run.id}" in second.error["message"]
    assert bench.applied == ["EscalateToNext"]


async def test_a_run_waits_for_another_that_holds_the_key(bench: Any) -> None:
    bench.write(PLAIN)
    bench.simulator.process_after(20)
    async with bench.engine() as engine:
        runs = [bench.queue(engine, inputs={"key": "x"}) for _ in range(3)]
        done = await asyncio.gather(*(bench.take(engine, run) for run in runs))
    assert sorted(r.step("a").status for r in done) == ["reused", "reused", "succeeded"]
    assert len({r.output for r in done}) == 1
    assert bench.applied == ["Create"]


@pytest.mark.parametrize("parallel", [1, 3])
async def test_items_of_one_loop_share_a_key(bench: Any, parallel: int) -> None:
    done = await bench.run(
        HEAD
        + f"""
steps:
  - id: a
    for_each: ${{{{ ['x', 'x', 'y', 'x'] }}}}
    max_parallel: {parallel}
    once: ${{{{ item }}}}
    uses: ops.create_alert
    with: {{message: "${{{{ item }}}}"}}
"""
    )
    assert sorted(row.status for row in done.steps if row.item is not None) == [
        "reused", "reused", "succeeded", "succeeded",
    ]  # fmt: skip
    ids = [output["alertId"] for output in done.step("a").output]
    assert ids[0] == ids[1] == ids[3] != ids[2]


@pytest.mark.usefixtures("no_patience")
async def test_an_item_does_not_wait_for_ever_for_one_whose_outcome_is_unknown(bench: Any) -> None:
    alert = bench.simulator.has_alert(message="x")
    bench.simulator.misbehave("silent", method="POST")
    done = await asyncio.wait_for(
        bench.run(
            HEAD
            + f"""
steps:
  - id: a
    for_each: ${{{{ [1, 2] }}}}
    once: same
    uses: ops.escalate_alert
    with: {{identifier: {alert.id}, escalation: ops_escalation}}
"""
        ),
        20,
    )
    assert [row.error["type"] for row in done.steps if row.item is not None] == ["outcome_unknown"] * 2
    assert bench.applied == ["EscalateToNext"]


async def test_a_crash_between_the_success_and_the_key_leaves_the_key_done(bench: Any) -> None:
    bench.write(PLAIN)
    async with bench.engine() as engine:
        run = bench.queue(engine, inputs={"key": "x"})

        def die(row: Any) -> None:
            if row.path == "a" and row.status == "succeeded":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await bench.take(engine, run, observer=die)
        engine.gathering.flush()
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set lease_until = null")
        assert (await bench.take(engine, run)).status == "succeeded"
        second = await bench.take(engine, bench.queue(engine, inputs={"key": "x"}))
    assert second.step("a").status == "reused"
    assert bench.applied == ["Create"]


async def test_a_run_that_ended_without_its_step_leaves_the_key_free(bench: Any) -> None:
    bench.write(PLAIN)
    async with bench.engine() as engine:
        with engine.database.transaction() as cx:
            holder = journal.add_run(
                cx, journal.NewRun(playbook="p", digest=journal.keep_text(cx, PLAIN)), engine.clock.now()
            )
            journal.once_claim(
                cx, playbook="p", step="a", connection_name="ops", key="x", run_id=holder, path="a",
                now=engine.clock.now(),
            )  # fmt: skip
            journal.cancel_queued(cx, holder, {"message": "not needed"}, engine.clock.now())
        done = await bench.take(engine, bench.queue(engine, inputs={"key": "x"}))
    assert done.step("a").status == "succeeded"


@pytest.mark.parametrize("name", ["nothing", "none", "empty", "list", "yes"])
async def test_a_key_that_tells_nothing_apart_is_an_error(bench: Any, name: str) -> None:
    """A null for a key would make every alert without one the same alert."""
    key = f"${{{{ event.{name} }}}}"
    text = HEAD + f'steps: [{{id: a, once: "{key}", uses: ops.create_alert, with: {{message: x}}}}]\n'
    done = await bench.run(text, event={"none": None, "empty": "", "list": [1], "yes": True})
    assert (done.status, done.error["type"]) == ("failed", "invalid_input")
    assert bench.applied == []


async def test_a_number_is_a_key(bench: Any) -> None:
    text = HEAD + 'steps: [{id: a, once: "${{ event.n }}", uses: ops.create_alert, with: {message: x}}]\n'
    await bench.run(text, event={"n": 5})
    assert (await bench.run(text, event={"n": 5})).step("a").status == "reused"


async def test_a_plan_claims_no_key(bench: Any) -> None:
    planned = await bench.plan(PLAIN, key="x")
    assert len(planned.writes) == 1
    assert (await bench.run(PLAIN, key="x")).step("a").status == "succeeded"


@pytest.mark.parametrize(("text", "again"), [(PLAIN, 0), (WITHIN, 1)])
async def test_a_plan_reuses_what_a_run_would_reuse(bench: Any, text: str, again: int) -> None:
    first = await bench.run(text, key="x")
    planned = await bench.plan(text, key="x")
    assert (planned.writes, planned.ended.output) == ([], first.output)
    assert [row.status for row in planned.steps] == ["reused"]
    bench.clock.pass_time(timedelta(hours=2).total_seconds())
    assert len((await bench.plan(text, key="x")).writes) == again


async def test_a_plan_lists_a_key_that_stands_twice_once(bench: Any) -> None:
    loop = "{id: a, for_each: [k, k, j], once: '${{ item }}', uses: ops.create_alert, with: {message: '${{ item }}'}}"
    planned = await bench.plan(f"{HEAD}steps:\n  - {loop}\n")
    assert [write.path for write in planned.writes] == ["a[0]", "a[2]"]
    assert planned.assumed == ("a[1]: comes after another call with its `once` key, whose output is reused",)


async def test_a_plan_says_when_a_key_is_not_known(bench: Any) -> None:
    made = "{id: a, uses: ops.create_alert, with: {message: x}}"
    step = "{id: b, once: '${{ steps.a.output.alertId }}', uses: ops.create_alert, with: {message: y}}"
    planned = await bench.plan(f"{HEAD}steps:\n  - {made}\n  - {step}\n")
    assert len(planned.writes) == 2
    assert planned.assumed == ("b: whether it was done before for its `once` key cannot be known",)


async def test_a_key_that_tells_nothing_apart_is_an_error_in_a_plan_too(bench: Any) -> None:
    planned = await bench.plan(PLAIN, key="")
    assert (planned.ended.status, planned.writes) == ("failed", [])


@pytest.mark.parametrize("dies", [False, True])
async def test_a_change_that_was_made_keeps_its_key_although_its_step_failed(
    bench: Any, monkeypatch: pytest.MonkeyPatch, *, dies: bool
) -> None:
    """The result is too large to keep; the process may die before the key is settled."""
    monkeypatch.setattr("playbooks_engine.runtime.running.results.LARGEST", 10)
    if dies:
        monkeypatch.setattr("playbooks_engine.runtime.running.once.Claims.settle", lambda *args, **how: None)
    first = await bench.run(PLAIN, key="x")
    assert (first.status, first.error["type"]) == ("failed", "unexpected_answer")
    second = await bench.run(PLAIN.replace("output: ${{ steps.a.output.alertId }}", ""), key="x")
    assert second.step("a").status == "reused"
    assert bench.applied == ["Create"]


async def test_a_run_that_only_waits_for_a_key_is_given_back_at_once_when_the_process_stops(bench: Any) -> None:
    bench.write(PLAIN)
    async with bench.engine() as engine:
        holder, waiter = (bench.queue(engine, inputs={"key": "x"}) for _ in range(2))
        with engine.database.transaction() as cx:
            journal.claim(cx, holder, "other/host:1:1", engine.clock.now(), timedelta(hours=1))
            journal.once_claim(
                cx, playbook="p", step="a", connection_name="ops", key="x", run_id=holder, path="a",
                now=engine.clock.now(),
            )  # fmt: skip
        halt = Halt()
        task = asyncio.create_task(bench.take(engine, waiter, halt=halt))
        while not bench.clock.slept:  # noqa: ASYNC110 - nothing tells that it waits
            await asyncio.sleep(0)
        halt.give_back()
        assert (await task).status == "queued"


async def test_who_waits_long_for_a_key_is_laid_down_so_that_its_holder_finds_a_place(bench: Any) -> None:
    text = (
        HEAD
        + "inputs: {key: {type: string}}\n"
        + 'steps: [{id: a, once: "${{ inputs.key }}", uses: ops.create_alert, with: {message: x}}]\n'
    )
    bench.write(text)
    async with bench.engine() as engine:
        holder, waiter = (bench.queue(engine, inputs={"key": "x"}) for _ in range(2))
        with engine.database.transaction() as cx:
            journal.once_claim(
                cx, playbook="p", step="a", connection_name="ops", key="x", run_id=holder, path="a",
                now=engine.clock.now(),
            )  # fmt: skip
        began = engine.clock.monotonic()
        laid = await bench.take(engine, waiter)
        assert (laid.status, bench.writes) == ("waiting", [])
        assert 25 < engine.clock.monotonic() - began < 35
        assert (await bench.take(engine, holder)).status == "succeeded"
        done = await bench.take(engine, waiter)
    assert done.step("a").status == "reused"
    assert len(bench.writes) == 1
