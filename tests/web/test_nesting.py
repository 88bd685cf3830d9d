"""Steps below their blocks and loops."""

from __future__ import annotations

import pytest

from playbooks_engine.store.journal import StepRow
from playbooks_engine.web.nesting import first_bad, nested, parent_of


def row(path: str, status: str = "succeeded", item: int | None = None, inputs: object = None) -> StepRow:
    name = path.rpartition("/")[2].partition("[")[0]
    return StepRow(run_id=1, path=path, step_id=name, status=status, item=item, inputs=inputs)


@pytest.mark.parametrize(
    ("path", "parent"), [("a", None), ("a/b", "a"), ("a[0]", "a"), ("a[0]/b", "a[0]"), ("a[0]/b[12]", "a[0]/b")]
)
def test_what_a_step_is_in(path: str, parent: str | None) -> None:
    assert parent_of(path) == parent


def test_items_of_a_parallel_loop_come_in_order_with_their_steps() -> None:
    loop = row("each", inputs={"items": [{"message": "disk"}, "two"]})
    mixed = [row("a"), loop, row("each[1]", item=1), row("each[0]", item=0), row("each[1]/x"), row("each[0]/x"),
             row("b"), row("each[0]/y")]  # fmt: skip
    told = nested(mixed)
    assert [(one.row.path, one.depth) for one in told] == [
        ("a", 0), ("each", 0), ("each[0]", 1), ("each[0]/x", 2), ("each[0]/y", 2), ("each[1]", 1), ("each[1]/x", 2),
        ("b", 0),
    ]  # fmt: skip
    assert told[1].items == 2
    assert told[3].within == ("each 0",)
    assert [told[2].about, told[5].about] == ["disk", "two"]


def test_a_step_whose_block_is_missing_is_not_lost() -> None:
    told = nested([row("gone/inner"), row("a/gone[3]/x"), row("a")])
    assert [(one.row.path, one.depth) for one in told] == [("gone/inner", 0), ("a", 0), ("a/gone[3]/x", 1)]


def test_a_thousand_levels_are_no_trouble() -> None:
    path, rows = "s", [row("s")]
    for _ in range(1500):
        path += "/s"
        rows.append(row(path))
    assert nested(rows)[-1].depth == 1500


def test_the_step_that_failed_is_the_innermost_of_the_first_failed_branch() -> None:
    rows = [row("a"), row("each", "failed"), row("each[0]", item=0), row("each[0]/x"), row("each[1]", "failed", 1),
            row("each[1]/x", "timed_out"), row("each[2]", "failed", 2)]  # fmt: skip
    told = nested(rows)
    found = first_bad(told)
    assert found is not None
    assert told[found].row.path == "each[1]/x"
    assert first_bad(nested([row("a")])) is None
