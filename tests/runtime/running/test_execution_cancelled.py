"""A cancelled run: nothing further begins, what is under way may end, and `always` still runs."""

from __future__ import annotations

from typing import Any

import pytest
from written import HEAD

from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.store import journal
from playbooks_engine.store.journal import StepRow

TEXT = (
    HEAD
    + """
steps:
  - id: block
    steps:
      - {id: first, uses: ops.create_alert, with: {message: first}}
      - {id: second, uses: ops.create_alert, with: {message: second}}
    on_error: [{id: never, uses: core.set}]
    always: [{id: inner, uses: ops.create_alert, with: {message: inner}}]
  - {id: third, uses: ops.create_alert, with: {message: third}}
on_error: [{id: neither, uses: core.set}]
always: [{id: outer, uses: core.set, with: {status: "${{ run.status }}", says: "${{ error.message }}"}}]
"""
)


def messages(bench: Any) -> list[str]:
    bench.simulator.advance(100)
    return sorted(alert.message for alert in bench.simulator.alerts)


async def test_what_is_under_way_ends_and_only_always_follows(bench: Any) -> None:
    bench.write(TEXT)
    halt = Halt()

    def cancel(row: StepRow) -> None:
        if row.path == "block/first" and row.status == "running":
            halt.call_off()

    async with bench.engine() as engine:
        done = await bench.take(engine, bench.queue(engine), halt=halt, observer=cancel)
    assert (done.status, done.error["message"]) == ("cancelled", "The run was cancelled.")
    assert done.statuses() == {
        "block": "cancelled", "block/first": "succeeded", "inner": "succeeded", "outer": "succeeded",
    }  # fmt: skip
    assert done.step("outer").output == {"status": "cancelled", "says": "The run was cancelled."}
    assert messages(bench) == ["first", "inner"]


async def test_a_run_asked_to_be_cancelled_while_nobody_had_it_is_ended_by_whoever_takes_it(bench: Any) -> None:
    bench.write(TEXT.replace("{id: second, uses: ops.create_alert, with: {message: second}}",
                             "{id: second, uses: core.wait, with: {for: 1h}}"))  # fmt: skip
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        assert (await bench.take(engine, run_id)).status == "waiting"
        with engine.database.transaction() as cx:
            journal.ask_cancel(cx, run_id, "ana", engine.clock.now())
        done = await bench.take(engine, run_id)
    assert done.status == "cancelled"
    assert done.step("block/second").status == "cancelled"
    assert messages(bench) == ["first", "inner"]


async def test_a_run_that_was_never_begun_sends_nothing(bench: Any) -> None:
    bench.write(TEXT)
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        with engine.database.transaction() as cx:
            journal.ask_cancel(cx, run_id, "ana", engine.clock.now())
        done = await bench.take(engine, run_id)
    assert done.statuses() == {"outer": "succeeded"}
    assert messages(bench) == []


async def test_a_run_inside_another_one_is_cancelled_with_it(bench: Any) -> None:
    bench.write(
        "name: inner\nsteps: [{id: w, uses: core.wait, with: {for: 1h}}]\nalways: [{id: last, uses: core.set}]\n",
        "inner",
    )
    bench.write("name: p\nsteps: [{id: call, uses: ./inner.yml}]\n")
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        assert (await bench.take(engine, run_id)).status == "waiting"
        with engine.database.transaction() as cx:
            journal.ask_cancel(cx, run_id, "ana", engine.clock.now())
        done = await bench.take(engine, run_id)
        inner = bench.look(engine.database, 2)
    assert (done.status, inner.status) == ("cancelled", "cancelled")
    assert inner.statuses() == {"w": "cancelled", "last": "succeeded"}


@pytest.mark.parametrize("at_once", [1, 3])
async def test_no_further_item_of_a_loop_begins(bench: Any, at_once: int) -> None:
    bench.write(
        HEAD
        + f"""
steps:
  - id: each
    for_each: [0, 1, 2, 3, 4, 5, 6, 7, 8]
    max_parallel: {at_once}
    uses: ops.create_alert
    with: {{message: "item ${{{{ item }}}}"}}
"""
    )
    halt = Halt()

    def cancel(row: StepRow) -> None:
        if row.item is not None:
            halt.call_off()

    async with bench.engine() as engine:
        done = await bench.take(engine, bench.queue(engine), halt=halt, observer=cancel)
    assert done.status == "cancelled"
    assert len(messages(bench)) <= at_once


async def test_a_pause_between_attempts_ends_at_once(bench: Any) -> None:
    bench.simulator.misbehave("error", times=100, method="GET", status=500)
    bench.write(HEAD + "steps: [{id: a, uses: ops.list_alerts, retry: {attempts: 9, delay: 1h, backoff: constant}}]\n")
    halt = Halt()

    def cancel(row: StepRow) -> None:
        if row.attempts == 3:
            halt.call_off()

    async with bench.engine() as engine:
        done = await bench.take(engine, bench.queue(engine), halt=halt, observer=cancel)
    assert done.statuses() == {"a": "cancelled"}
    assert done.step("a").attempts == 3
