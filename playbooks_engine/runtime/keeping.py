"""Storing what must not be forgotten, without holding up the event loop while another process has the store."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TypeVar

from sqlalchemy import Connection

from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime.engine import Engine

AGAIN_AFTER = 0.2
"""Seconds until a store that another process holds is tried again."""

T = TypeVar("T")


async def keep(engine: Engine, note: Callable[[Connection], T], *, patience: float = inf) -> T:
    """Do something in a transaction of its own, as soon as the store is free; returns what it gave.

    While another process holds the store the loop goes on and this waits: as long as that takes, or `patience`
    seconds. Then it raises StoreBusy.
    """
    waited = 0.0
    while True:
        try:
            with engine.database.transaction(patient=False) as connection:
                return note(connection)
        except StoreBusy:
            if waited >= patience:
                raise
        await engine.clock.sleep(AGAIN_AFTER)
        waited += AGAIN_AFTER + engine.database.patience
