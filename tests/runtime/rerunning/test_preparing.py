"""Runs run again: what is reused, what runs anew, and which changes are not repeated unasked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text as sql
from written import HEAD

from playbooks_engine.errors import BadUsage
from playbooks_engine.runtime.attending import attend
from playbooks_engine.runtime.deciding import decide, open_questions
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.rerunning.preparing import Again, begin_again, plan_again, prepare
from playbooks_engine.runtime.starting import EventVersion, start
from playbooks_engine.store import events
from playbooks_engine.store.events import Arrival, store_page

ME = Actor("person", "ana")
CHAIN = (
    HEAD
    + """
inputs: {bad: {type: boolean, default: true}}
steps:
  - {id: open, uses: ops.create_alert, with: {message: one}}
  - {id: pick, uses: core.set, with: {id: "${{ steps.open.output.alertId }}"}}
  - id: gate
    when: inputs.bad and run.id == 1
    uses: core.fail
    with: {message: no}
  - {id: note, uses: ops.add_note, with: {identifier: "${{ steps.pick.output.id }}", note: again}}
output: ${{ steps.pick.output.id }}
"""
)


@asynccontextmanager
async def first(bench: Any, text: str, **inputs: Any) -> AsyncIterator[tuple[Any, Any]]:
    """A run of a playbook, over, with the engine that ran it."""
    bench.write(text)
    async with bench.engine() as engine:
        yield engine, await bench.take(engine, bench.queue(engine, inputs=inputs))


async def rerun(bench: Any, engine: Any, run: int = 1, **how: Any) -> tuple[Again, Any]:
    again = prepare(engine, run, **how)
    begun = begin_again(engine, again, ME)
    await attend(engine, begun)
    return again, bench.look(engine.database, begun.id)


async def test_a_run_again_begins_with_what_failed_and_reuses_the_results_before(bench: Any) -> None:
    async with first(bench, CHAIN) as (engine, before):
        assert before.status == "failed"
        again, after = await rerun(bench, engine)
    assert again.reuse.starts == ("gate",)
    assert after.status == "succeeded"
    assert after.output == before.step("pick").output["id"]
    assert after.statuses() == {"open": "reused", "pick": "reused", "gate": "skipped", "note": "succeeded"}
    assert [a.message for a in bench.simulator.alerts] == ["one"]
    assert [(i.path, i.run_id) for i in bench.intents(2)] == [("note", 2)]
    assert after.run.trigger == {"kind": "rerun", "name": "ana", "run": 1, "began": "person", "from": None}


async def test_from_a_step_on_everything_runs_anew_and_what_that_repeats_is_told(bench: Any) -> None:
    async with first(bench, CHAIN, bad=False) as (engine, before):
        assert before.status == "succeeded"
        with pytest.raises(BadUsage, match="Run 1 succeeded: there is nothing to run again"):
            prepare(engine, 1)
        last = prepare(engine, 1, start="note")
        assert [(one.path, one.command, one.outcome) for one in last.repeats] == [("note", "ops.add_note", "succeeded")]
        whole = prepare(engine, 1, start="open")
        assert [one.path for one in whole.repeats] == ["open", "note"]
        assert whole.reuse.rows == ()
        assert prepare(engine, 1, start="pick").reuse.paths == {"open"}


async def test_a_plan_of_it_reuses_too_and_leaves_no_run(bench: Any) -> None:
    async with first(bench, CHAIN, bad=False) as (engine, before):
        planned = await plan_again(engine, prepare(engine, 1, start="note"))
    assert [write.command for write in planned.writes] == ["ops.add_note"]
    assert before.output in planned.writes[0].request.path
    assert {row.path: row.status for row in planned.steps} == {
        "open": "reused", "pick": "reused", "gate": "skipped", "note": "planned",
    }  # fmt: skip
    assert len(bench.runs()) == 1


async def test_a_change_that_was_reused_is_still_a_change_that_was_made(bench: Any) -> None:
    async with first(bench, CHAIN) as (engine, _):
        await rerun(bench, engine)
        assert [(one.run, one.path) for one in prepare(engine, 2, start="open").repeats] == [(1, "open"), (2, "note")]
        assert [(one.run, one.path) for one in prepare(engine, 2, start="pick").repeats] == [(2, "note")]


async def test_a_change_that_nobody_knows_of_is_named(bench: Any, no_patience: None) -> None:
    bench.simulator.misbehave("error", times=100, method="GET", path="/requests/", status=503)
    text = HEAD + "steps: [{id: open, uses: ops.create_alert, with: {message: one}}]\n"
    async with first(bench, text) as (engine, before):
        assert before.error["type"] == "outcome_unknown"
        assert [(one.path, one.outcome) for one in prepare(engine, 1).repeats] == [("open", "unknown")]


ONCE = (
    HEAD
    + """
