"""Pruning by age: what project.yml says is kept for so long goes afterwards, in batches that hold up nobody."""

from __future__ import annotations

import logging
import math
from collections import Counter
from datetime import datetime, timedelta

from playbooks_engine.errors import StoreBusy
from playbooks_engine.language.playbook import Call
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store import pruning
from playbooks_engine.store.pruning import Ages, Pace

log = logging.getLogger(__name__)

SLOW, FAST = 0.03, 0.01
"""Seconds: a batch that takes longer makes the next one smaller, one that takes less makes it larger."""
FEWEST, MOST = 10, 2_000
"""Rows looked at in one batch."""
SHARE = 4
"""After a batch the others have the store for so many times as long."""


async def prune(engine: Engine) -> dict[str, int]:
    """Prune once through the store; returns how many of each kind went: events, runs, calls ...

    While another process holds the store it ends early; the next time goes on with what is left.
    """
    gone: Counter[str] = Counter()
    pace = Pace()
    batches = pruning.batches(engine.database, ages_of(engine), pace)
    while True:
        began = engine.clock.monotonic()
        try:
            batch = next(batches, None)
        except StoreBusy:
            log.info("the store is in use; pruning goes on next time")
            break
        if batch is None:
            break
        gone[batch[0]] += batch[1]
        took = engine.clock.monotonic() - began
        pace.rows = next_rows(pace.rows, took)
        await engine.clock.sleep(max(took * SHARE, 0.005))
    return {name: number for name, number in gone.items() if number}


def ages_of(engine: Engine) -> Ages:
    """The project's `retention` as moments, counted from now. Calls stay for as long as a write budget counts them."""
    kept, now = engine.project.retention, engine.clock.now()
    budgets = max((limit.time for limit in engine.project.limits.values()), default=timedelta(0))

    def before(seconds: float | None, least: timedelta = timedelta(0)) -> datetime | None:
        return now - max(timedelta(seconds=seconds), least) if seconds is not None else None

    return Ages(
        events=before(kept.events),
        runs=before(kept.runs),
        health=before(kept.health),
        audit=before(kept.audit, budgets),
        keys=_keys(engine, now, kept.runs) if kept.runs is not None else {},
    )


def _keys(engine: Engine, now: datetime, runs: float) -> dict[tuple[str, str], datetime]:
    """Since when a `once` key counts, of the steps that say `within`; the others count for ever."""
    longest: dict[tuple[str, str], float] = {}
    for loaded in engine.library.all()[0]:
        for playbook in (loaded.playbook, *loaded.parts.values()):
            for step in playbook.every_step():
                if isinstance(step, Call) and step.once is not None:
                    within = math.inf if step.once.within is None else max(step.once.within, runs)
                    name = (playbook.name, step.id)
                    longest[name] = max(within, longest.get(name, 0.0))
    return {name: now - timedelta(seconds=within) for name, within in longest.items() if within < math.inf}


def next_rows(rows: int, took: float) -> int:
    """How many rows the next batch looks at, when one of so many took so many seconds."""
    if took > SLOW:
        return max(rows // 2, FEWEST)
    return min(rows * 2, MOST) if took < FAST else rows
