"""What the expressions of one place can see."""

from datetime import timedelta
from typing import Any

import pytest

from playbooks_engine.runtime.running.frame import Frame, record_of, result_of, short
from playbooks_engine.store.journal import StepRow
from playbooks_engine.testing.clock import START


def row(status: str = "succeeded", **values: Any) -> StepRow:
    times = {"started_at": START, "ended_at": START + timedelta(seconds=2)}
    return StepRow(**{"run_id": 1, "path": "a", "step_id": "a", "status": status, **times, **values})


def frame() -> Frame:
    return Frame({"inputs": {"x": 1}}, lambda: START)


@pytest.mark.parametrize("status", ["failed", "skipped", "timed_out", "cancelled"])
def test_a_step_without_an_output_has_no_such_key(status: str) -> None:
    assert "output" not in record_of(row(status))
    assert record_of(row(status))["status"] == status


@pytest.mark.parametrize("status", ["succeeded", "reused"])
def test_a_step_that_gave_something_shows_it(status: str) -> None:
    seen = record_of(row(status, output=None, raw=[1], attempts=2))
    assert (seen["output"], seen["raw"], seen["attempts"], seen["duration"]) == (None, [1], 2, 2.0)


def test_a_loop_shows_its_results_whatever_became_of_it() -> None:
    assert record_of(row("failed", output=[None]), [{"status": "failed"}])["results"] == [{"status": "failed"}]


def test_a_step_recorded_in_a_loop_is_not_seen_outside() -> None:
    outer = frame()
    outer.record(row())
    inner = outer.inside_loop("item", "thing", 1, 3)
    inner.record(row(step_id="b"))
    assert set(inner.steps) == {"a", "b"}
    assert set(outer.steps) == {"a"}
    assert inner.scope.roots["item"] == "thing"
    assert inner.scope.roots["loop"] == {"index": 1, "first": False, "last": False, "length": 3}


def test_error_is_seen_only_where_it_is_put_and_steps_are_shared_there() -> None:
    outer = frame()
    after = outer.with_error({"step": "a"})
    after.record(row())
    assert after.scope.roots["error"] == {"step": "a"}
    assert "error" not in outer.scope.roots
    assert set(outer.steps) == {"a"}


def test_an_item_that_was_never_begun_was_skipped() -> None:
    assert result_of(None)["status"] == "skipped"
    assert result_of(row(output=5))["output"] == 5


def test_a_value_beside_a_condition_is_kept_short() -> None:
    assert short([1, "x"]) == [1, "x"]
    assert len(short("x" * 5_000)) <= 501
    assert short([{"id": "a", "seen": False}] * 50).startswith('[{"id": "a", "seen": false}, {')


def test_what_a_plan_did_not_do_is_taken_to_succeed_and_gives_nothing() -> None:
    seen = record_of(row("planned"))
    assert (seen["status"], seen["planned"]) == ("succeeded", True)
    assert "output" not in seen
