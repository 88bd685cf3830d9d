"""People decide what runs ask: once, in time, and with what the question wants filled in."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks_engine.errors import BadUsage, InvalidInput
from playbooks_engine.runtime.deciding import decide, open_questions, open_questions_within

ASK = """
name: p
steps:
  - id: each
    for_each: [ana, ben]
    max_parallel: 2
    steps:
      - id: ask
        uses: core.approval
        with: {prompt: "Lock ${{ item }}?", timeout: 1h, inputs: {hours: {type: integer, default: 4}}}
"""


async def laid(bench: Any) -> None:
    assert (await bench.run(ASK)).status == "waiting"


async def test_a_decision_is_kept_with_who_took_it_and_what_was_filled_in(bench: Any) -> None:
    await laid(bench)
    async with bench.engine() as engine:
        assert [one.path for one in open_questions(engine)] == ["each[0]/ask", "each[1]/ask"]
        decided = decide(engine, 1, "each[1]/ask", "approved", "ben", {"hours": "8"})
        assert (decided.decision, decided.decided_by, decided.given) == ("approved", "ben", {"hours": 8})
        assert [one.path for one in open_questions(engine)] == ["each[0]/ask"]
        assert decide(engine, 1, "ask", "rejected", "ana").path == "each[0]/ask"  # the only one left


async def test_a_step_that_asks_several_times_has_to_be_named_by_its_path(bench: Any) -> None:
    await laid(bench)
    async with bench.engine() as engine:
        with pytest.raises(BadUsage, match="ask of run 1 asks 2 times") as refused:
            decide(engine, 1, "ask", "approved", "ben")
        assert refused.value.hint == "Name one by its path: each[0]/ask, each[1]/ask"


async def test_what_is_too_late_is_told_with_the_time(bench: Any) -> None:
    await laid(bench)
    bench.clock.pass_time(3_600)
    async with bench.engine() as engine:
        with pytest.raises(BadUsage, match="could be decided until 2026-"):
            decide(engine, 1, "each[0]/ask", "approved", "ben")


async def test_what_does_not_fit_decides_nothing(bench: Any) -> None:
    await laid(bench)
    async with bench.engine() as engine:
        with pytest.raises(InvalidInput, match="'hours'"):
            decide(engine, 1, "each[0]/ask", "approved", "ben", {"hours": "soon"})
        assert len(open_questions(engine)) == 2


async def test_a_secret_is_not_kept_as_what_was_filled_in(bench: Any) -> None:
    text = ASK.replace("hours: {type: integer, default: 4}", "why: {type: string}")
    bench.write(text)
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        await bench.take(engine, run_id)
        engine.calling.arm(["ops"])
        with pytest.raises(InvalidInput, match="holds a secret"):
            decide(engine, run_id, "each[0]/ask", "approved", "ben", {"why": bench.simulator.key})


async def test_the_questions_of_runs_inside_are_those_of_the_run_too(bench: Any) -> None:
    bench.write(ASK.replace("name: p", "name: inner"), "inner")
    assert (await bench.run("name: p\nsteps: [{id: call, uses: ./inner.yml}]\n")).status == "waiting"
    async with bench.engine() as engine:
        assert open_questions(engine, 1) == []
        assert {one.run_id for one in open_questions_within(engine, 1)} == {2}


async def test_a_question_that_a_time_limit_ended_cannot_be_decided(bench: Any) -> None:
    ask = "{id: ask, uses: core.approval, timeout: 10m, continue_on_error: true, with: {prompt: Well?, timeout: 1h}}"
    await bench.run(f"name: p\nsteps: [{ask}, {{id: wait, uses: core.wait, with: {{for: 1h}}}}]\n")
    bench.clock.pass_time(600)
    async with bench.engine() as engine:
        assert (await bench.take(engine, 1)).status == "waiting"
        assert open_questions(engine) == []
        with pytest.raises(BadUsage, match="does not wait for ask any more"):
            decide(engine, 1, "ask", "approved", "ben")
