"""How steps fail: what is raised inside a run, and the error as `on_error` sees it."""

from __future__ import annotations

from typing import Any

from playbooks_engine.errors import CommandFailed, EngineError, ExpressionError, InvalidInput
from playbooks_engine.language.playbook import Call, Step
from playbooks_engine.store.journal import StepRow

MESSAGE = 10_000
"""Characters of an error message that are kept."""


class StepFailed(Exception):
    """A step failed, and its block with it; `error` is what `on_error` and `always` see."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.error = error


class OutOfTime(Exception):
    """A `timeout` ran out."""


def as_failure(error: EngineError, command: str) -> CommandFailed:
    """Any expected error as a failed command."""
    if isinstance(error, CommandFailed):
        return error
    if isinstance(error, ExpressionError):
        return InvalidInput(error.message, hint=error.hint)
    return InvalidInput(error.message, hint=error.hint, indicator=f"{command} failed." if command else "")


def seen_error(step: str, command: str, error: dict[str, Any]) -> dict[str, Any]:
    """The root `error`: the first failure of a step, a block or the playbook."""
    kept = {name: error.get(name) for name in ("type", "message", "status_code", "hint", "request_id")}
    return {"step": step, "command": command, **kept, "message": str(error.get("message") or "")[:MESSAGE]}


def failure_of(step: Step, row: StepRow) -> dict[str, Any]:
    """The failure of a step, from its row: what failed in it, or itself."""
    error = row.error or {}
    return seen_error(error.get("step") or step.id, error.get("command") or uses_of(step), error)


def uses_of(step: Step) -> str:
    """The command of a call; nothing for a block."""
    return step.uses.text if isinstance(step, Call) else ""
