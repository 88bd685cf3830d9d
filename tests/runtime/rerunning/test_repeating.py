"""The changes that a rerun would make again, beyond those of the run itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text as sql
from written import HEAD

from playbooks_engine.runtime.attending import attend
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.rerunning.preparing import begin_again, prepare
from playbooks_engine.runtime.rerunning.repeating import step_of

TWO = (
    HEAD
    + """
steps:
  - {id: open, uses: ops.create_alert, with: {message: one}}
  - {id: gate, when: run.id == 1, uses: core.fail, with: {message: no}}
"""
)


async def test_of_a_run_that_is_not_kept_any_more_anything_may_have_been_sent(bench: Any) -> None:
    bench.write(TWO)
    async with bench.engine() as engine:
        await bench.take(engine, bench.queue(engine))
        begun = begin_again(engine, prepare(engine, 1), Actor("person", "ana"))
        await attend(engine, begun)
        with engine.database.transaction() as connection:
            connection.execute(sql("UPDATE run SET trigger = json_set(trigger, '$.run', 99) WHERE id = 2"))
        found = [(one.path, one.command, one.outcome) for one in prepare(engine, 2, start="open").repeats]
    assert found == [("open", "ops.create_alert", "unknown")]


def test_the_step_of_a_path() -> None:
    assert [step_of(path) for path in ("a", "a[0]", "a[0]/b", "a/left/b[12]")] == ["a", "a", "b", "b"]
