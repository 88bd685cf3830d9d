"""The decisions of the language's design that only a run can show; the others stand in tests/language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from written import HEAD, fail, log

from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal


async def test_decision_11_a_handled_failure_never_turns_a_run_green(bench: Any) -> None:
    done = await bench.run(f"steps:\n  - {fail('a')}\non_error: [{log('told')}]\nalways: [{log('trail')}]\n")
    assert (done.status, done.paths) == ("failed", ["a", "told", "trail"])


async def test_decision_12_what_was_carried_on_is_in_the_status(bench: Any) -> None:
    broken = fail("a").replace("{id: a,", "{id: a, continue_on_error: true,")
    done = await bench.run(f"steps:\n  - {broken}\n  - {log('b')}\n")
    assert (done.status, done.step("b").status) == ("succeeded_with_errors", "succeeded")


async def test_decision_13_a_loop_does_all_its_items_and_then_fails(bench: Any) -> None:
    loop = '{id: a, for_each: [2, 0, 1], uses: core.set, with: {x: "${{ 4 // item }}"}}'
    done = await bench.run(f"steps:\n  - {loop}\n  - {log('b')}\n")
    assert [row.status for row in done.steps if row.item is not None] == ["succeeded", "failed", "succeeded"]
    assert done.status == "failed"
    assert "b" not in done.paths


async def test_decision_15_a_change_made_once_gives_its_stored_output(bench: Any) -> None:
    step = "{id: a, once: k, uses: ops.create_alert, with: {message: one}}"
    text = f"{HEAD}steps:\n  - {step}\noutput: ${{{{ steps.a.output }}}}\n"
    first, again = await bench.run(text), await bench.run(text)
    assert (first.step("a").status, again.step("a").status) == ("succeeded", "reused")
    assert again.output == first.output
    assert bench.applied == ["Create"]


async def test_decision_17_when_nobody_answers_it_is_no(bench: Any) -> None:
    text = HEAD + (
        "steps:\n  - {id: ask, uses: core.approval, with: {prompt: Lock?, timeout: 30m}}\n"
        "  - {id: lock, when: steps.ask.output.decision == 'approved', uses: ops.create_alert, with: {message: x}}\n"
        "output: ${{ steps.ask.output.decision }}\n"
    )
    asked = await bench.run(text)
    assert asked.status == "waiting"
    bench.clock.pass_time(timedelta(minutes=31).total_seconds())
    async with bench.engine() as engine:
        with engine.database.transaction() as cx:
            (due,) = journal.claim_next(cx, engine.owner, engine.clock.now(), LEASE, 10)
        await execute(engine, due)
        done = bench.look(engine.database, due.id)
    assert (done.status, done.output) == ("succeeded", "expired")
    assert done.step("lock").status == "skipped"
    assert bench.applied == []


@pytest.mark.usefixtures("no_patience")
async def test_decision_20_a_change_whose_answer_got_lost_is_unknown_and_not_made_again(bench: Any) -> None:
    alert = bench.simulator.has_alert(message="there")
    bench.simulator.misbehave("silent", times=10, method="POST")
    uses = f"uses: ops.escalate_alert, with: {{identifier: {alert.id}, escalation: ops_escalation}}"
    done = await bench.run(f"{HEAD}steps:\n  - {{id: a, {uses}, retry: {{attempts: 5, on: [timeout, connection]}}}}\n")
    assert (done.error["type"], done.step("a").attempts) == ("outcome_unknown", 1)
    assert bench.applied == ["EscalateToNext"]


async def test_decision_21_one_time_limit_covers_the_attempts_and_the_pauses_between_them(bench: Any) -> None:
    bench.simulator.misbehave("error", times=10_000, path="/v2/schedules", status=503)
    step = "{id: a, timeout: 1m, uses: ops.get_schedules, retry: {attempts: 10, delay: 25s, backoff: constant}}"
    done = await bench.run(f"{HEAD}steps:\n  - {step}\n")
    assert (done.error["type"], done.step("a").status) == ("timeout", "timed_out")
    assert done.step("a").ended_at - done.step("a").started_at == timedelta(minutes=1)
