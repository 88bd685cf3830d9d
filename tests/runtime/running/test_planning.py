"""A plan reads for real, changes nothing, and lists the changes of every way through a playbook."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from written import HEAD

PART = (
    HEAD
    + """
inputs:
  n: {type: integer}
  more: {type: list, default: []}
steps:
  - id: inner
    uses: ops.create_alert
    with: {message: "number ${{ inputs.n }}"}
output: {id: "${{ steps.inner.output.alertId }}", n: "${{ inputs.n + 1 }}"}
"""
)

LONG = (
    HEAD
    + """
inputs: {go: {type: boolean, default: true}}
steps:
  - {id: read, uses: ops.get_schedules}
  - id: create
    uses: ops.create_alert
    with: {message: "there are ${{ steps.read.output | length }}"}
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ steps.create.output.alertId }}", note: x}
  - id: close
    when: steps.create.output.alertId != ''
    uses: ops.close_alert
    with: {identifier: fixed}
  - id: each
    for_each: ${{ steps.create.output.things }}
    uses: ops.close_alert
    with: {identifier: "${{ item }}"}
  - id: sub
    uses: ./part.yml
    with: {n: 1}
  - id: plain
    when: inputs.go
    uses: core.set
    with: {x: "${{ steps.sub.output.n }}"}
always:
  - id: last
    uses: ops.acknowledge_alert
    with: {identifier: fixed}
output: ${{ steps.create.output.alertId }}
"""
)


async def test_a_plan_reads_for_real_and_lists_the_writes_without_sending_any(bench: Any) -> None:
    bench.write(PART, "part")
    planned = await bench.plan(LONG)
    assert planned.ended.error is None
    assert bench.writes == []
    assert [e.path for e in bench.simulator.ledger] == ["/v2/schedules"]
    assert bench.applied == []
    assert [(w.step, w.request.method) for w in planned.writes] == [
        ("create", "POST"), ("note", "POST"), ("close", "POST"), ("inner", "POST"), ("last", "POST"),
    ]  # fmt: skip
    schedules = len(bench.simulator.state.schedules)
    assert planned.writes[0].as_json()["body"]["message"] == f"there are {schedules}"
    assert planned.writes[2].as_json()["path"].startswith("/v2/alerts/fixed/close")
    statuses = {row.path: row.status for row in planned.steps}
    assert statuses["read"] == "succeeded"
    assert statuses["create"] == statuses["note"] == statuses["close"] == "planned"


async def test_a_plan_leaves_no_run_and_no_intent_but_its_audit(bench: Any) -> None:
    bench.write(PART, "part")
    await bench.plan(LONG)
    assert bench.runs() == []
    with bench.store() as database, database.reading() as cx:
        assert cx.exec_driver_sql("select count(*) from intent").scalar() == 0
        assert cx.exec_driver_sql("select count(*) from step").scalar() == 0
    assert sorted(row.decision for row in bench.audit()) == ["allowed", *["planned"] * 5]
    assert all(row.requests in (None, 0) for row in bench.audit() if row.decision == "planned")


async def test_a_plan_of_what_is_not_allowed_says_so(bench: Any) -> None:
    project = bench.folder / "project.yml"
    project.write_text(project.read_text().replace("alerts: full", "alerts: read"))
    planned = await bench.plan(HEAD + "steps: [{id: a, uses: ops.create_alert, with: {message: x}}]\n")
    assert planned.ended.error["type"] == "not_allowed"
    assert planned.writes == []


async def test_a_failing_read_fails_the_plan(bench: Any) -> None:
    planned = await bench.plan(HEAD + "steps: [{id: a, uses: ops.get_alert, with: {identifier: nothing}}]\n")
    assert (planned.ended.status, planned.ended.error["type"]) == ("failed", "not_found")


# ways

BOTH = (
    HEAD
    + """
steps:
  - {id: make, uses: ops.create_alert, with: {message: made}}
  - id: decide
    when: steps.make.output.alertId == 'x'
    uses: ops.create_alert
    with: {message: yes it is}
    else:
      - {id: other, uses: ops.create_alert, with: {message: no it is not}}
  - {id: last, uses: ops.create_alert, with: {message: last}}
