"""The steps of a run as they end."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks_engine.cli.printing import Output
from playbooks_engine.cli.progress import ITEMS, conditions, progress, told
from playbooks_engine.store.journal import StepRow

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def _row(path: str, status: str = "succeeded", **values: Any) -> StepRow:
    ended = NOW + timedelta(seconds=0.5)
    item = int(path.rpartition("[")[2][:-1]) if path.endswith("]") else None
    return StepRow(
        run_id=1, path=path, step_id=path, item=item, status=status, started_at=NOW, ended_at=ended, **values
    )  # fmt: skip


def _shown(*rows: StepRow) -> list[str]:
    err = io.StringIO()
    with progress(Output(stderr=err)) as follow:
        for row in rows:
            follow(row)
    return [" ".join(line.split()) for line in err.getvalue().splitlines()]


def test_each_step_that_ended_gets_one_line() -> None:
    first = _row("a", attempts=3, output=[1, 2])
    assert _shown(_row("a", "running"), first, first) == ["✓ a succeeded 0.50 s, 3 attempts, 2 items"]


def test_a_failure_is_told_below_its_step() -> None:
    error = {"indicator": "Get X failed.", "status_code": 404, "message": "none", "hint": "Look."}
    assert _shown(_row("a", "failed", error=error)) == [
        "✗ a failed 0.50 s",
        "Get X failed. Status Code: 404. Message: none. Look.",
    ]


def test_a_skipped_step_says_what_its_condition_saw() -> None:
    assert _shown(_row("a", "skipped", conditions=[["x.y", None], ["n", 2]])) == [
        "- a skipped because x.y is null, n is 2"
    ]


def test_items_of_a_loop_over_a_block_are_not_told_twice() -> None:
    rows = [_row("each[0]/a"), _row("each[0]"), _row("each[1]/a", "failed"), _row("each[1]", "failed")]
    assert [line.split()[1] for line in _shown(*rows)] == ["each[0]/a", "each[1]/a", "each[1]"]


def test_of_very_many_items_only_failures_are_told() -> None:
    rows = [_row(f"each[{number}]", "failed" if number == ITEMS + 5 else "succeeded") for number in range(ITEMS + 10)]
    shown = _shown(*rows)
    assert len(shown) == ITEMS + 2
    assert shown[-2:] == ["… further items are shown only if they fail", f"✗ each[{ITEMS + 5}] failed 0.50 s"]


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (None, ""),
        ([], ""),
        ([["a", True], ["b", 1], ["c", "text"]], "  because a is true, b is 1, c is text"),
        ([["a", [1]], ["b", {"c": 1}]], '  because a is [1], b is {"c": 1}'),
    ],
)
def test_what_a_condition_saw_is_told_as_json_would(seen: Any, text: str) -> None:
    assert conditions(seen) == text


def test_an_error_without_status_is_only_its_message() -> None:
    assert told({"message": "gone", "hint": None}) == "gone."
    assert told({"message": "Key format is not valid!", "hint": None}) == "Key format is not valid!"


def test_a_step_that_waits_is_told_once_and_again_when_it_has_ended() -> None:
    waits = _row("ask", "waiting")
    assert [line.split()[:3] for line in _shown(waits, waits, _row("ask"))] == [
        ["⏸", "ask", "waiting"], ["✓", "ask", "succeeded"],
    ]  # fmt: skip