steps:
  - {id: open, once: {key: k, within: 1h}, uses: ops.create_alert, with: {message: one}}
  - {id: last, uses: core.fail, with: {message: no}}
"""
)


async def test_a_once_key_holds_in_a_rerun_and_no_longer_than_it_says(bench: Any) -> None:
    async with first(bench, ONCE) as (engine, _):
        again, after = await rerun(bench, engine, start="open")
        assert ([one.path for one in again.spared], again.repeats) == (["open"], ())
        assert after.statuses() == {"open": "reused", "last": "failed"}
        assert len(bench.simulator.alerts) == 1
        bench.clock.pass_time(3601)
        assert [one.path for one in prepare(engine, 1, start="open").repeats] == ["open"]


BLOCKS = (
    HEAD
    + """
steps:
  - id: both
    timeout: 10m
    parallel:
      left:
        - {id: l1, uses: ops.create_alert, with: {message: l1}}
        - id: inner
          steps:
            - {id: l2, uses: ops.create_alert, with: {message: l2}}
            - {id: l3, when: run.id == 1, uses: core.fail, with: {message: no}}
            - {id: l4, uses: core.set, with: {x: "${{ steps.l2.output.alertId }}"}}
          always: [{id: tidy, uses: core.log, with: {message: x}}]
      right:
        - {id: r1, uses: ops.create_alert, with: {message: r1}}
  - {id: end, uses: core.set, with: {x: "${{ steps.r1.output.alertId }}"}}
output: ${{ [steps.l4.output.x, steps.end.output.x] }}
"""
)


async def test_in_branches_and_blocks_only_what_failed_and_what_follows_runs_anew(bench: Any) -> None:
    async with first(bench, BLOCKS) as (engine, before):
        assert before.status == "failed"
        bench.clock.pass_time(3600)  # what is reused takes no time of the new run
        again, after = await rerun(bench, engine)
        assert again.reuse.starts == ("both/left/inner/l3",)
        assert after.status == "succeeded", after.error
        assert after.statuses() == {
            "both": "succeeded", "both/left/l1": "reused", "both/left/inner": "succeeded", "both/right/r1": "reused",
            "both/left/inner/l2": "reused", "both/left/inner/l3": "skipped", "both/left/inner/l4": "succeeded",
            "both/left/tidy": "succeeded", "end": "succeeded",
        }  # fmt: skip
        assert sorted(a.message for a in bench.simulator.alerts) == ["l1", "l2", "r1"]
        bench.clock.pass_time(3600)
        whole, ended = await rerun(bench, engine, 2, start="end")
    assert ended.step("both").status == "reused"
    assert (ended.output, whole.repeats) == (after.output, ())


LOOP = (
    HEAD
    + """
steps:
  - id: each
    for_each: ${{ ['a', 'b', 'c'] }}
    steps:
      - {id: make, uses: ops.create_alert, with: {message: "${{ item }}"}}
      - {id: odd, when: item == 'b' and run.id == 1, uses: core.fail, with: {message: no}}
  - {id: end, uses: core.set, with: {all: "${{ steps.each.results | map(attribute='status') | list }}"}}
output: ${{ steps.end.output.all }}
"""
)


async def test_of_a_loop_only_the_failed_items_run_again_if_asked(bench: Any) -> None:
    async with first(bench, LOOP) as (engine, before):
        assert before.statuses()["each[1]"] == "failed"
        again, after = await rerun(bench, engine, failed_items=True)
        assert [one.path for one in again.repeats] == []
        assert again.reuse.starts == ("each", "each[1]/odd")
        assert [one.path for one in prepare(engine, 1).repeats] == ["each[0]/make", "each[1]/make", "each[2]/make"]
        with pytest.raises(BadUsage, match="--failed-items is for loops"):
            prepare(engine, 2, start="end", failed_items=True)
    assert after.status == "succeeded"
    assert after.statuses() == {
        "each": "succeeded", "each[0]": "reused", "each[0]/make": "reused", "each[0]/odd": "skipped",
        "each[1]": "succeeded", "each[1]/make": "reused", "each[1]/odd": "skipped",
        "each[2]": "reused", "each[2]/make": "reused", "each[2]/odd": "skipped", "end": "succeeded",
    }  # fmt: skip
    assert [a.message for a in bench.simulator.alerts] == ["a", "b", "c"]
    assert after.output == ["reused", "succeeded", "reused"]


SUB = HEAD + "steps: [{id: make, uses: ops.create_alert, with: {message: sub}}]\noutput: done\n"
ABOVE = (
    HEAD
    + """
