"""A time limit that ran out while the run was laid down: nothing begins, what waits ends, and every `always` runs."""

from __future__ import annotations

from typing import Any

import pytest
from written import HEAD, fail, log

from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal

ASK = "{id: ask, uses: core.approval, with: {prompt: Well?, timeout: 1d}}"
INNER = f"""
name: inner
%s
steps:
  - id: block
    always: [{log("tidy")}]
    steps: [{ASK}]
always: [{log("last")}]
output: ${{{{ steps.ask.output.decision }}}}
"""


async def late(bench: Any, seconds: float = 600) -> Any:
    """The run, gone on with so much later by a process that finds it due."""
    bench.clock.pass_time(seconds)
    async with bench.engine() as engine:
        with engine.database.transaction() as cx:
            [run] = journal.claim_next(cx, engine.owner, engine.clock.now(), LEASE, 10)
        await execute(engine, run)
        return bench.look(engine.database, run.id)


def open_questions(bench: Any) -> list[journal.Approval]:
    with bench.store() as database, database.reading() as cx:
        return journal.approvals(cx, open_at=bench.clock.now())


@pytest.mark.parametrize("limit", ["", "timeout: 1h", "timeout: 5m"])
@pytest.mark.parametrize(("run", "step"), [("", "timeout: 10m"), ("timeout: 10m", ""), ("timeout: 10m", "timeout: 3h")])
async def test_a_limit_around_a_run_that_waits_ends_it_too(bench: Any, limit: str, run: str, step: str) -> None:
    bench.write(INNER % limit, "inner")
    laid = await bench.run(f"""
{run}
steps:
  - id: around
    {step}
    always: [{log("unlock")}]
    steps: [{{id: call, uses: ./inner.yml}}]
""")
    assert laid.status == "waiting"
    done = await late(bench)
    within = limit == "timeout: 5m"  # over before the one around it, which it fails
    assert done.status == ("timed_out" if run and not within else "failed")
    assert done.statuses()["unlock"] == "succeeded"
    with bench.store() as database:
        inner = bench.look(database, 2)
    assert inner.status == ("timed_out" if within else "cancelled")
    assert inner.run.ended_at is not None
    assert {path: inner.statuses()[path] for path in ("tidy", "last")} == {"tidy": "succeeded", "last": "succeeded"}
    assert open_questions(bench) == []


async def test_always_of_what_is_inside_runs_however_deep_it_stands(bench: Any) -> None:
    laid = await bench.run(f"""
steps:
  - id: both
    timeout: 10m
    continue_on_error: true
    parallel:
      one:
        - id: inner
          timeout: 20m
          steps:
            - {{id: ask, uses: core.approval, with: {{prompt: x, timeout: 1d}}, always: [{log("tidy")}]}}
      two:
        - {{id: wait, uses: core.wait, with: {{for: 1h}}, always: [{log("sweep")}]}}
  - {{id: more, uses: core.wait, with: {{for: 1h}}}}
""")
    assert laid.status == "waiting"
    done = await late(bench)
    assert done.status == "waiting"  # for `more`
    ended = {row.step_id: row.status for row in done.steps}
    assert (ended["both"], ended["ask"], ended["tidy"], ended["sweep"]) == (
        "timed_out", "cancelled", "succeeded", "succeeded",
    )  # fmt: skip
    assert open_questions(bench) == []  # nobody waits for the decision any more


async def test_what_follows_a_step_that_ran_out_of_time_has_its_own(bench: Any) -> None:
    laid = await bench.run(f"""
steps:
  - id: short
    timeout: 10m
    continue_on_error: true
    uses: core.wait
    with: {{for: 1h}}
    on_error: [{log("told")}]
  - {log("after")}
""")
    assert laid.status == "waiting"
    done = await late(bench)
    assert done.statuses() == {"short": "timed_out", "told": "succeeded", "after": "succeeded"}


async def test_a_run_inside_that_is_laid_down_in_its_on_error_ends_with_the_limit_around_it(bench: Any) -> None:
    bench.write(f"name: inner\nsteps: [{fail('f')}]\non_error: [{ASK}]\nalways: [{log('last')}]\n", "inner")
    laid = await bench.run(HEAD + "timeout: 10m\nsteps: [{id: call, uses: ./inner.yml}]\n")
    assert laid.status == "waiting"
    assert (await late(bench)).status == "timed_out"
    with bench.store() as database:
        inner = bench.look(database, 2)
    assert (inner.status, inner.statuses()["ask"], inner.statuses()["last"]) == ("cancelled", "cancelled", "succeeded")
