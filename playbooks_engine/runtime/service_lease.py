"""One service per store: a lease, renewed by a thread that no step's work can starve."""

from __future__ import annotations

import logging
from collections.abc import Callable

from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.store import leases
from playbooks_engine.store.leases import Lease
from playbooks_engine.store.owners import this_process

log = logging.getLogger(__name__)

NAME = "service"


class ServiceLease:
    """Held while the service runs. `lost` is called, from the lease's thread, when another process has taken it."""

    def __init__(self, engine: Engine, taken: Lease, lost: Callable[[], None]) -> None:
        self._engine = engine
        self._taken = taken
        self._lost = lost
        self._kept = engine.holding.kept(self._renew)
        self._kept.__enter__()

    @classmethod
    def take(cls, engine: Engine, lost: Callable[[], None]) -> ServiceLease:
        """Become the service of the store; raises StoreBusy that names the one there is."""
        now = engine.clock.now()
        owner = this_process()
        since = now.strftime("%Y-%m-%d %H:%M:%S UTC")
        with engine.database.transaction(durable=True) as connection:
            held = leases.take(connection, NAME, owner, now, LEASE, note=since)
        if held.owner != str(owner):
            host = (held.host or "?").partition("/")[0]
            raise StoreBusy(
                f"The service of this store is running already: process {held.pid} on {host}, since {held.note}.",
                hint="Stop that one first, or give this project a store of its own.",
            )
        return cls(engine, held, lost)

    def release(self) -> None:
        """Give it up, so that the next service need not wait."""
        self._kept.__exit__(None, None, None)
        with self._engine.database.transaction() as connection:
            leases.release(connection, self._taken)

    def _renew(self) -> bool:
        """Renew it, and the runs of this process with it; False when it is lost."""
        engine = self._engine
        with engine.database.transaction() as connection:
            held = leases.renew(connection, self._taken, engine.clock.now(), LEASE)
        if not held:
            log.error("another process has become the service of this store; this one ends")
            self._lost()
            return False
        engine.holding.renew()
        return True


def served_by(engine: Engine) -> Lease | None:
    """The service of the store, where one is running."""
    now = engine.clock.now()
    with engine.database.reading() as connection:
        held = leases.holder(connection, NAME)
    return held if held is not None and not leases.is_free(held, now) else None