steps:
  - {id: sub, uses: ./sub.yml}
  - {id: gate, when: run.id == 1, uses: core.fail, with: {message: no}}
output: ${{ steps.sub.output }}
"""
).replace("connections:\n  ops: opsgenie\n", "")


async def test_a_finished_sub_run_is_reused_as_a_whole(bench: Any) -> None:
    bench.write(SUB, "sub")
    async with first(bench, ABOVE) as (engine, before):
        again, after = await rerun(bench, engine)
        assert (again.repeats, after.output) == ((), "done")
        assert after.step("sub").child_run_id == before.step("sub").child_run_id
        anew = prepare(engine, 1, start="sub")
        assert [(one.run, one.path) for one in anew.repeats] == [(2, "make")]
        assert [(one.run, one.path) for one in prepare(engine, 3, start="sub").repeats] == [(2, "make")]
        with pytest.raises(BadUsage, match="Run 2 is part of run 1"):
            prepare(engine, 2)


async def test_an_edited_sub_playbook_is_a_changed_step(bench: Any) -> None:
    bench.write(SUB, "sub")
    says = r"sub does not do what it did in run 1: sub\.yml, or what that uses, differs"
    async with first(bench, ABOVE) as (engine, _):
        bench.write(SUB.replace("message: sub", "message: other"), "sub")
        with pytest.raises(BadUsage, match=says):
            prepare(engine, 1, file="p")
        assert prepare(engine, 1).loaded.parts["playbooks/sub.yml"].text == SUB


async def test_an_edited_playbook_is_run_and_keeps_its_name(bench: Any) -> None:
    async with first(bench, CHAIN) as (engine, _):
        bench.write(CHAIN.replace("core.fail", "core.log").replace("message: no", "message: so"), "fixed")
        again, after = await rerun(bench, engine, file="fixed")
        assert (after.status, after.run.playbook, after.run.file) == ("succeeded", "p", "playbooks/fixed.yml")
        assert again.gone == ()
        assert again.loaded.playbook.name == "p"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("message: one", "message: two", "open does not do what it did in run 1: its `with` differs"),
        ("uses: core.set", "uses: core.set\n    when: run.id > 0", "pick does not do what it did in run 1: its `when`"),
        ("id: pick", "id: chosen", "chosen"),
    ],
)
async def test_a_changed_step_is_not_reused(bench: Any, old: str, new: str, says: str) -> None:
    text = CHAIN.replace("{id: pick, uses: core.set, with:", "id: pick\n    uses: core.set\n    with:")
    text = text.replace('steps.open.output.alertId }}"}}', 'steps.open.output.alertId }}"}')
    async with first(bench, text) as (engine, _):
        edited = text.replace(old, new).replace("steps.pick.", "steps.chosen." if "chosen" in new else "steps.pick.")
        bench.write(edited, "fixed")
        with pytest.raises(BadUsage, match=says):
            prepare(engine, 1, file="fixed", start="gate")
        step = says.split(maxsplit=1)[0]
        assert prepare(engine, 1, file="fixed", start=step).reuse.starts == (step,)


@pytest.mark.parametrize(
    ("run", "start", "says"),
    [
        (9, None, "There is no run 9"),
        (1, "nope", 'p has no step "nope"'),
        (1, "note", "gate comes before note, and in run 1 it did not succeed: it was failed"),
    ],
)
async def test_what_cannot_be_run_again_says_why(bench: Any, run: int, start: str | None, says: str) -> None:
    async with first(bench, CHAIN) as (engine, _):
        with pytest.raises(BadUsage, match=says):
            prepare(engine, run, start=start)


async def test_a_run_that_goes_on_is_not_run_again(bench: Any) -> None:
    bench.write(CHAIN)
    async with bench.engine() as engine:
        bench.queue(engine)
        with pytest.raises(BadUsage, match="Run 1 has not ended: it is queued"):
            prepare(engine, 1)


MASKED = (
    HEAD
    + """
