"""Leases: one holder at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks_engine.store import leases
from playbooks_engine.store.database import Database
from playbooks_engine.store.owners import Owner, this_process

FIRST, SECOND = Owner("elsewhere", 1, "1"), Owner("elsewhere", 2, "2")


def test_the_second_learns_who_holds_it(database: Database, now: datetime, lease: timedelta) -> None:
    with database.transaction() as connection:
        taken = leases.take(connection, "serve", FIRST, now, lease, note="http://127.0.0.1:8750")
        assert taken.owner == str(FIRST)
        assert leases.take(connection, "serve", SECOND, now, lease) == taken
        assert leases.holder(connection, "serve") == taken


def test_a_lease_that_ran_out_is_taken_over_and_the_first_cannot_renew(
    database: Database, now: datetime, lease: timedelta
) -> None:
    with database.transaction() as connection:
        first = leases.take(connection, "serve", FIRST, now, lease)
        assert leases.renew(connection, first, now + lease / 2, lease)
        assert leases.take(connection, "serve", SECOND, now + lease, lease).owner == str(FIRST)
        second = leases.take(connection, "serve", SECOND, now + lease * 2, lease)
        assert (second.owner, second.fence) == (str(SECOND), first.fence + 1)
        assert not leases.renew(connection, first, now + lease * 2, lease)
        leases.release(connection, first)
        held = leases.holder(connection, "serve")
        assert held is not None
        assert held.owner == str(SECOND)


def test_a_released_lease_is_free_at_once(database: Database, now: datetime, lease: timedelta) -> None:
    with database.transaction() as connection:
        leases.release(connection, leases.take(connection, "serve", FIRST, now, lease))
        assert leases.take(connection, "serve", SECOND, now, lease).owner == str(SECOND)


def test_the_lease_of_a_process_that_is_gone_is_free_at_once(
    database: Database, now: datetime, lease: timedelta
) -> None:
    here = this_process()
    with database.transaction() as connection:
        leases.take(connection, "serve", Owner(here.host, here.pid, "1"), now, lease)
        assert leases.take(connection, "serve", here, now, lease).owner == str(here)
