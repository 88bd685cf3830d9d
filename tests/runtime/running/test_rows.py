"""Rows of blocks, branches and loops: begun once, ended once, never left as if they were running."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from playbooks_engine.language.playbook import Block, Position
from playbooks_engine.runtime.running.commands import Means, RunFacts
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.runtime.running.notebook import Notebook
from playbooks_engine.runtime.running.rows import Rows
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.store.journal import StepRow
from playbooks_engine.testing.clock import START, FakeClock

STEP = Block(id="a", position=Position(1, 1), steps=())


class Cut:
    """Remembers what was cut off."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def cut_off(self, row: StepRow, error: dict[str, Any]) -> None:
        self.paths.append(row.path)


def made(tmp_path: Any, clock: FakeClock) -> tuple[Rows, Cut]:
    cut = Cut()
    facts = RunFacts(7, "p", 1, START, {})
    means = Means(facts, Notebook(Secrets(tmp_path)), None, clock, Halt())  # type: ignore[arg-type]
    return Rows(means, cut), cut  # type: ignore[arg-type]


async def test_a_row_that_ended_stays_as_it_is(tmp_path: Any) -> None:
    clock = FakeClock()
    rows, _ = made(tmp_path, clock)
    row = rows.new(STEP, "a", None, "running", started_at=START)
    assert (row.run_id, "a" in rows, rows.began("a")) == (7, True, START)
    await clock.advance(60)
    ended = rows.end(row, "failed", error={"message": "no"})
    assert ended.ended_at == START + timedelta(seconds=60)
    assert rows.end(row, "succeeded") is rows["a"]
    assert rows["a"].status == "failed"


async def test_a_step_that_has_no_row_begins_now(tmp_path: Any) -> None:
    clock = FakeClock()
    rows, _ = made(tmp_path, clock)
    await clock.advance(5)
    assert rows.began("a") == START + timedelta(seconds=5)
    rows.draft(STEP, "a", None, "running")
    assert rows.get("a") is None


def test_what_is_inside_a_step_is_cut_off_with_it_and_nothing_else(tmp_path: Any) -> None:
    rows, cut = made(tmp_path, FakeClock())
    for path, status in {
        "a": "running",
        "a/b": "waiting",
        "a[0]": "running",
        "a/c": "succeeded",
        "ab": "running",
    }.items():
        rows.new(STEP, path, None, status)
    rows.cut_off("a", {"message": "over"}, itself=False)
    assert cut.paths == ["a/b", "a[0]"]
    cut.paths.clear()
    rows.cut_off("", {"message": "over"})
    assert cut.paths == ["a", "a/b", "a[0]", "ab"]
