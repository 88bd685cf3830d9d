"""Health of connections: every check, and what is held to be true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from playbooks_engine.store import tables

_check, _state = tables.health_check, tables.health_state


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """One check of a connection; `status` is passed or failed."""

    connection: str
    checked_at: datetime
    status: str
    latency: float | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class HealthState:
    """What is held to be true of a connection; `status` is unknown, up or down."""

    connection: str
    status: str
    since: datetime
    failures_in_a_row: int = 0
    successes_in_a_row: int = 0


def add_check(connection: Connection, row: HealthCheck) -> None:
    """Store a check, in one transaction with the state that follows from it."""
    connection.execute(insert(_check), row.__dict__)


def checks(connection: Connection, connection_name: str, limit: int = 50) -> list[HealthCheck]:
    """Checks of a connection, newest first."""
    query = select(*(_check.c[name] for name in HealthCheck.__dataclass_fields__))
    query = query.where(_check.c.connection == connection_name).order_by(_check.c.id.desc()).limit(limit)
    return [HealthCheck(**row._mapping) for row in connection.execute(query)]


def health_state(connection: Connection, connection_name: str) -> HealthState | None:
    """What is held to be true of a connection; None when it was never checked."""
    row = connection.execute(select(_state).where(_state.c.connection == connection_name)).one_or_none()
    return HealthState(**row._mapping) if row else None


def health_states(connection: Connection) -> list[HealthState]:
    """All connections that were ever checked, by name."""
    query = select(_state).order_by(_state.c.connection)
    return [HealthState(**row._mapping) for row in connection.execute(query)]


def set_health_state(connection: Connection, row: HealthState) -> None:
    """What is held to be true from now on."""
    statement = upsert(_state).on_conflict_do_update(index_elements=["connection"], set_=row.__dict__)
    connection.execute(statement, row.__dict__)
