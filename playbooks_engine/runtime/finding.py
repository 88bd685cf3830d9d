"""What people name: runs by their number, and stored events by a condition."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from playbooks_engine.errors import BadUsage, ExpressionError
from playbooks_engine.language.expressions import Scope, compile_condition
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.mappings import event_root
from playbooks_engine.runtime.streams import source
from playbooks_engine.store import journal
from playbooks_engine.store.events import EventRow, count_events, find, list_events, stream_states
from playbooks_engine.store.journal import Run

PAGE = 500

NEAR = 2_000
"""Events, those seen last, whose keys are looked through for one that is like the asked one."""


def run_called(connection: Connection, run_id: int, part: str | None = None) -> Run:
    """The run with that number; raises BadUsage where there is none.

    With `part`, also where it is part of another run: the hint says so of that one, whose number stands for {}.
    """
    run = journal.run_by_id(connection, run_id)
    if run is None:
        raise BadUsage(f"There is no run {run_id}.", hint="See: playbooks runs list")
    if part is not None and run.parent_run_id is not None:
        raise BadUsage(f"Run {run_id} is part of run {run.parent_run_id}.", hint=part.format(run.parent_run_id))
    return run


def find_events(engine: Engine, stream: str | None, where: str | None, limit: int) -> tuple[int, list[EventRow]]:
    """How many events there are, and the first `limit`, last seen first.

    Raises ExpressionError for a condition that does not compile, or that has no value for any event: an event of
    another shape than the condition expects does not fulfil it.
    """
    if where is None:
        with engine.database.reading() as connection:
            return count_events(connection, stream), list_events(connection, stream, limit)
    condition = compile_condition(where)
    found: list[EventRow] = []
    total, judged, trouble = 0, 0, None
    for row in _every(engine, stream):
        root = event_root(engine, row.stream, row.fields, row.raw)
        try:
            holds = condition.evaluate(Scope({"event": root}, engine.clock.now))
        except ExpressionError as error:
            trouble = error
            continue
        judged += 1
        if holds:
            total += 1
            found += [row] if len(found) < limit else []
    if trouble is not None and not judged:
        raise trouble
    return total, found


def known_stream(engine: Engine, name: str | None) -> None:
    """Raise BadUsage for a stream that the project does not have, and of which nothing is stored either."""
    if name is None:
        return
    with engine.database.reading() as connection:
        stored = any(state.stream == name for state in stream_states(connection))
    if not stored:
        source(engine, name)


def events_called(connection: Connection, name: str, stream: str | None) -> list[EventRow]:
    """The stored events with that key or, where there is none, with that tiny id or alias."""
    rows = list_events(connection, stream, 100, key=name)
    streams = [stream] if stream else [state.stream for state in stream_states(connection)]
    for field in () if rows else ("tiny_id", "alias"):
        rows = [row for one in streams for row in find(connection, one, {field: name}, limit=100)[1]]
        if rows:
            break
    return rows


def _every(engine: Engine, stream: str | None) -> Iterator[EventRow]:
    last: EventRow | None = None
    while True:
        with engine.database.reading() as connection:
            rows = list_events(connection, stream, PAGE, last)
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]
