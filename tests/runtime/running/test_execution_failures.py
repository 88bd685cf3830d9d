"""What follows a failure: on_error, always, continue_on_error."""

from typing import Any

import pytest
from written import SEEN, fail, log

# what follows a failure


@pytest.mark.parametrize("go_on", [True, False])
async def test_on_error_then_always_then_the_block_fails(bench: Any, *, go_on: bool) -> None:
    done = await bench.run(f"""
steps:
  - id: block
    continue_on_error: {str(go_on).lower()}
    steps:
      - id: a
        uses: core.fail
        with: {{message: broken}}
        on_error: [{SEEN % "a_error"}]
        always: [{SEEN % "a_always"}]
      - {log("never")}
    on_error: [{SEEN % "block_error"}]
    always: [{SEEN % "block_always"}]
  - {log("after")}
on_error: [{SEEN % "run_error"}]
always: [{log("run_always")}]
""")
    inside = ["block", "block/a", "a_error", "a_always", "block_error", "block_always"]
    inner = [path.rpartition("/")[2] for path in done.paths]
    if go_on:
        assert inner == [p.rpartition("/")[2] for p in [*inside, "after", "run_always"]]
        assert done.status == "succeeded_with_errors"
        assert done.run.error is None
    else:
        assert inner == [p.rpartition("/")[2] for p in [*inside, "run_error", "run_always"]]
        assert done.status == "failed"
        assert done.error["step"] == "a"
    for row in done.steps:
        if row.step_id in {"a_error", "a_always", "block_error", "block_always", "run_error"}:
            assert row.output == {"step": "a", "type": "rejected", "says": "broken"}
    assert done.step("block").status == "failed"
    assert done.step("block/a").error["message"] == "broken"


async def test_error_is_null_in_always_after_success(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    uses: core.log
    with: {message: hello}
    always: [{id: b, uses: core.set, with: {e: "${{ error }}"}}]
always: [{id: c, uses: core.set, with: {e: "${{ error }}", s: "${{ run.status }}"}}]
""")
    assert done.step("b").output == {"e": None}
    assert done.step("c").output == {"e": None, "s": "succeeded"}


async def test_a_failure_in_on_error_does_not_hide_the_first(bench: Any) -> None:
    done = await bench.run(f"""
steps:
  - id: a
    uses: core.fail
    with: {{message: first}}
    on_error: [{fail("b", "second")}]
    always: [{fail("c", "third")}]
on_error: [{fail("d", "fourth")}]
always: [{fail("e", "fifth")}]
""")
    assert (done.status, done.error["step"], done.error["message"]) == ("failed", "a", "first")
    assert [row.status for row in done.steps] == ["failed"] * 5


@pytest.mark.parametrize("where", ["step", "playbook"])
async def test_a_failure_in_always_after_success_is_a_failure(bench: Any, where: str) -> None:
    always = f"always: [{fail('b', 'late')}]"
    done = await bench.run(f"""
steps:
  - id: a
    uses: core.log
    with: {{message: hello}}
    {always if where == "step" else ""}
{always if where == "playbook" else ""}
output: 5
""")
    assert (done.status, done.error["step"], done.error["message"]) == ("failed", "b", "late")
    assert done.output is None


async def test_a_failure_carried_on_in_always_makes_succeeded_with_errors(bench: Any) -> None:
    done = await bench.run(f"""
steps: [{log("a")}]
always: [{{id: b, uses: core.fail, continue_on_error: true, with: {{message: no}}}}]
""")
    assert done.status == "succeeded_with_errors"


async def test_a_handled_failure_is_still_a_failure(bench: Any) -> None:
    done = await bench.run(
        f"steps:\n  - id: a\n    uses: core.fail\n    with: {{message: no}}\n    on_error: [{log('b')}]\n"
    )
    assert done.status == "failed"


async def test_a_step_that_failed_and_was_carried_on_shows_its_error_and_no_output(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    uses: core.fail
    continue_on_error: true
    with: {message: broken}
  - id: b
    uses: core.set
    with:
      status: ${{ steps.a.status }}
      says: ${{ steps.a.error.message }}
      out: ${{ steps.a.output | default('none') }}
""")
    assert done.status == "succeeded_with_errors"
    assert done.step("b").output == {"status": "failed", "says": "broken", "out": "none"}


async def test_a_failed_run_still_has_its_steps_attempts_and_times(bench: Any) -> None:
    row = (await bench.run(f"steps: [{fail('a')}]\n")).step("a")
    assert (row.attempts, row.status) == (1, "failed")
    assert row.started_at is not None
    assert row.ended_at is not None