steps:
  - {id: secret, uses: core.set, with: {token: x, name: n}}
  - {id: gate, when: run.id == 1, uses: core.fail, with: {message: no}}
  - {id: note, uses: ops.create_alert, with: {message: "${{ steps.secret.output.token }}"}}
"""
)


async def test_what_held_a_secret_is_not_reused_by_who_reads_it(bench: Any) -> None:
    async with first(bench, MASKED) as (engine, _):
        with engine.database.transaction() as connection:
            connection.execute(
                sql("""UPDATE step SET output = '{"token": "***", "name": "n"}' WHERE path = 'secret'""")
            )
        with pytest.raises(BadUsage, match="note reads what secret gave, which held a secret of a connection"):
            prepare(engine, 1)
        with pytest.raises(BadUsage, match="note reads what secret gave"):
            prepare(engine, 1, start="gate")
        _, after = await rerun(bench, engine, start="secret")
    assert after.status == "succeeded"
    assert [a.message for a in bench.simulator.alerts] == ["x"]


ON_EVENT = (
    HEAD
    + """
on: {event: {from: ops.alerts}}
steps:
  - {id: see, uses: core.set, with: {x: "${{ event.message }}", by: "${{ run.trigger }}"}}
  - {id: gate, when: run.id == 1, uses: core.fail, with: {message: no}}
  - {id: again, uses: core.set, with: {x: "${{ event.message }}", by: "${{ run.trigger }}"}}
output: ${{ [steps.see.output, steps.again.output] }}
"""
)


async def test_the_event_is_the_same_and_so_is_what_started_the_first_run(bench: Any) -> None:
    bench.write(ON_EVENT)
    async with bench.engine() as engine:
        await bench.take(engine, bench.queue(engine, event={"message": "disk"}))
        _, after = await rerun(bench, engine)
    assert after.output == [{"x": "disk", "by": "person"}] * 2


async def test_a_stored_event_is_the_version_that_the_first_run_had(bench: Any) -> None:
    bench.write(ON_EVENT)
    async with bench.engine() as engine:
        loaded = engine.library.playbook("p")

        def arrives(message: str, version: str) -> int:
            with engine.database.transaction() as connection:
                arrival = Arrival("a1", version, {"message": message}, {"message": message})
                store_page(connection, "ops.alerts", [arrival], engine.clock.now())
                row = events.event(connection, "ops.alerts", "a1")
            assert row is not None
            return row.version_id

        event = EventVersion("ops.alerts", "a1", arrives("disk", "1"))
        number = start(engine, loaded, {"kind": "event", "stream": "ops.alerts", "key": "a1"}, {}, event=event)
        await bench.take(engine, number)
        arrives("network", "2")
        _, after = await rerun(bench, engine)
    assert after.output == [{"x": "disk", "by": "event"}] * 2
    assert (after.run.event_stream, after.run.event_key) == ("ops.alerts", "a1")


async def test_while_another_run_has_its_lane_it_does_not_begin(bench: Any) -> None:
    async with first(bench, "concurrency: {key: x}\n" + CHAIN) as (engine, _):
        again = prepare(engine, 1)
        held = begin_again(engine, again, ME)
        with pytest.raises(BadUsage, match=f"Run {held.id} of p with the same concurrency key is under way"):
            begin_again(engine, again, ME)
    assert len(bench.runs()) == 2


ASKED = (
    HEAD
    + """
steps:
  - {id: ask, uses: core.approval, with: {prompt: Well?, timeout: 1h}}
  - {id: gate, when: run.id == 1, uses: core.fail, with: {message: no}}
  - {id: end, uses: core.set, with: {by: "${{ steps.ask.output.by }}"}}
output: ${{ steps.end.output.by }}
"""
)


async def test_what_a_person_decided_is_reused_and_asked_again_only_from_there(bench: Any) -> None:
    bench.write(ASKED)
    async with bench.engine() as engine:
        number = bench.queue(engine)
        await bench.take(engine, number)
        decide(engine, number, "ask", "approved", "ana")
        await bench.take(engine, number)
        _, after = await rerun(bench, engine)
        assert (after.status, after.output) == ("succeeded", "ana")
        _, anew = await rerun(bench, engine, start="ask")
        assert anew.status == "waiting"
        assert [one.run_id for one in open_questions(engine)] == [anew.run.id]
