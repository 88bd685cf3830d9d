"""Loops: aligned outputs, poisoned items, limits."""

from typing import Any

import pytest
from written import HEAD, log

from playbooks_engine.runtime.running.halting import Halt


async def test_the_output_of_a_loop_is_aligned_with_its_items(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    for_each: ${{ [3, 0, 2] }}
    as: n
    continue_on_error: true
    uses: core.set
    with: {x: "${{ 6 // n }}", at: "${{ loop.index }}", last: "${{ loop.last }}"}
  - id: b
    uses: core.set
    with: {out: "${{ steps.a.output }}", states: "${{ steps.a.results | map(attribute='status') | list }}"}
""")
    assert done.status == "succeeded_with_errors"
    assert done.step("a").output == [{"x": 2, "at": 0, "last": False}, None, {"x": 3, "at": 2, "last": True}]
    assert done.step("b").output["states"] == ["succeeded", "failed", "succeeded"]
    assert done.step("a").error["message"].startswith("1 of 3 items failed; item 1: ")
    assert [row.item for row in done.steps if row.step_id == "a"] == [None, 0, 1, 2]


async def test_a_loop_whose_time_is_over_still_says_what_became_of_each_item(bench: Any) -> None:
    bench.write("""
steps:
  - id: a
    for_each: [1, 2, 3]
    timeout: 5s
    continue_on_error: true
    uses: core.wait
    with: {for: "${{ item * 2 }}s"}
    always: [{id: c, uses: core.set, with: {states: "${{ steps.a.results | map(attribute='status') | list }}"}}]
  - id: b
    uses: core.set
    with: {given: "${{ steps.a.output | length }}", first: "${{ steps.a.output[0] is mapping }}"}
""")
    async with bench.engine() as engine:
        done = await bench.take(engine, bench.queue(engine), halt=Halt(stays=True))
    assert (done.status, done.step("a").status) == ("succeeded_with_errors", "timed_out")
    assert done.step("c").output == {"states": ["succeeded", "cancelled", "skipped"]}
    assert done.step("b").output == {"given": 3, "first": True}
    assert done.step("a").output[1:] == [None, None]


async def test_a_loop_that_something_around_it_ended_says_so_to_its_always(bench: Any) -> None:
    bench.write("""
timeout: 3s
steps:
  - id: a
    for_each: [1, 5]
    uses: core.wait
    with: {for: "${{ item }}s"}
    always: [{id: c, uses: core.set, with: {states: "${{ steps.a.results | map(attribute='status') | list }}"}}]
""")
    async with bench.engine() as engine:
        done = await bench.take(engine, bench.queue(engine), halt=Halt(stays=True))
    assert (done.status, done.step("c").output) == ("timed_out", {"states": ["succeeded", "cancelled"]})


@pytest.mark.parametrize("parallel", [1, 3])
async def test_a_poisoned_item_does_not_starve_the_rest_and_does_not_vanish(bench: Any, parallel: int) -> None:
    done = await bench.run(f"""
steps:
  - id: each
    for_each: ${{{{ [0, 1, 2, 3, 4] }}}}
    max_parallel: {parallel}
    steps:
      - id: check
        when: item == 1
        uses: core.fail
        with: {{message: poisoned}}
      - {log("go")}
""")
    assert (done.status, done.error["step"]) == ("failed", "check")
    assert sorted(p for p in done.paths if p.endswith("/go")) == [f"each[{n}]/go" for n in (0, 2, 3, 4)]
    assert done.step("each").output is None
    assert done.step("each[1]").status == "failed"


async def test_fail_fast_stops_at_the_first_failure(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    for_each: ${{ [2, 0, 1] }}
    fail_fast: true
    continue_on_error: true
    uses: core.set
    with: {x: "${{ 2 // item }}"}
  - id: b
    uses: core.set
    with: {states: "${{ steps.a.results | map(attribute='status') | list }}"}
""")
    assert done.step("a").output == [{"x": 1}, None, None]
    assert done.step("b").output["states"] == ["succeeded", "failed", "skipped"]


