"""One service per store: a lease, renewed by a thread that no step's work can starve."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store import journal, leases
from playbooks_engine.store.leases import Lease
from playbooks_engine.store.owners import this_process

log = logging.getLogger(__name__)

NAME = "service"
LEASE = timedelta(seconds=30)
RENEW_EVERY = 8.0


class ServiceLease:
    """Held while the service runs. `lost` is called, from the lease's thread, when another process has taken it."""

    def __init__(self, engine: Engine, taken: Lease, lost: Callable[[], None]) -> None:
        self._engine = engine
        self._taken = taken
        self._lost = lost
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="service lease", daemon=True)
        self._thread.start()

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
        self._ended.set()
        self._thread.join()
        with self._engine.database.transaction() as connection:
            leases.release(connection, self._taken)

    def _keep(self) -> None:
        engine = self._engine
        while not self._ended.wait(RENEW_EVERY):
            try:
                now = engine.clock.now()
                with engine.database.transaction() as connection:
                    held = leases.renew(connection, self._taken, now, LEASE)
                    if held:
                        journal.renew(connection, engine.owner, now, LEASE)
            except StoreUnusable as error:
                log.error("the lease of the service could not be renewed: %s", error)
                continue
            if not held:
                log.error("another process has become the service of this store; this one ends")
                self._lost()
                return
