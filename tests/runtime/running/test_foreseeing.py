"""What a plan assumes, and how the changes of several ways become one list."""

from __future__ import annotations

from playbooks_engine.runtime.running.foreseeing import Foresight, PlannedWrite, Shared, merged
from playbooks_engine.sdk import Request


def write(name: str, *only_if: str) -> PlannedWrite:
    return PlannedWrite(name, name, "ops.add_note", Request("POST", f"/{name}"), only_if=only_if)


def test_what_nobody_chose_is_taken_to_hold_and_its_other_way_comes_later() -> None:
    way = Foresight({}, Shared())
    assert way.assume("a", "x")
    assert way.assume("b", "y")
    assert way.conditions == ("x", "y")
    assert list(way.other_ways()) == [{"a": False}, {"a": True, "b": False}]


def test_what_was_chosen_stays_chosen() -> None:
    way = Foresight({"a": False}, Shared())
    assert not way.assume("a", "x")
    assert way.assume("c", "z")
    assert way.conditions == ("not (x)", "z")
    assert list(way.other_ways()) == [{"a": False, "c": False}]


def test_the_places_of_a_sub_playbook_are_its_own() -> None:
    way = Foresight({"call > a": False}, Shared())
    assert way.assume("a", "x")
    assert not way.inside("call").assume("a", "x")
    way.inside("call").note("a", "is not known")
    assert list(way.shared.notes) == ["call > a: is not known"]


def test_a_change_of_one_way_stands_where_a_run_would_come_to_it() -> None:
    first = [write("a"), write("c", "x"), write("d", "x")]
    second = [write("a"), write("b", "not (x)"), write("d", "not (x)")]
    assert [(one.step, one.only_if) for one in merged([first, second])] == [
        ("a", ()), ("c", ("x",)), ("b", ("not (x)",)), ("d", ()),
    ]  # fmt: skip


def test_a_planned_change_is_shown_with_its_request_and_the_source_of_what_is_not_known() -> None:
    request = Request("POST", "/y/%3Csteps.make.output.id%3E", (("q", "1"),), {"b": 2})
    planned = PlannedWrite("a", "block/a", "ops.x", request, ("id",), ("x == 1",))
    assert planned.as_json() == {
        "step": "a", "command": "ops.x", "method": "POST", "path": "/y/<steps.make.output.id>?q=1", "body": {"b": 2},
        "unknown": ["id"], "only_if": ["x == 1"],
    }  # fmt: skip