async def test_no_more_items_than_max_parallel_are_under_way(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from playbooks_engine.runtime.calling import Calling

    most = now = 0
    plain = Calling.call

    async def counted(self: Calling, *args: Any, **how: Any) -> Any:
        nonlocal most, now
        now += 1
        most = max(most, now)
        try:
            return await plain(self, *args, **how)
        finally:
            now -= 1

    monkeypatch.setattr(Calling, "call", counted)
    done = await bench.run(
        HEAD
        + """
steps:
  - id: a
    for_each: ${{ [1, 2, 3, 4, 5, 6, 7] }}
    max_parallel: 3
    uses: ops.get_schedules
"""
    )
    assert done.status == "succeeded"
    assert most == 3


async def test_items_do_not_see_each_others_steps(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: each
    for_each: ${{ [1, 2] }}
    steps:
      - id: a
        when: item == 1
        uses: core.set
        with: {x: "${{ item }}"}
      - id: b
        uses: core.set
        with: {x: "${{ steps.a.output.x | default('unseen') }}"}
""")
    assert done.step("each[0]/b").output == {"x": 1}
    assert done.step("each[1]/b").output == {"x": "unseen"}


async def test_an_empty_list_is_a_loop_that_succeeded(bench: Any) -> None:
    done = await bench.run(
        "steps:\n  - id: a\n    for_each: ${{ [] }}\n    uses: core.log\n    with: {message: hello}\n"
    )
    assert (done.status, done.step("a").output) == ("succeeded", [])


@pytest.mark.parametrize("items", ["'text'", "run", "none", "5"])
async def test_a_loop_over_anything_but_a_list_fails(bench: Any, items: str) -> None:
    done = await bench.run(
        f"steps:\n  - id: a\n    for_each: ${{{{ {items} }}}}\n    uses: core.log\n    with: {{message: hello}}\n"
    )
    assert (done.status, done.error["type"], done.error["step"]) == ("failed", "invalid_input", "a")
    assert "list" in done.error["message"]


async def test_a_loop_takes_ten_thousand_items_and_no_more(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playbooks_engine.runtime.running.items.MOST_ITEMS", 3)
    text = "steps:\n  - id: a\n    for_each: ${{ %s }}\n    uses: core.log\n    with: {message: hello}\n"
    assert (await bench.run(text % "[1, 2, 3]")).status == "succeeded"
    done = await bench.run(text % "[1, 2, 3, 4]")
    assert (done.status, done.paths) == ("failed", ["a"])
    assert "at most 3 items" in done.error["message"]


async def test_on_error_and_always_of_a_loop_run_once(bench: Any) -> None:
    done = await bench.run(f"""
steps:
  - id: a
    for_each: ${{{{ [1, 2] }}}}
    uses: core.fail
    with: {{message: no}}
    on_error: [{log("b")}]
    always: [{log("c")}]
""")
    assert [p for p in done.paths if p in "bc"] == ["b", "c"]


async def test_what_a_loop_gives_altogether_is_at_most_one_megabyte(bench: Any) -> None:
    done = await bench.run(
        """
steps:
  - {id: a, for_each: [1, 2, 3], uses: core.set, with: {x: "${{ event.big }}"}}
""",
        event={"big": "x" * 500_000},
    )
    assert (done.status, done.error["type"], done.error["step"]) == ("failed", "unexpected_answer", "a")
    assert done.step("a").output is None
    assert [done.step(f"a[{n}]").status for n in range(3)] == ["succeeded"] * 3


async def test_what_a_playbook_gives_is_at_most_one_megabyte(bench: Any) -> None:
    done = await bench.run(
        "steps: [{id: a, uses: core.log, with: {message: x}}]\noutput: ['${{ event.big }}', '${{ event.big }}']\n",
        event={"big": "x" * 600_000},
    )
    assert (done.status, done.error["type"], done.error["step"]) == ("failed", "unexpected_answer", "output")


async def test_a_run_does_so_many_steps_and_no_more(
    bench: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("playbooks_engine.runtime.running.execution.MOST_STEPS", 10)
    text = (
        HEAD
        + """
steps:
  - id: each
    for_each: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    steps: [{id: a, uses: core.set}]
always: [{id: last, uses: core.set}]
"""
    )
    done = await bench.run(text)
    assert done.status == "failed"
    assert "A run does at most 10 steps, loop items included." in done.error["message"]
    assert len(done.steps) <= 12
    assert "has done 8 of the 10 steps a run may do" in caplog.text
