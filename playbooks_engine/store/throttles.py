"""What processes on one store tell each other of a service's rate limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from playbooks_engine.store import tables
from playbooks_engine.store.database import Database
from playbooks_engine.store.gathering import Gathering

_throttle = tables.throttle
_insert = insert(_throttle)
_KEEP = _insert.on_conflict_do_update(
    index_elements=["connection", "domain"],
    set_={name: _insert.excluded[name] for name in ("blocked_until", "limits", "learned_at")},
)


@dataclass(frozen=True)
class Throttled:
    """What the service's refusals have shown of one domain; `limits` maps a window's seconds to its requests."""

    connection: str
    domain: str
    blocked_until: datetime
    limits: dict[str, float]
    learned_at: datetime


class Throttles:
    """Rows of the table `throttle`, written through the group commit."""

    def __init__(self, database: Database, gathering: Gathering) -> None:
        self._database = database
        self._gathering = gathering

    def keep(self, row: Throttled) -> None:
        """Tell the others; stored at the end of this turn of the loop."""
        self._gathering.add(_KEEP, row.__dict__)

    def known(self, connection: str) -> list[Throttled]:
        """What was last told of each domain of a connection."""
        query = select(_throttle).where(_throttle.c.connection == connection).order_by(_throttle.c.domain)
        with self._database.reading() as reading:
            return [Throttled(**row._mapping) for row in reading.execute(query)]
