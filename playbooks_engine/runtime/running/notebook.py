"""What one run has done so far: its step rows, kept in the journal as they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from playbooks_engine.faults import fault
from playbooks_engine.runtime.running.foreseeing import PlannedWrite
from playbooks_engine.runtime.secrets import Secrets, masked
from playbooks_engine.store.journal import Intent, Journal, StepRow

Observer = Callable[[StepRow], None]

FINISHED = frozenset({"succeeded", "failed", "skipped", "reused", "timed_out", "cancelled", "planned"})


class Notebook:
    """The rows of one run by path. A plan has no journal: it leaves no run behind."""

    def __init__(
        self,
        secrets: Secrets,
        journal: Journal | None = None,
        fence: int = 0,
        rows: Iterable[StepRow] = (),
        intents: Iterable[Intent] = (),
        observer: Observer | None = None,
    ) -> None:
        self.rows = {row.path: row for row in rows}
        # What earlier steps gave is known only without its secrets when it was read from the journal.
        self.gaps = any(masked(row.output) or masked(row.raw) for row in self.rows.values())
        self.planned: list[PlannedWrite] = []
        self._open = {intent.path: intent for intent in intents if intent.outcome is None}
        self._secrets = secrets
        self._journal = journal
        self._fence = fence
        self._observer = observer
        self._seen: dict[str, Any] = {}

    def finished(self, path: str) -> StepRow | None:
        """The row of a step that is done with, from before a crash or from now."""
        row = self.rows.get(path)
        return row if row is not None and row.status in FINISHED else None

    def open_intent(self, path: str) -> Intent | None:
        """The change of that step that was about to leave when the process died; given out once."""
        return self._open.pop(path, None)

    def unfinished(self, path: str) -> list[StepRow]:
        """The rows at and inside a path that are not done with; the whole run's for an empty path."""
        inside = (f"{path}/", f"{path}[")
        return [
            row
            for place, row in self.rows.items()
            if row.status not in FINISHED and (not path or place == path or place.startswith(inside))
        ]

    def is_open(self, path: str) -> bool:
        """Whether a change of that step was about to leave when the process died."""
        return path in self._open

    def saw(self, path: str, seen: list[list[Any]]) -> None:
        """What the condition of a step saw that is to run: its row will tell."""
        self._seen[path] = seen

    def write(self, row: StepRow) -> StepRow:
        """Keep the row as it stands now; the run goes on with it, the journal gets it without secrets."""
        seen = row.conditions if row.conditions is not None else self._seen.get(row.path)
        row = replace(row, error=self._secrets.clean(row.error), conditions=seen)
        self.rows[row.path] = row
        told = self.cleaned(row)
        if self._journal is not None:
            self._journal.step(told, self._fence)
        if self._observer is not None:
            self._observer(told)
        return row

    def cleaned(self, row: StepRow) -> StepRow:
        """The row without secrets, as it is kept and shown."""
        clean = self.clean
        return replace(
            row,
            inputs=clean(row.inputs),
            output=clean(row.output),
            raw=clean(row.raw),
            error=self._secrets.clean(row.error),
            conditions=clean(row.conditions),
        )

    def clean(self, value: Any) -> Any:
        """Data without the secrets of our connections; what only looks like one belongs to the data."""
        return self._secrets.without(value)

    async def stored(self) -> None:
        """Return when every row is in the store."""
        if self._journal is not None:
            fault("before_result_commit")
            await self._journal.committed()
            fault("after_result_commit")
