"""Loops: the items in turn, and what they come to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from playbooks_engine.errors import ExpressionError, InvalidInput, UnexpectedAnswer
from playbooks_engine.language.expressions import Value
from playbooks_engine.language.playbook import Call, Step
from playbooks_engine.runtime.running.branching import in_turn
from playbooks_engine.runtime.running.commands import Means
from playbooks_engine.runtime.running.failing import StepFailed, as_failure, seen_error, uses_of
from playbooks_engine.runtime.running.foreseeing import hangs_on_planned
from playbooks_engine.runtime.running.frame import GOOD, Frame, result_of
from playbooks_engine.runtime.running.items import items_of
from playbooks_engine.runtime.running.results import fitting
from playbooks_engine.runtime.running.rows import Rows
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.journal import StepRow

Once = Callable[[Step, Frame, str, int], Awaitable[StepRow]]
"""Goes through one item: its row when it is over. Raises StepFailed for a block that failed."""


class Loops:
    """The loops of one run."""

    def __init__(self, rows: Rows, means: Means) -> None:
        self._rows = rows
        self._notebook = means.notebook
        self._halt = means.halt
        self._plan = means.plan

    async def run(self, step: Step, for_each: Value, frame: Frame, path: str, once: Once) -> None:
        """All items, `max_parallel` at a time; raises StepFailed when all were gone through and one failed."""
        known = self._rows.get(path)
        began = self._rows.began(path)
        items = self._items(step, for_each, frame, path, known)
        # The items are kept, so that after a crash item 3 is still the same item.
        kept = None if isinstance(items, ExpressionError) else {"items": as_json(items)}
        whole = known or self._rows.new(step, path, None, "running", inputs=kept, started_at=began)
        if isinstance(items, ExpressionError):
            error = as_failure(items, "").as_json()
            self._rows.cut_off(path, error, itself=False)
            frame.record(self._rows.end(whole, "failed", error=error))
            raise StepFailed(seen_error(step.id, "", error))
        rows: list[StepRow | None] = [None] * len(items)

        async def one(index: int) -> bool:
            inner = frame.inside_loop(step.item_name, items[index], index, len(items))
            place = f"{path}[{index}]"
            if place not in self._rows:
                self._halt.check()
            try:
                row = await once(step, inner, place, index)
            except StepFailed as failed:
                if place not in self._rows:  # the run has done all the steps it may: no further item begins
                    rows[index] = self._rows.draft(step, place, index, "failed", error=failed.error)
                    return False
                row = self._rows[place]
            rows[index] = row
            return row.status in GOOD or not step.fail_fast

        await in_turn(len(items), step.max_parallel, one, self._halt.vigil)
        self._ended(step, frame, whole, rows)

    def _items(
        self, step: Step, for_each: Value, frame: Frame, path: str, known: StepRow | None
    ) -> list[Any] | ExpressionError:
        try:
            return items_of(for_each, frame, self._notebook, known)
        except ExpressionError as error:
            if self._plan and hangs_on_planned(for_each.references, frame.steps):
                inside = sorted({uses_of(one) for one in step.with_descendants()} - {""})
                self._plan.note(path, f"its items are not known before; for each of them it does {', '.join(inside)}")
                return []
            return error

    def so_far(self, step: Step, row: StepRow) -> tuple[list[Any] | None, list[dict[str, Any]] | None]:
        """The output and results of a loop that something around it ended; nothing where it had no items yet."""
        if step.for_each is None or not row.inputs:
            return None, None
        rows = [self._rows.get(f"{row.path}[{index}]") for index in range(len(row.inputs["items"]))]
        output, results = _come_to(step, rows)
        with suppress(UnexpectedAnswer):
            return fitting(output), results
        return None, results

    def _ended(self, step: Step, frame: Frame, row: StepRow, rows: list[StepRow | None]) -> None:
        output, results = _come_to(step, rows)
        failed = [index for index, one in enumerate(rows) if one is not None and one.status not in GOOD]
        error = None
        try:
            fitting(output)
        except UnexpectedAnswer as large:
            hint = "All items were gone through, and each has its own output. Loop over fewer, or keep less of each."
            output, error = None, {**large.as_json(), "hint": hint}
        if failed:
            first = results[failed[0]]["error"] or InvalidInput("The item failed.").as_json()
            many = f"{len(failed)} of {len(rows)} items failed; item {failed[0]}: " if len(rows) > 1 else ""
            error = {**first, "message": f"{many}{first['message']}"}
        planned = any(one is not None and one.status == "planned" for one in rows)
        status = "failed" if error else "planned" if planned else "succeeded"
        row = self._rows.end(row, status, output=output, error=error)
        frame.record(row, results)
        if error is not None:
            raise StepFailed(seen_error(error.get("step") or step.id, error.get("command") or uses_of(step), error))


def _come_to(step: Step, rows: Sequence[StepRow | None]) -> tuple[list[Any] | None, list[dict[str, Any]]]:
    """What a loop gives, aligned with its items, and the record of each; a loop over a block gives nothing itself."""
    results = [result_of(one) for one in rows]
    if not isinstance(step, Call):
        return None, results
    return [one.output if one is not None and one.status in GOOD else None for one in rows], results
