"""When a stream was looked at: the fetches of the service that ended, well or badly."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from playbooks_engine.store import tables

_fetch = tables.fetch

LOOKS: Collection[str] = ("tick", "sweep")
"""The fetches that read everything that changed since the one before; one by hand may leave something out."""


@dataclass(frozen=True)
class Look:
    """A fetch that ended: when it began, and whether it read everything."""

    at: datetime
    well: bool


def looks(connection: Connection, stream: str, after: datetime, limit: int = 10_000) -> list[Look]:
    """The looks that began after a moment, in the order they began."""
    query = (
        select(_fetch.c.started_at, _fetch.c.error)
        .where(
            _fetch.c.stream == stream,
            _fetch.c.reason.in_(LOOKS),
            _fetch.c.ended_at.is_not(None),
            _fetch.c.started_at > after,
        )
        .order_by(_fetch.c.id)
        .limit(limit)
    )
    return [Look(at, error is None) for at, error in connection.execute(query)]
