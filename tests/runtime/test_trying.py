"""Expressions tried on what is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks_engine.runtime.trying import Tried, attempt, stored_roots

NOW = datetime(2026, 5, 1, 10, 12, tzinfo=UTC)
EVENT = {"priority": "P1", "acknowledged": False, "tags": ["a", "b"], "count": 3, "message": "Disk is full"}


def tried(text: str, **roots: Any) -> Tried:
    return attempt(text, {"event": EVENT, **roots}, lambda: NOW)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("event.count + 1", 4),
        ("  event.tags ", ["a", "b"]),
        ("${{ event.tags }}", ["a", "b"]),
        (" ${{ event.count }} ", 3),
        ("${{ event.priority }}: ${{ event.message }}", "P1: Disk is full"),
        ("${{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("'${{ not an expression }}' ~ event.count", "${{ not an expression }}3"),
        ("ago('10m')", NOW - timedelta(minutes=10)),
        ("vars.team | default('none')", "none"),
        ("vars is defined", False),
    ],
)
def test_it_is_taken_bare_in_delimiters_or_within_text(text: str, value: Any) -> None:
    found = tried(text)
    assert found.error is None
    assert found.value == value


def test_each_part_that_was_read_is_told_in_order() -> None:
    found = tried("event.priority == 'P1' and event.tags | length > 2 and event.count > 1")
    assert found.value is False
    assert found.saw == [("event.priority", "P1"), ("event.tags | length", 2)]


def test_an_error_comes_with_its_place_and_with_what_was_seen_before_it() -> None:
    found = tried("event.count > 2 and event.aknowledged")
    assert found.error is not None
    assert (found.error.offset, found.error.length) == (26, 11)
    assert "Did you mean 'acknowledged'?" in found.error.message
    assert found.saw == [("event.count", 3)]


def test_the_place_of_an_error_counts_from_the_beginning_of_the_text() -> None:
    for text in ("event.x", "${{ event.x }}", "is ${{ event.count }}, ${{ event.x }}"):
        error = tried(text).error
        assert error is not None
        assert text[error.offset : error.offset + error.length] == "x"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("steps.find.output", "name a run with --run ID"),
        ("item.id", "it is there inside a loop"),
        ("error.message", "name a run that failed"),
        ("evnt.id", "did you mean event?"),
        ("secrets.key", "the names are: inputs, vars, event"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_way_to_it(text: str, hint: str) -> None:
    error = tried(text).error
    assert error is not None
    assert error.message == f"there is no `{text.partition('.')[0]}` here"
    assert hint in (error.hint or "")


def test_what_is_legal_and_probably_not_meant_is_told() -> None:
    assert tried("event.tags | json_query('[?a==\"b\"]')").doubts


LOOPING = """
connections: {ops: opsgenie}
inputs: {names: {type: list, default: [one, two]}}
vars: {first: "${{ inputs.names[0] }}"}
steps:
  - {id: list, uses: core.set, with: {names: "${{ inputs.names }}", since: "${{ now() }}"}}
  - id: each
    for_each: ${{ steps.list.output.names }}
    uses: core.set
    with: {name: "${{ item }}"}
  - id: none
    for_each: []
    uses: core.set
  - id: blocks
    for_each: ${{ inputs.names }}
    steps:
      - {id: inner, uses: core.set, with: {a: 1}}
  - {id: left_out, when: inputs.names | length > 5, uses: core.set, with: {a: 1}}
  - id: together
    parallel:
      one: [{id: here, uses: core.set, with: {items: [1]}}]
  - {id: last, uses: ops.close_alert, with: {identifier: nobody}}
output: {a: 1}
"""


async def test_a_run_is_seen_as_it_ended(bench: Any) -> None:
    ended = await bench.run(LOOPING, event={"id": "a1", "priority": "P2"})
    assert ended.status == "failed"
    async with bench.engine() as engine:
        roots = stored_roots(engine, ended.run)

        def value(text: str) -> Any:
            found = attempt(text, roots, engine.clock.now)
            assert found.error is None, found.error
            return found.value

        assert value("inputs.names") == ["one", "two"]
        assert value("vars.first") == "one"
        assert value("event.priority") == "P2"
        assert value("run.status") == "failed"
        assert value("run.id") == ended.run.id
        assert value("error.step") == "last"
        assert value("steps.list.output.since") == ended.step("list").output["since"]
        assert value("steps.each.output") == [{"name": "one"}, {"name": "two"}]
        assert value("steps.each.results | map(attribute='status') | list") == ["succeeded", "succeeded"]
        assert value("steps.none.results") == []
        assert value("steps.blocks.results | length") == 2
        assert value("steps.left_out.status") == "skipped"
        assert value("steps.left_out.output is defined") is False
        assert value("steps.here.output.items") == [1]
        assert value("steps.here.results is defined") is False
        assert value("steps.last.status") == "failed"
        inside = attempt("steps.inner", roots, engine.clock.now).error
        assert inside is not None
        assert "no key 'inner'" in inside.message


async def test_a_run_is_seen_with_the_text_it_began_with(bench: Any, playbook: Callable[[str], str]) -> None:
    text = "vars: {team: red}\nsteps:\n  - {id: a, uses: core.log, with: {message: '${{ vars.team }}'}}\n"
    ended = await bench.run(text)
    bench.write(text.replace("red", "blue"))
    async with bench.engine() as engine:
        assert attempt("vars.team", stored_roots(engine, ended.run), engine.clock.now).value == "red"


async def test_what_was_masked_stays_masked(bench: Any, opsgenie: Any) -> None:
    steps = "connections: {ops: opsgenie}\nsteps:\n  - {id: a, uses: ops.get_schedules}\n"
    leak = "  - {id: b, uses: core.set, with: {note: 'the key is KEY'}}\n"
    ended = await bench.run(steps + leak.replace("KEY", opsgenie.key))
    assert ended.status == "succeeded"
    async with bench.engine() as engine:
        found = attempt("steps.b.output.note", stored_roots(engine, ended.run), engine.clock.now)
    assert found.value.startswith("the key is ")
    assert opsgenie.key not in found.value