"""
)


def told(planned: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(write.step, write.only_if) for write in planned.writes]


async def test_both_ways_of_a_condition_that_hangs_on_a_change_are_followed(bench: Any) -> None:
    planned = await bench.plan(BOTH)
    assert planned.ways == 2
    condition = "steps.make.output.alertId == 'x'"
    assert told(planned) == [
        ("make", ()), ("decide", (condition,)), ("other", (f"not ({condition})",)), ("last", ()),
    ]  # fmt: skip
    assert bench.writes == []


async def test_what_is_read_on_two_ways_is_read_once(bench: Any) -> None:
    await bench.plan(BOTH.replace("  - {id: last,", "  - {id: read, uses: ops.list_alerts}\n  - {id: last,"))
    assert [entry.path for entry in bench.simulator.ledger] == ["/v2/alerts"]


async def test_a_condition_that_stands_twice_is_decided_once(bench: Any) -> None:
    condition = "steps.make.output.alertId == 'x'"
    again = f"  - {{id: again, when: {condition}, uses: ops.create_alert, with: {{message: again}}}}\n"
    planned = await bench.plan(BOTH + again)
    assert planned.ways == 2
    assert ("again", (condition,)) in told(planned)


async def test_it_is_the_same_moment_on_all_ways(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    began = bench.clock.now()
    moments = iter(began + timedelta(seconds=n) for n in range(10_000))
    monkeypatch.setattr(bench.clock, "now", lambda: next(moments))
    text = BOTH.replace("message: last", 'message: "it is ${{ now() }} after ${{ vars.began }}"')
    planned = await bench.plan(text + "vars: {began: '${{ now() }}'}\n")
    assert planned.ways == 2
    assert [step for step, _ in told(planned)] == ["make", "decide", "other", "last"]


async def test_a_change_hangs_on_what_all_its_ways_have_in_common(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - {id: make, uses: ops.create_alert, with: {message: made}}
  - {id: a, when: steps.make.output.alertId == 'a', uses: ops.create_alert, with: {message: a}}
  - {id: b, when: steps.make.output.alertId == 'b', uses: ops.create_alert, with: {message: b}}
"""
    )
    planned = await bench.plan(text)
    assert planned.ways == 4
    assert told(planned) == [
        ("make", ()), ("a", ("steps.make.output.alertId == 'a'",)), ("b", ("steps.make.output.alertId == 'b'",)),
    ]  # fmt: skip


async def test_more_ways_than_can_be_followed_are_said_to_be_more(bench: Any) -> None:
    steps = [f"{{id: s{n}, when: steps.make.output.alertId == '{n}', uses: core.set}}" for n in range(7)]
    text = HEAD + f"steps: [{{id: make, uses: ops.create_alert, with: {{message: m}}}}, {', '.join(steps)}]\n"
    planned = await bench.plan(text)
    assert planned.ways == 64
    assert planned.assumed == ("there are more than 64 ways through it; the changes of the others are not listed",)


async def test_a_change_whose_inputs_come_of_another_one_is_listed_with_their_source(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - {id: make, uses: ops.create_alert, with: {message: made}}
  - {id: note, uses: ops.add_note, with: {identifier: "${{ steps.make.output.alertId }}", note: hello}}
  - {id: read, uses: ops.get_alert, with: {identifier: "${{ steps.make.output.alertId }}"}}
  - {id: again, uses: ops.add_note, with: {identifier: fixed, note: "it is ${{ steps.read.output.message }}"}}
"""
    )
    planned = await bench.plan(text)
    assert planned.ended.status == "succeeded"
    [_, note, again] = [write.as_json() for write in planned.writes]
    assert note["path"].startswith("/v2/alerts/<steps.make.output.alertId>/notes")
    assert (note["body"], note["unknown"]) == ({"note": "hello"}, ["identifier"])
    assert again["body"]["note"] == "<steps.read.output.message>"
    assert planned.assumed == ("read: cannot be read before identifier is known",)
    assert bench.simulator.ledger == []


async def test_a_change_whose_form_hangs_on_another_one_is_listed_with_what_is_known(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - {id: make, uses: ops.create_alert, with: {message: made}}
  - {id: next, uses: ops.create_alert, with: {message: next, priority: "${{ steps.make.output.priority }}"}}
"""
    )
    planned = await bench.plan(text)
    told = planned.writes[1].as_json()
    assert (told["method"], told["body"], told["unknown"]) == ("POST", {"message": "next"}, ["priority"])


