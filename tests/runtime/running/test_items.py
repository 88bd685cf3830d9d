"""The items of a loop: the same ones after a crash, and never with a secret masked in them."""

from __future__ import annotations

from typing import Any

import pytest
from written import HEAD

LOOP = (
    HEAD
    + """
inputs: {said: {type: string}}
steps:
  - {id: s, uses: core.set, with: {x: "%s"}}
  - id: a
    for_each: ${{ [steps.s.output.x, 'two'] }}
    uses: core.set
    with: {same: "${{ item == inputs.said }}"}
"""
)


async def crashed(bench: Any, text: str) -> Any:
    bench.write(text)

    def die(row: Any) -> None:
        if row.path == "a[0]" and row.status == "succeeded":
            raise KeyboardInterrupt

    async with bench.engine() as engine:
        run_id = bench.queue(engine, inputs={"said": f"key {bench.simulator.key}"})
        with pytest.raises(KeyboardInterrupt):
            await bench.take(engine, run_id, observer=die)
        engine.gathering.flush()
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set lease_until = null")
        return await bench.take(engine, run_id)


async def test_items_that_can_be_had_anew_are_the_real_ones_after_a_crash(bench: Any) -> None:
    text = LOOP.replace("steps.s.output.x", "inputs.said")
    done = await crashed(bench, text % "nothing")
    assert done.status == "succeeded", done.error
    assert done.step("a").inputs == {"items": ["key ***", "two"]}
    assert [row["same"] for row in done.step("a").output] == [True, False]


async def test_items_that_were_kept_only_masked_end_the_loop_after_a_crash(bench: Any) -> None:
    done = await crashed(bench, LOOP % "${{ inputs.said }}")
    assert done.status == "failed"
    assert "held a secret" in done.error["message"]
    assert "running" not in done.statuses().values()


async def test_a_loop_that_was_over_stays_over_though_its_items_were_kept_masked(bench: Any) -> None:
    text = LOOP % "${{ inputs.said }}" + "  - {id: end, uses: core.set, with: {x: 1}}\n"
    bench.write(text)

    def die(row: Any) -> None:
        if row.path == "end" and row.status == "succeeded":
            raise KeyboardInterrupt

    async with bench.engine() as engine:
        run_id = bench.queue(engine, inputs={"said": f"key {bench.simulator.key}"})
        with pytest.raises(KeyboardInterrupt):
            await bench.take(engine, run_id, observer=die)
        engine.gathering.flush()
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set lease_until = null")
        done = await bench.take(engine, run_id)
    assert done.status == "succeeded", done.error
