"""The audit: one row before each call of a command, finished when the call ends."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from playbooks_engine.store import tables
from playbooks_engine.store.gathering import Gathering

_audit = tables.audit


@dataclass(frozen=True, kw_only=True)
class NewAudit:
    """A call about to be made: who, what, on what, and by which rule."""

    at: datetime
    actor: dict[str, Any]
    connection: str
    connector: str
    command: str
    area: str
    effect: str
    target: str | None = None
    decision: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class AuditRow(NewAudit):
    """A call, and how it ended; without an outcome it is under way, or its process died."""

    id: str
    outcome: str | None
    requests: int | None
    ended_at: datetime | None
    status_code: int | None


_BEFORE = insert(_audit).on_conflict_do_nothing()  # written again after a failed commit, it is the same row
_AFTER = (
    update(_audit)
    .where(_audit.c.id == bindparam("audit_id"))
    .values({name: bindparam(name) for name in ("outcome", "requests", "ended_at", "status_code")})
)


class Audit:
    """Writes the audit by the way; await `committed()` between `before` and the request."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self.committed = gathering.committed

    def before(self, row: NewAudit) -> str:
        """Write that a call is about to be made; returns its id for `after`."""
        key = uuid4().hex
        self._gathering.add(_BEFORE, {"id": key, **row.__dict__})
        return key

    def after(
        self,
        audit_id: str,
        outcome: str,
        now: datetime,
        *,
        requests: int = 0,
        status_code: int | None = None,
    ) -> None:
        """Write how the call ended."""
        row = {
            "audit_id": audit_id,
            "outcome": outcome,
            "requests": requests,
            "ended_at": now,
            "status_code": status_code,
        }
        self._gathering.add(_AFTER, row)


def audit_rows(connection: Connection, connection_name: str | None = None, limit: int = 50) -> list[AuditRow]:
    """Calls, newest first."""
    query = select(_audit).order_by(_audit.c.at.desc(), _audit.c.id).limit(limit)
    if connection_name is not None:
        query = query.where(_audit.c.connection == connection_name)
    return [AuditRow(**row._mapping) for row in connection.execute(query)]


def calls_of_runs(
    connection: Connection, runs: Collection[int], connections: Collection[str], since: datetime
) -> list[AuditRow]:
    """The calls that these runs made on these connections, oldest first; `since` is a time before the first run."""
    made = (
        _audit.c.connection.in_(sorted(connections))
        & (_audit.c.at >= since)
        & func.json_extract(_audit.c.actor, "$.run").in_(sorted(runs))
    )
    query = select(_audit).where(made).order_by(_audit.c.at, _audit.c.id)
    return [AuditRow(**row._mapping) for row in connection.execute(query)]


def changes_of(
    connection: Connection, connection_name: str, area: str, targets: Collection[str], since: datetime
) -> list[AuditRow]:
    """The calls after that time that were to change one of these things of an area, oldest first."""
    made = (
        (_audit.c.connection == connection_name)
        & (_audit.c.at >= since)
        & (_audit.c.area == area)
        & (_audit.c.effect != "read")
        & (_audit.c.decision != "planned")
        & _audit.c.target.in_(sorted(targets))
    )
    query = select(_audit).where(made).order_by(_audit.c.at, _audit.c.id)
    return [AuditRow(**row._mapping) for row in connection.execute(query)]


def write_audit(connection: Connection, row: NewAudit, *, ended: bool = False) -> str:
    """Write a call's row in the caller's transaction; returns its id. `ended`: it was refused, so it is over."""
    key = uuid4().hex
    over = {"outcome": "not_allowed", "requests": 0, "ended_at": row.at} if ended else {}
    connection.execute(insert(_audit), {"id": key, **row.__dict__, **over})
    return key


def let_through(
    connection: Connection, connection_name: str, command: str, since: datetime, limit: int, *, but: str | None = None
) -> list[datetime]:
    """When a command was let through after that time, the latest first, at most `limit` of them.

    Write budgets are judged by it. `but` is the id of a call that does not count.
    """
    made = (
        (_audit.c.connection == connection_name)
        & (_audit.c.command == command)
        & (_audit.c.decision == "allowed")
        & (_audit.c.at > since)
        & (_audit.c.id != (but or ""))
    )
    query = select(_audit.c.at).where(made).order_by(_audit.c.at.desc()).limit(limit)
    return list(connection.execute(query).scalars())
