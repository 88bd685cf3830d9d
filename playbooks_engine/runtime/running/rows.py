"""The rows of blocks, branches and loops: begun, ended, cut off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from playbooks_engine.language.playbook import Step
from playbooks_engine.runtime.running.commands import Commands, Means
from playbooks_engine.store.journal import StepRow


class Rows:
    """Writes the rows of one run that are not a call's own."""

    def __init__(self, means: Means, commands: Commands) -> None:
        self._run_id = means.run.id or 0
        self._notebook = means.notebook
        self._commands = commands
        self._clock = means.clock

    def __contains__(self, path: str) -> bool:
        return path in self._notebook.rows

    def __getitem__(self, path: str) -> StepRow:
        return self._notebook.rows[path]

    def get(self, path: str) -> StepRow | None:
        """The row at a path, if there is one already."""
        return self._notebook.rows.get(path)

    def new(self, step: Step, path: str, item: int | None, status: str, **values: Any) -> StepRow:
        """Write the first row of a step."""
        return self._notebook.write(self.draft(step, path, item, status, **values))

    def draft(self, step: Step, path: str, item: int | None, status: str, **values: Any) -> StepRow:
        """A row that is not written yet."""
        return StepRow(run_id=self._run_id, path=path, step_id=step.id, item=item, status=status, **values)

    def end(self, row: StepRow, status: str, **values: Any) -> StepRow:
        """Write how a step ended; one that ended before stays as it is."""
        if self._notebook.finished(row.path) is not None:
            return self._notebook.rows[row.path]
        current = self._notebook.rows.get(row.path, row)
        return self._notebook.write(
            StepRow(**{**current.__dict__, **values, "status": status, "ended_at": self._clock.now()})
        )

    def began(self, path: str) -> datetime:
        """When the step began, before a crash or now."""
        row = self._notebook.rows.get(path)
        return row.started_at if row is not None and row.started_at is not None else self._clock.now()

    def cut_off(self, path: str, error: dict[str, Any], *, itself: bool = True) -> None:
        """No step stays as if it were running where a time limit, a person or `core.stop` ended it."""
        for row in self._notebook.unfinished(path):
            if itself or row.path != path:
                self._commands.cut_off(row, error)
