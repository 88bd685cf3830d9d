"""The steps of a run as they end, on stderr."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playbooks_engine.cli.wording import number, one_line, seconds

if TYPE_CHECKING:
    from rich.status import Status

    from playbooks_engine.cli.printing import Output
    from playbooks_engine.store.journal import StepRow

MARKS = {
    "succeeded": "✓",
    "reused": "✓",
    "planned": "…",
    "skipped": "-",
    "failed": "✗",
    "timed_out": "✗",
    "cancelled": "✗",
    "running": "…",
    "waiting": "⏸",
}

ITEMS = 25
"""Items of a loop that get a line each."""


class Progress:
    """Told each row of a run as it changes; prints a line for each step that ended."""

    def __init__(self, output: Output, status: Status | None) -> None:
        self._output = output
        self._status = status
        self._told: set[str] = set()
        self._waits: set[str] = set()
        self._silent = False

    def __call__(self, row: StepRow) -> None:
        if row.status == "running":
            if self._status is not None:
                self._status.update(self._output.plain(row.path))
            return
        if row.status == "waiting":
            if row.path not in self._waits:  # asked again and again, it waits again and again
                self._waits.add(row.path)
                self._print(row)
            return
        if row.path in self._told:
            return
        passed_through = row.path.endswith("]") and any(path.startswith(f"{row.path}/") for path in self._told)
        self._told.add(row.path)
        if self._too_many(row):
            if not self._silent:
                self._silent = True
                self._output.note("  … further items are shown only if they fail")
            return
        # The item of a loop over a block says nothing that its steps did not say.
        if row.status != "succeeded" or not passed_through:
            self._print(row)

    def _too_many(self, row: StepRow) -> bool:
        """Whether the row is one of so many items that only its failure is worth a line."""
        indexes = [int(number) for number in re.findall(r"\[(\d+)\]", row.path)]
        return max(indexes, default=0) >= ITEMS and row.status not in {"failed", "timed_out"}

    def _print(self, row: StepRow) -> None:
        from rich.text import Text

        from playbooks_engine.cli.drawing import STYLES, console, styled

        screen = self._status.console if self._status is not None else console(self._output, self._output.stderr)
        mark = MARKS.get(row.status, " ")
        if "utf" not in (screen.encoding or "").lower():
            mark = {"✓": "+", "✗": "x", "…": "~", "⏸": "="}.get(mark, mark)
        colour = STYLES.get(row.status, "")
        line = Text.assemble(
            (f"  {mark} ", colour),
            styled(self._output, f"{row.path:<28}  ", ""),
            styled(self._output, f"{row.status:<9}", colour),
            styled(self._output, _detail(row), "dim"),
        )
        screen.print(line, soft_wrap=True)
        if row.status in {"failed", "timed_out"} and row.error:
            screen.print(Text("      ") + styled(self._output, one_line(told(row.error), 400), "red"), soft_wrap=True)


def _detail(row: StepRow) -> str:
    if row.status == "skipped":
        return conditions(row.conditions)
    span = (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else None
    parts = [f"  {seconds(span)}"] if span is not None else []
    if row.attempts > 1:
        parts.append(number(row.attempts, "attempt"))
    if isinstance(row.output, list) and row.status == "succeeded":
        parts.append(number(len(row.output), "item"))
    return ", ".join(parts)


def conditions(seen: Any) -> str:
    """What a condition saw: `alert.priority == 'P1' (alert.priority was P2)`."""
    if not isinstance(seen, list) or not seen:
        return ""
    parts = [f"{text} is {_value(value)}" for text, value in seen]
    return f"  because {', '.join(parts)}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return one_line(text, 60)


def told(error: dict[str, Any]) -> str:
    """An error as it is kept, in the words operators know."""
    code = f"Status Code: {error['status_code']}. " if error.get("status_code") is not None else ""
    indicator = f"{error['indicator']} " if error.get("indicator") else ""
    message = f"Message: {error.get('message')}" if code or indicator else str(error.get("message"))
    hint = f" {error['hint']}" if error.get("hint") else ""
    return f"{indicator}{code}{message}{'' if message.endswith(('.', '!', '?')) else '.'}{hint}"


@contextmanager
def progress(output: Output) -> Iterator[Progress]:
    """Follow a run; on a terminal the step under way is shown too."""
    if not output.stderr.isatty():
        yield Progress(output, None)
        return
    from playbooks_engine.cli.drawing import console

    with console(output, output.stderr).status("") as status:
        yield Progress(output, status)
