"""What this process holds: its runs' leases, renewed by a thread, and doubted before a change leaves."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from playbooks_engine.runtime.clock import Clock
from playbooks_engine.store import journal
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import LeaseLost

VARIABLE = "PLAYBOOKS_LEASE"
"""Seconds of a lease, for tests that wait for one to be over."""
LEASE = timedelta(seconds=float(os.environ.get(VARIABLE, "30")))
RENEW_EVERY = LEASE.total_seconds() / 4
# A lease is trusted for a little less than it lasts, so that what leaves arrives while it is still ours.
_SURE = LEASE.total_seconds() * 5 / 6

log = logging.getLogger(__name__)


class Holding:
    """The runs of this process. A process that was paused for longer than its lease may have lost them."""

    def __init__(self, database: Database, owner: str, clock: Clock) -> None:
        self._database = database
        self._owner = owner
        self._clock = clock
        self._sure_until = 0.0

    def renew(self) -> None:
        """Hold all runs of this process for another lease."""
        asked_at = self._clock.monotonic()
        with self._database.transaction() as connection:
            journal.renew(connection, self._owner, self._clock.now(), LEASE)
        self._sure_until = asked_at + _SURE

    def make_sure(self, run_id: int, fence: int) -> None:
        """Return when the run is ours; raises LeaseLost when somebody took it over while this process was paused.

        Asked right before a change leaves. It looks into the store only when the last renewal is too long ago.
        """
        if self._clock.monotonic() < self._sure_until:
            return
        with self._database.reading() as connection:
            run = journal.run_by_id(connection, run_id)
        if run is None or run.fence != fence or run.status != "running":
            raise LeaseLost
        self.renew()

    @contextmanager
    def kept(self, renew: Callable[[], bool] | None = None) -> Iterator[None]:
        """Renew from a thread that no step's work can starve, until left.

        `renew` takes the place of `self.renew`; when it returns False, nothing is held any more and the thread ends.
        """
        over = threading.Event()

        def keep() -> None:
            while not over.wait(RENEW_EVERY):
                try:
                    if renew is None:
                        self.renew()
                    elif not renew():
                        return
                except Exception as error:
                    # A locked store, or whatever else: the next turn may do better, and without one all is lost.
                    log.error("the lease could not be renewed: %s", error)

        thread = threading.Thread(target=keep, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
