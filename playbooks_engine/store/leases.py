"""Leases: what only one process may do at a time, such as being the service of a store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from playbooks_engine.store import owners, tables
from playbooks_engine.store.owners import Owner

_lease = tables.lease


@dataclass(frozen=True)
class Lease:
    """Who holds something, and until when; `fence` counts up with each holder."""

    name: str
    owner: str | None
    host: str | None
    pid: int | None
    started: str | None
    fence: int
    until: datetime | None
    note: str | None


def take(
    connection: Connection, name: str, owner: Owner, now: datetime, lease: timedelta, *, note: str | None = None
) -> Lease:
    """Take it when it is free, expired, or its holder is gone. Returns who holds it now: compare `owner`."""
    held = holder(connection, name)
    if held and held.owner not in (None, str(owner)) and not is_free(held, now):
        return held
    taken = Lease(
        name=name,
        owner=str(owner),
        host=owner.host,
        pid=owner.pid,
        started=owner.started,
        fence=held.fence + 1 if held else 1,
        until=now + lease,
        note=note,
    )
    row = taken.__dict__
    connection.execute(insert(_lease).on_conflict_do_update(index_elements=["name"], set_=row), row)
    return taken


def renew(connection: Connection, taken: Lease, now: datetime, lease: timedelta) -> bool:
    """Hold it longer; False when somebody else has taken it meanwhile."""
    mine = (_lease.c.name == taken.name) & (_lease.c.owner == taken.owner) & (_lease.c.fence == taken.fence)
    return connection.execute(update(_lease).where(mine).values(until=now + lease)).rowcount == 1


def release(connection: Connection, taken: Lease) -> None:
    """Give it up; nothing happens when somebody else has taken it meanwhile."""
    mine = (_lease.c.name == taken.name) & (_lease.c.fence == taken.fence)
    connection.execute(update(_lease).where(mine).values(owner=None, until=None))


def holder(connection: Connection, name: str) -> Lease | None:
    """The lease as it stands; its `owner` is None when nobody holds it."""
    row = connection.execute(select(_lease).where(_lease.c.name == name)).one_or_none()
    return Lease(**row._mapping) if row else None


def is_free(held: Lease, now: datetime) -> bool:
    return held.until is None or held.until <= now or (held.owner is not None and owners.is_gone(held.owner))
