"""Runs that wait for a time or a person: laid down meanwhile, gone on with when it has come, by whoever is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from written import HEAD

from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Approval

WAIT = (
    HEAD
    + """
steps:
  - {id: before, uses: ops.create_alert, with: {message: one}}
  - {id: wait, uses: core.wait, with: {for: 10m}}
  - {id: after, uses: ops.create_alert, with: {message: two}}
output: ${{ steps.wait.output.until }}
"""
)
ASK = (
    HEAD
    + """
steps:
  - id: ask
    uses: core.approval
    with: {prompt: Lock ana?, timeout: 30m}
  - {id: lock, when: steps.ask.output.decision == 'approved', uses: ops.create_alert, with: {message: locked}}
output: ${{ steps.ask.output.decision }}
"""
)


async def go_on(bench: Any, run_id: int = 1) -> Any:
    """What a service does: take the run when its time has come, in a process of its own."""
    async with bench.engine() as engine:
        with engine.database.transaction() as cx:
            due = [run.id for run in journal.claim_next(cx, engine.owner, engine.clock.now(), LEASE, 10)]
            taken = journal.run_by_id(cx, run_id)
        if run_id in due:
            await execute(engine, taken)
        return bench.look(engine.database, run_id)


def questions(bench: Any) -> list[Approval]:
    with bench.store() as database, database.reading() as cx:
        return journal.approvals(cx)


def decide(bench: Any, decision: str, by: str = "ben", given: Any = None) -> bool:
    with bench.store() as database, database.transaction() as cx:
        [question] = journal.approvals(cx, open_at=bench.clock.now())
        decided = journal.decide_approval(cx, question.run_id, question.path, decision, by, given, bench.clock.now())
        journal.wake(cx, question.run_id, bench.clock.now())
        return decided


async def test_a_run_that_waits_is_laid_down_and_goes_on_when_its_time_has_come(bench: Any) -> None:
    begun = bench.clock.now()
    laid = await bench.run(WAIT)
    assert (laid.status, laid.run.owner) == ("waiting", None)
    assert laid.step("wait").status == "waiting"
    wake = laid.step("wait").started_at + timedelta(minutes=10)
    assert laid.run.wake_at == wake
    bench.clock.pass_time(599 - (bench.clock.now() - begun).total_seconds())
    assert (await go_on(bench)).status == "waiting"
    bench.clock.pass_time(10)
    done = await go_on(bench)
    assert done.status == "succeeded"
    assert done.output == wake.isoformat().replace("+00:00", "Z")
    assert len(bench.writes) == 2  # the first was not made again


async def test_a_time_that_is_over_is_not_waited_for(bench: Any) -> None:
    done = await bench.run(HEAD + "steps: [{id: w, uses: core.wait, with: {until: 2020-01-01T00:00:00Z}}]\n")
    assert done.status == "succeeded"


async def test_a_timeout_around_it_ends_the_wait(bench: Any) -> None:
    laid = await bench.run(
        HEAD + "timeout: 5m\nsteps: [{id: w, uses: core.wait, with: {for: 10m}}, {id: x, uses: core.set}]\n"
    )
    assert laid.run.wake_at == laid.run.started_at + timedelta(minutes=5)
    bench.clock.pass_time(300)
    done = await go_on(bench)
    assert done.status == "timed_out"
    assert done.statuses() == {"w": "cancelled"}


async def test_an_approved_question_lets_the_run_go_on(bench: Any) -> None:
    laid = await bench.run(ASK)
    assert laid.status == "waiting"
    [question] = questions(bench)
    assert (question.path, question.prompt, question.decision) == ("ask", "Lock ana?", None)
    assert question.due_at - question.asked_at == timedelta(minutes=30)
    assert decide(bench, "approved", given={"reason": "he agrees"})
    done = await go_on(bench)
    assert (done.status, done.output) == ("succeeded", "approved")
    output = done.step("ask").output
    assert (output["by"], output["inputs"]) == ("ben", {"reason": "he agrees"})
    assert len(bench.writes) == 1


async def test_a_rejected_question_is_no_failure(bench: Any) -> None:
    await bench.run(ASK)
    decide(bench, "rejected")
    done = await go_on(bench)
    assert (done.status, done.output, done.step("lock").status) == ("succeeded", "rejected", "skipped")
    assert bench.writes == []


async def test_nothing_is_ever_approved_by_itself(bench: Any) -> None:
    await bench.run(ASK)
    bench.clock.pass_time(1_800)
    done = await go_on(bench)
    assert (done.output, done.step("lock").status) == ("expired", "skipped")
    [question] = questions(bench)
    assert (question.decision, question.decided_by) == ("expired", None)


async def test_undecided_it_fails_where_the_playbook_says_so(bench: Any) -> None:
    await bench.run(ASK.replace("timeout: 30m", "timeout: 30m, on_timeout: fail"))
    bench.clock.pass_time(1_800)
    done = await go_on(bench)
    assert (done.status, done.error["type"]) == ("failed", "timeout")
    assert done.error["message"] == "Nobody decided within 30m."


async def test_a_decision_that_comes_too_late_is_none(bench: Any) -> None:
    await bench.run(ASK)
    bench.clock.pass_time(1_800)
    with pytest.raises(ValueError, match="not enough values"):
        decide(bench, "approved")


async def test_a_skipped_question_is_not_asked(bench: Any) -> None:
    done = await bench.run(ASK.replace("id: ask\n", "id: ask\n    when: 1 > 2\n"))
    assert done.status == "failed"  # what reads its decision has none
    assert questions(bench) == []


async def test_each_item_of_a_loop_is_asked_and_decided_by_itself(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - id: each
    for_each: [ana, ben]
    max_parallel: 2
    steps:
      - {id: ask, uses: core.approval, with: {prompt: "Lock ${{ item }}?", timeout: 1h}}
output: ${{ steps.each.results | map(attribute='status') | list }}
"""
    )
    await bench.run(text)
    assert [one.path for one in questions(bench)] == ["each[0]/ask", "each[1]/ask"]
    assert [one.prompt for one in questions(bench)] == ["Lock ana?", "Lock ben?"]
    with bench.store() as database, database.transaction() as cx:
        journal.decide_approval(cx, 1, "each[1]/ask", "approved", "ben", None, bench.clock.now())
        journal.wake(cx, 1, bench.clock.now())
    assert (await go_on(bench)).statuses()["each[1]/ask"] == "succeeded"
    decide(bench, "rejected")
    done = await go_on(bench)
    assert done.output == ["succeeded", "succeeded"]
    assert done.step("each[0]/ask").output["decision"] == "rejected"


