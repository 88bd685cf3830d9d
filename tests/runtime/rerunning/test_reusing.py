"""What a rerun takes over, and from where it runs anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from playbooks_engine.errors import BadUsage
from playbooks_engine.runtime.attending import attend
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.rerunning.preparing import begin_again, prepare

FIRST = "when: run.id == 1, uses: core.fail, with: {message: no}"


@asynccontextmanager
async def ran(bench: Any, steps: str) -> AsyncIterator[Callable[..., Any]]:
    """Run 1 of these steps; gives how it is run again."""
    bench.write(steps)
    async with bench.engine() as engine:
        await bench.take(engine, bench.queue(engine))

        async def again(run: int = 1, **how: Any) -> Any:
            begun = begin_again(engine, prepare(engine, run, **how), Actor("person", "ana"))
            await attend(engine, begun)
            return bench.look(engine.database, begun.id)

        yield again


async def test_a_step_that_was_skipped_stays_skipped_and_its_else_is_reused(bench: Any) -> None:
    text = f"""
steps:
  - id: never
    when: run.id > 1
    uses: core.set
    with: {{x: 1}}
    else: [{{id: instead, uses: core.set, with: {{x: 2}}}}, {{id: gate, {FIRST}}}]
  - {{id: end, uses: core.set, with: {{x: "${{{{ steps.instead.output.x }}}}"}}}}
"""
    async with ran(bench, text) as again:
        after = await again()
        assert after.statuses() == {"never": "skipped", "instead": "reused", "gate": "skipped", "end": "succeeded"}


TOLERATED = f"""
steps:
  - {{id: bad, continue_on_error: true, uses: core.fail, with: {{message: no}},
     on_error: [{{id: told, uses: core.log, with: {{message: x}}}}],
     always: [{{id: tidy, uses: core.log, with: {{message: x}}}}]}}
  - {{id: gate, {FIRST}}}
output: ${{{{ steps.bad.status }}}}
"""


async def test_a_failure_that_was_carried_on_from_is_kept_when_a_later_step_is_named(bench: Any) -> None:
    async with ran(bench, TOLERATED) as again:
        named = await again(start="gate")
        assert named.statuses() == {"bad": "failed", "told": "reused", "tidy": "reused", "gate": "skipped"}
        assert (named.status, named.output) == ("succeeded_with_errors", "failed")
        anew = await again()
    assert anew.statuses() == {"bad": "failed", "told": "succeeded", "tidy": "succeeded", "gate": "skipped"}


async def test_always_that_failed_runs_again_and_its_step_does_not(bench: Any) -> None:
    text = f"""
steps:
  - {{id: well, uses: core.log, with: {{message: x}},
     always: [{{id: tidy, {FIRST}}}, {{id: last, uses: core.log, with: {{message: x}}}}]}}
always: [{{id: end, uses: core.log, with: {{message: x}}}}]
"""
    async with ran(bench, text) as again:
        after = await again()
    assert after.statuses() == {"well": "reused", "tidy": "skipped", "last": "succeeded", "end": "succeeded"}
    assert after.status == "succeeded"


async def test_a_stop_before_the_named_step_does_not_stop_again(bench: Any) -> None:
    text = "steps: [{id: stop, uses: core.stop}, {id: end, uses: core.set, with: {x: 1}}]\n"
    async with ran(bench, text) as again:
        with pytest.raises(BadUsage, match="Run 1 succeeded"):
            await again()
        after = await again(start="end")
    assert after.statuses() == {"stop": "reused", "end": "succeeded"}


NESTED = """
steps:
  - id: block
    steps:
      - {id: a, uses: core.set, with: {x: 1}}
      - {id: b, uses: core.set, with: {x: 2}}
      - id: each
        for_each: ${{ [1, 2] }}
        steps: [{id: inner, uses: core.log, with: {message: x}}]
    always: [{id: tidy, uses: core.log, with: {message: x}}]
  - {id: end, uses: core.set, with: {x: 3}, on_error: [{id: told, uses: core.log, with: {message: x}}]}
always: [{id: last, uses: core.log, with: {message: x}}]
"""


async def test_a_named_step_in_a_block_runs_anew_with_all_after_it(bench: Any) -> None:
    async with ran(bench, NESTED) as again:
        after = await again(start="b")
    assert {path: status for path, status in after.statuses().items() if status == "reused"} == {"block/a": "reused"}
    assert after.status == "succeeded"
    assert len(after.steps) == 9 + 2


@pytest.mark.parametrize(
    ("start", "says", "hint"),
    [
        ("tidy", "A run cannot begin with tidy: it runs after block.", "Begin with that: --from block"),
        ("told", "A run cannot begin with told: it runs after end.", "Begin with that: --from end"),
        ("inner", "A run cannot begin with inner: it is in the loop each.", "Begin with that: --from each"),
        ("last", "A run cannot begin with last: it runs after all others", "Name the first step"),
        ("blok", 'p has no step "blok".', "did you mean block?"),
    ],
)
async def test_a_run_cannot_begin_anywhere(bench: Any, start: str, says: str, hint: str) -> None:
    async with ran(bench, NESTED) as again:
        with pytest.raises(BadUsage) as refused:
            await again(start=start)
    assert refused.value.message.startswith(says)
    assert refused.value.hint is not None
    assert refused.value.hint.startswith(hint)


async def test_a_block_whose_condition_had_no_value_runs_anew_with_its_condition(bench: Any) -> None:
    text = """
steps:
  - {id: a, uses: core.set, with: {x: "${{ 1 if run.id > 1 else 'no' }}"}}
  - id: block
    when: steps.a.output.x > 0
    steps: [{id: b, uses: core.set, with: {x: 1}}]
"""
    async with ran(bench, text) as again:
        after = await again()
        assert after.statuses() == {"a": "reused", "block": "failed"}
        with pytest.raises(BadUsage, match="block comes before b, and in run 1 it never began"):
            await again(start="b")


async def test_a_rerun_is_run_again_like_any_other(bench: Any) -> None:
    async with ran(bench, NESTED) as again:
        once = await again(start="end")
        twice = await again(2, start="end")
    assert once.statuses() == twice.statuses()


MADE = """
steps:
  - id: each
    for_each: ${{ ['a', 'b'] }}
    steps:
      - {id: make, uses: core.set, with: {x: "${{ item }}"}}
      - {id: odd, when: item == 'b', uses: core.fail, with: {message: no}}
"""


async def test_a_loop_that_was_mended_is_named_and_its_good_items_stay(bench: Any) -> None:
    async with ran(bench, MADE) as again:
        mended = MADE.replace("core.fail", "core.log")
        bench.write(mended)
        with pytest.raises(BadUsage, match="odd does not do what it did in run 1: its `uses` differs"):
            await again(file="p", failed_items=True)
        after = await again(file="p", failed_items=True, start="each")
        assert after.statuses() == {
            "each": "succeeded", "each[0]": "reused", "each[0]/make": "reused", "each[0]/odd": "skipped",
            "each[1]": "succeeded", "each[1]/make": "reused", "each[1]/odd": "succeeded",
        }  # fmt: skip
        bench.write(mended.replace("['a', 'b']", "['a', 'c']"))
        with pytest.raises(BadUsage, match="each does not do what it did in run 1: its `for_each` differs"):
            await again(file="p", failed_items=True, start="each")
