"""What a test led to: its runs with their steps, the calls they made, and what the engine complained of."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.store import journal
from playbooks_engine.store.journal import Run, StepRow
from playbooks_engine.testing.playbooks.answering import Made

MOST_RUNS = 1_000


@dataclass(frozen=True)
class Done:
    """One run as it ended, with its steps in order, and the runs of its sub-playbooks by the path of their step."""

    run: Run
    steps: list[StepRow]
    parts: dict[str, list[Done]]


@dataclass
class Happened:
    """What a test led to: its runs, oldest first, the calls they made, and what kept it from being judged."""

    runs: list[Done] = field(default_factory=list)
    calls: list[Made] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def runs(connection: Connection) -> list[Done]:
    """Every run in the store, oldest first; those of sub-playbooks inside the run they belong to."""
    found = [run for run in journal.runs(connection, limit=MOST_RUNS) if run.parent_run_id is None]
    return [_done(connection, run) for run in reversed(found)]


def _done(connection: Connection, run: Run) -> Done:
    parts: dict[str, list[Done]] = {}
    for child in journal.children(connection, run.id):
        parts.setdefault(child.parent_path or "", []).append(_done(connection, child))
    return Done(run, journal.steps(connection, run.id), parts)


def with_inputs(made: Iterable[Made], runs: Iterable[Done]) -> list[Made]:
    """The calls with what their steps gave to them."""
    given = dict(_given(runs))
    return [_with_inputs(one, given.get((one.run, one.path), {})) for one in made]


def _with_inputs(made: Made, given: Mapping[str, Any]) -> Made:
    # A step that asks a person has inputs of its own, and makes others for the message.
    its_own = given and all(name in made.inputs for name, value in given.items() if value is not None)
    return replace(made, given=given) if its_own else made


def _given(runs: Iterable[Done]) -> Iterator[tuple[tuple[int | None, str], Mapping[str, Any]]]:
    """What each step gave to its command, by run and path."""
    for done in runs:
        for row in done.steps:
            if isinstance(row.inputs, Mapping):
                yield (done.run.id, row.path), row.inputs
        for parts in done.parts.values():
            yield from _given(parts)


@contextmanager
def complaints(troubles: list[str]) -> Iterator[None]:
    """What the engine only logs, such as a trigger whose condition has no value: a test must not pass over it."""
    handler = _Complaints(troubles)
    logger = logging.getLogger("playbooks_engine")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Complaints(logging.Handler):
    def __init__(self, troubles: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._troubles = troubles

    def emit(self, record: logging.LogRecord) -> None:
        broke = f" ({record.exc_info[1]!r})" if record.exc_info else ""
        self._troubles.append(f"the engine says: {record.getMessage()}{broke}")
