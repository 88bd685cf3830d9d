"""Runs that are given back or die, and go on."""

import asyncio
from typing import Any

import pytest
from written import HEAD, log

from playbooks_engine.runtime.running.halting import Halt


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
    halt = Halt()
    async with bench.engine() as engine:
        run_id = bench.queue(engine)

        def stop(row: Any) -> None:
            if row.path == "a" and row.status == "succeeded":
                halt.give_back()

        first = await bench.take(engine, run_id, halt=halt, observer=stop)
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
    halt = Halt()
    async with bench.engine() as engine:
        run_id = bench.queue(engine)

        def stop(row: Any) -> None:
            if row.path == "a[1]" and row.status == "succeeded":
                halt.give_back()

        first = await bench.take(engine, run_id, halt=halt, observer=stop)
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
    halt = Halt()
    async with bench.engine() as engine:
        run_id = bench.queue(engine)

        def stop(row: Any) -> None:
            if row.path == "b" and row.status == "succeeded":
                halt.give_back()

        await bench.take(engine, run_id, halt=halt, observer=stop)
        bench.clock.pass_time(120)
        left = []

        async def leave(self: Any, request: Any) -> Any:
            left.append(request)
            raise AssertionError("something left after the time was over")

        monkeypatch.setattr("playbooks_engine.runtime.transport.Transport.exchange", leave)
        done = await bench.take(engine, run_id)
    assert left == []
    assert done.status == "timed_out"
    assert "c" not in done.paths
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
