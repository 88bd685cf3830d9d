"""What the expressions of one place in a run can see."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from playbooks_engine.language.expressions import Scope
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.journal import StepRow

GOOD = {"succeeded", "reused", "planned", "skipped"}
"""The states of a step that did not fail."""


class Frame:
    """The roots at one place: what all of the run shares, the steps visible here, and loop item or error."""

    def __init__(
        self,
        shared: Mapping[str, Any],
        now: Callable[[], datetime],
        steps: dict[str, Any] | None = None,
        local: Mapping[str, Any] | None = None,
    ) -> None:
        self._shared = shared
        self._now = now
        self._local = dict(local or {})
        self.steps: dict[str, Any] = steps if steps is not None else {}
        self.scope = Scope({**shared, "steps": self.steps, **self._local}, now)

    def inside_loop(self, name: str, item: Any, index: int, length: int) -> Frame:
        """The frame of one item: sees everything out here, and keeps its own steps to itself."""
        loop = {"index": index, "first": index == 0, "last": index == length - 1, "length": length}
        return Frame(self._shared, self._now, dict(self.steps), {**self._local, name: item, "loop": loop})

    def branch(self) -> Frame:
        """The frame of one branch: sees everything before it, and nothing of its siblings."""
        return Frame(self._shared, self._now, dict(self.steps), self._local)

    def with_output(self, output: Any) -> Frame:
        """The same place in `until`, where `output` is what the call just gave."""
        return Frame(self._shared, self._now, self.steps, {**self._local, "output": output})

    def with_error(self, error: Mapping[str, Any] | None) -> Frame:
        """The same place in `on_error` and `always`, where `error` can be seen."""
        return Frame(self._shared, self._now, self.steps, {**self._local, "error": error})

    def record(self, row: StepRow, results: list[dict[str, Any]] | None = None) -> None:
        """Make a finished step visible under its id."""
        self.steps[row.step_id] = record_of(row, results)


def record_of(row: StepRow, results: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A step as expressions see it. A step without an output has no such key, so that reading it is an error.

    What a plan did not do is taken to succeed; `planned` tells it from what did.
    """
    planned = row.status == "planned"
    seen: dict[str, Any] = {
        "status": "succeeded" if planned else row.status,
        "error": row.error,
        "attempts": row.attempts,
        "started_at": row.started_at,
        "duration": duration_of(row),
    }
    if row.status in {"succeeded", "reused"} or (results is not None and not planned):
        seen |= {"output": row.output, "raw": row.raw}
    if results is not None:
        seen["results"] = results
    if planned:
        seen["planned"] = True
    return seen


def duration_of(row: StepRow) -> float | None:
    """Seconds from a step's start to its end."""
    if row.started_at is None or row.ended_at is None:
        return None
    return (row.ended_at - row.started_at).total_seconds()


def result_of(row: StepRow | None) -> dict[str, Any]:
    """One item of a loop, as `results` shows it; an item that was never begun was skipped."""
    if row is None:
        return {"status": "skipped", "output": None, "error": None, "attempts": 0, "duration": None}
    return {
        "status": "succeeded" if row.status == "planned" else row.status,
        "output": row.output,
        "error": row.error,
        "attempts": row.attempts,
        "duration": duration_of(row),
    }


def short(value: Any) -> Any:
    """A value small enough to keep beside a condition: itself, or the beginning of its JSON."""
    plain = as_json(value)
    text = json.dumps(plain, ensure_ascii=False)
    return plain if len(text) <= 500 else f"{text[:500]}…"