async def test_a_question_holds_only_its_own_branch(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - id: both
    parallel:
      people:
        - {id: ask, uses: core.approval, with: {prompt: Well?, timeout: 1h}}
      machines:
        - {id: slow, uses: core.wait, with: {for: 3m}}
        - {id: make, uses: ops.create_alert, with: {message: made}}
output: ${{ steps.ask.output.decision }} ${{ steps.make.output.alertId | length }}
"""
    )
    laid = await bench.run(text)
    assert laid.run.wake_at == laid.step("both/machines/slow").started_at + timedelta(minutes=3)
    bench.clock.pass_time(180)
    again = await go_on(bench)
    assert again.statuses()["both/machines/make"] == "succeeded"
    assert again.run.wake_at == again.step("both/people/ask").started_at + timedelta(hours=1)
    decide(bench, "approved")
    done = await go_on(bench)
    assert (done.status, done.output[:9]) == ("succeeded", "approved ")
    assert len(bench.writes) == 1


async def test_a_run_waits_for_what_the_run_inside_it_waits_for(bench: Any) -> None:
    bench.write("name: inner\nsteps: [{id: w, uses: core.wait, with: {for: 10m}}]\noutput: done\n", "inner")
    text = "name: p\nsteps: [{id: call, uses: ./inner.yml}]\noutput: ${{ steps.call.output }}\n"
    laid = await bench.run(text)
    outer, inner = bench.runs()
    assert (outer.status, inner.status) == ("waiting", "waiting")
    assert outer.wake_at == inner.wake_at
    bench.clock.pass_time(600)
    done = await go_on(bench)
    assert (done.status, done.output) == ("succeeded", "done")
    assert len(bench.runs()) == 2
    assert laid.run.id == done.run.id


async def test_seven_days_and_fifty_restarts_wake_a_run_once_and_on_time(bench: Any) -> None:
    await bench.run(WAIT.replace("10m", "7d"))
    for _ in range(50):
        bench.clock.pass_time(7 * 86_400 / 51)
        assert (await go_on(bench)).status == "waiting"
    bench.clock.pass_time(7 * 86_400 / 51 + 5)
    assert (await go_on(bench)).status == "succeeded"
    assert len(bench.writes) == 2


async def test_a_plan_waits_for_nothing_and_asks_nobody(bench: Any) -> None:
    planned = await bench.plan(ASK)
    assert planned.ended.status == "succeeded"
    assert questions(bench) == []
    planned = await bench.plan(WAIT)
    assert [write.step for write in planned.writes] == ["before", "after"]
    assert bench.clock.slept == []


@pytest.mark.parametrize("inside", [False, True])
async def test_a_decision_that_comes_while_the_run_is_laid_down_wakes_it(
    bench: Any, monkeypatch: pytest.MonkeyPatch, inside: bool
) -> None:
    park = journal.park

    def decided_before(cx: Any, run_id: int, *how: Any) -> None:
        if run_id == 1:
            [question] = journal.approvals(cx)
            journal.decide_approval(cx, question.run_id, "ask", "approved", "ben", None, bench.clock.now())
            journal.wake(cx, question.run_id, bench.clock.now())
        park(cx, run_id, *how)

    bench.write(ASK, "inner")
    with monkeypatch.context() as patched:
        patched.setattr(journal, "park", decided_before)
        laid = await bench.run("name: p\nsteps: [{id: call, uses: ./inner.yml}]\n" if inside else ASK)
    assert laid.status == "waiting"
    assert (await go_on(bench)).status == "succeeded"
    assert len(bench.writes) == 1


async def test_whom_it_asks_is_kept_without_secrets(bench: Any) -> None:
    bench.write(ASK.replace("timeout: 30m", "timeout: 30m, ask: '${{ event.to }}'"))
    async with bench.engine() as engine:
        await bench.take(engine, bench.queue(engine, event={"to": f"ana {bench.simulator.key}"}))
    [question] = questions(bench)
    assert question.ask is not None
    assert question.ask.startswith("ana ")
    assert bench.simulator.key not in question.ask
