"""A run is cancelled by whoever has it; one that nobody has is ended on the spot."""

from __future__ import annotations

from typing import Any

import pytest
from written import HEAD

from playbooks_engine.errors import BadUsage
from playbooks_engine.runtime.cancelling import PATIENCE, ask_cancel, cancel
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.store import journal

TEXT = HEAD + (
    "steps: [{id: wait, uses: core.wait, with: {for: 1h}}, {id: never, uses: core.set}]\n"
    "always: [{id: last, uses: core.set}]\n"
)


async def test_a_run_that_was_never_begun_ends_without_anything(bench: Any) -> None:
    bench.write(TEXT)
    async with bench.engine() as engine:
        run = ask_cancel(engine, bench.queue(engine), "ana")
        assert run.status == "cancelled"
        assert run.error is not None
        assert run.error["message"] == "The run was cancelled by ana before it began."
        assert bench.look(engine.database, run.id).steps == []


async def test_a_run_that_waits_is_ended_here_with_its_always(bench: Any) -> None:
    assert (await bench.run(TEXT)).status == "waiting"
    async with bench.engine() as engine:
        run = await cancel(engine, 1, "ana")
        assert (run.status, run.cancelled_by) == ("cancelled", "ana")
        assert bench.look(engine.database, 1).statuses() == {"wait": "cancelled", "last": "succeeded"}


async def test_a_run_that_another_process_has_is_left_to_it_for_a_while(bench: Any) -> None:
    bench.write(TEXT)
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        with engine.database.transaction() as cx:
            journal.claim(cx, run_id, "elsewhere:1:1", engine.clock.now(), LEASE * 100)
        began = engine.clock.monotonic()
        run = await cancel(engine, run_id, "ana")
        assert run.status == "running"
        assert PATIENCE <= engine.clock.monotonic() - began < PATIENCE + 5
        with engine.database.reading() as cx:
            assert journal.to_cancel(cx, "elsewhere:1:1") == {run_id}


async def test_a_part_of_a_run_is_cancelled_with_the_whole(bench: Any) -> None:
    bench.write(TEXT.replace("connections", "name: inner\nconnections"), "inner")
    await bench.run("name: p\nsteps: [{id: call, uses: ./inner.yml}]\n")
    async with bench.engine() as engine:
        with pytest.raises(BadUsage, match="Run 2 is part of run 1") as refused:
            ask_cancel(engine, 2, "ana")
        assert refused.value.hint == "Cancel that one: playbooks runs cancel 1"
