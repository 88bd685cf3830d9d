"""Ending a run before its last step: nothing further of it begins, and its `always` still runs."""

from __future__ import annotations

from playbooks_engine.errors import BadUsage, Rejected
from playbooks_engine.runtime.attending import attend
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.finding import run_called
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.notebook import Observer
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Run

LOOK = 0.5
"""Seconds between two looks whether a run that another process executes has ended."""
PATIENCE = 90.0
"""Seconds that it gets: a request under way has 30, and `always` has 60."""


def ask_cancel(engine: Engine, run_id: int, by: str) -> Run:
    """Ask that a run be cancelled, and end it at once if nobody ever began it; returns it as it stands then.

    Raises BadUsage where it has ended, or is a part of another run.
    """
    now = engine.clock.now()
    with engine.database.transaction() as connection:
        run = run_called(connection, run_id, part="Cancel that one: playbooks runs cancel {}")
        if not journal.ask_cancel(connection, run_id, by, now):
            raise BadUsage(f"Run {run_id} has ended already: {run.status}.", hint="There is nothing to cancel.")
        error = {"step": "", "command": "", **Rejected(f"The run was cancelled by {by} before it began.").as_json()}
        journal.cancel_queued(connection, run_id, error, now)
        found = journal.run_by_id(connection, run_id)
    assert found is not None  # noqa: S101 - it was just there
    return found


async def cancel(engine: Engine, run_id: int, by: str, *, observer: Observer | None = None) -> Run:
    """Cancel a run and return it when it has ended, or when the process that executes it takes too long.

    A run that nobody holds is ended here, with its `always`.
    """
    run = ask_cancel(engine, run_id, by)
    if run.status in journal.ENDED:
        return run
    patience = engine.clock.monotonic() + PATIENCE
    while run.status not in journal.ENDED and engine.clock.monotonic() < patience:
        with engine.database.transaction() as connection:
            taken = journal.claim(connection, run_id, engine.owner, engine.clock.now(), LEASE)
        if taken is not None:
            await attend(engine, taken, observer=observer)
        else:
            await engine.clock.sleep(LOOK)
        with engine.database.reading() as connection:
            found = journal.run_by_id(connection, run_id)
        assert found is not None  # noqa: S101 - runs are not taken away while they go on
        run = found
    return run