async def test_a_loop_whose_items_are_not_known_says_what_it_does_for_each(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - {id: make, uses: ops.create_alert, with: {message: made}}
  - id: each
    for_each: ${{ steps.make.output.tags }}
    steps: [{id: note, uses: ops.add_note, with: {identifier: a, note: "${{ item }}"}}]
"""
    )
    planned = await bench.plan(text)
    assert planned.assumed == ("each: its items are not known before; for each of them it does ops.add_note",)


async def test_a_way_that_fails_is_told(bench: Any) -> None:
    planned = await bench.plan(BOTH.replace(
        "{id: other, uses: ops.create_alert, with: {message: no it is not}}",
        "{id: other, uses: core.fail, with: {message: not today}}",
    ))  # fmt: skip
    assert planned.ended.status == "succeeded"
    assert planned.assumed == ("if not (steps.make.output.alertId == 'x'), it fails: not today",)


async def test_the_ways_go_through_sub_playbooks_too(bench: Any) -> None:
    inner = BOTH.replace("\nsteps:", "\nname: inner\nsteps:")
    bench.write(inner, "inner")
    planned = await bench.plan("name: p\nsteps: [{id: call, uses: ./inner.yml}]\n")
    assert planned.ways == 2
    assert [write.path for write in planned.writes] == ["call > make", "call > decide", "call > other", "call > last"]


async def test_a_question_is_planned_as_asked_and_both_decisions_are_followed(bench: Any) -> None:
    text = (
        (
            HEAD
            + """
steps:
  - {id: ask, uses: core.approval, with: {prompt: Well?, timeout: 1h}}
  - {id: yes, when: steps.ask.output.decision == 'approved', uses: ops.create_alert, with: {message: yes}}
"""
        )
        .replace("id: yes", "id: agreed")
        .replace("message: yes", "message: agreed")
    )
    planned = await bench.plan(text)
    assert told(planned) == [("agreed", ("steps.ask.output.decision == 'approved'",))]
    assert planned.assumed == ("ask: a run asks a person here, and waits up to 1h",)


async def test_what_is_planned_is_taken_to_succeed(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - {id: make, uses: ops.create_alert, with: {message: made}}
  - {id: then, when: steps.make.status == 'succeeded', uses: ops.create_alert, with: {message: then}}
"""
    )
    planned = await bench.plan(text)
    assert (planned.ways, told(planned)) == (1, [("make", ()), ("then", ())])


async def test_a_default_is_not_taken_for_what_a_change_will_give(bench: Any) -> None:
    text = (
        HEAD
        + """
steps:
  - {id: make, uses: ops.create_alert, with: {message: made}}
  - id: then
    when: steps.make.output.alertId | default('none') == 'none'
    uses: ops.create_alert
    with: {message: "made ${{ steps.make.output.alertId | default('none') }}"}
output: ${{ steps.make.output.alertId | default('none') }}
"""
    )
    planned = await bench.plan(text)
    assert planned.ways == 2
    assert planned.writes[1].as_json()["body"]["message"] == "<steps.make.output.alertId>"


async def test_what_a_person_tells_a_sub_playbook_is_not_known_either(bench: Any) -> None:
    ask = "{id: ask, uses: core.approval, with: {prompt: Well?, timeout: 1h}}"
    bench.write(f"name: inner\nsteps: [{ask}]\noutput: ${{{{ steps.ask.output.decision }}}}\n", "inner")
    planned = await bench.plan(
        HEAD
        + """
steps:
  - {id: call, uses: ./inner.yml}
  - id: agreed
    when: steps.call.output == 'approved'
    uses: ops.create_alert
    with: {message: one}
    else: [{id: refused, uses: ops.create_alert, with: {message: other}}]
"""
    )
    assert [write.step for write in planned.writes] == ["agreed", "refused"]


async def test_what_the_changes_of_a_loop_will_give_is_not_known(bench: Any) -> None:
    planned = await bench.plan(
        HEAD
        + """
steps:
  - {id: each, for_each: [a, b], uses: ops.create_alert, with: {message: "${{ item }}"}}
  - id: hangs
    when: steps.each.output[0].alertId == 'x'
    uses: ops.create_alert
    with: {message: "${{ steps.each.output[1].alertId }}"}
    else: [{id: other, uses: ops.create_alert, with: {message: three}}]
"""
    )
    assert planned.ways == 2
    assert [write.step for write in planned.writes] == ["each", "each", "hangs", "other"]


async def test_two_steps_that_ask_for_the_same_are_two_changes_with_keys_of_their_own(bench: Any) -> None:
    steps = ", ".join(f"{{id: {name}, uses: ops.create_alert, with: {{message: same}}}}" for name in ("a", "b"))
    planned = await bench.plan(HEAD + f"steps: [{steps}]\n")
    keys = [write.as_json()["body"]["alias"].rpartition("/")[2] for write in planned.writes]
    assert keys == ["a", "b"]
