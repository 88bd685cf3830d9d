"""Stored events that fulfil a condition."""

from __future__ import annotations

from collections.abc import Iterator

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Scope, compile_condition
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.mappings import event_root
from playbooks_engine.store.events import EventRow, count_events, list_events

PAGE = 500


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


def _every(engine: Engine, stream: str | None) -> Iterator[EventRow]:
    last: EventRow | None = None
    while True:
        with engine.database.reading() as connection:
            rows = list_events(connection, stream, PAGE, last)
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]
