"""What a call gave, and what an error says of a change that was under way."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from playbooks_engine.errors import CommandFailed, OutcomeUnknown, UnexpectedAnswer

LARGEST = 1024 * 1024
"""Bytes of a step's result that are kept."""

log = logging.getLogger("playbooks.run")


@dataclass(frozen=True)
class Given:
    """What a call gave."""

    output: Any
    raw: Any = None
    planned: bool = False
    child_run_id: int | None = None
    wrote: bool = True


def never_told(failure: CommandFailed) -> OutcomeUnknown:
    """A change that was under way when something else went wrong."""
    return OutcomeUnknown(
        f"This was sent, and whether it happened cannot be told: {failure.message}",
        hint=f"Look in the service before you run it again. {failure.hint or ''}".strip(),
        status_code=failure.status_code,
        request_id=failure.request_id,
        indicator=failure.indicator,
    )


def broken(error: Exception, command: str) -> UnexpectedAnswer:
    """A defect of a command, told to the log in full and to the run in a line."""
    log.error("%s broke; this is a defect", command, exc_info=error)
    return UnexpectedAnswer(
        f"{command} broke: {type(error).__name__}.", hint="This is a defect; the log says where it is."
    )


def fitting(output: Any, *, done: bool = False) -> Any:
    """The output, if it is small enough to keep; raises UnexpectedAnswer, which is not tried again."""
    size = len(to_json(output))
    if size <= LARGEST:
        return output
    raise UnexpectedAnswer(
        f"{'The change was made, but its' if done else 'The'} result is {size / LARGEST:.1f} MB; "
        "a step keeps at most 1 MB.",
        hint="Do not run it again for that." if done else "Ask for less: a narrower query, or fewer items.",
    )
