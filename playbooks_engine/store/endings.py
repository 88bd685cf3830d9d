"""How the latest runs of a playbook ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from playbooks_engine.store import tables

_run = tables.run


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A run that has ended, and the texts it ran."""

    id: int
    status: str
    digest: str
    sources: dict[str, str]
    error: dict[str, Any] | None
    ended_at: datetime


_COLUMNS = [_run.c[name] for name in ("id", "status", "digest", "sources", "error", "ended_at")]
_CURRENT = ("queued", "running", "waiting")


def endings(connection: Connection, playbook: str, limit: int) -> list[Ending]:
    """The latest runs of a playbook that ended by themselves, newest first; those of sub-playbooks are not its own."""
    ended = (
        _run.c.playbook == playbook,
        _run.c.parent_run_id.is_(None),
        _run.c.status.not_in((*_CURRENT, "cancelled")),
    )
    query = select(*_COLUMNS).where(*ended).order_by(_run.c.id.desc()).limit(limit)
    return [Ending(**row._mapping) for row in connection.execute(query)]


def goes_on(connection: Connection, playbook: str) -> bool:
    """Whether a run of the playbook has not ended."""
    # `coalesce` keeps SQLite from walking through all runs that the playbook ever had: few have not ended.
    name, parent = func.coalesce(_run.c.playbook, ""), func.coalesce(_run.c.parent_run_id, 0)
    going = (name == playbook, parent == 0, _run.c.status.in_(_CURRENT))
    return connection.execute(select(_run.c.id).where(*going).limit(1)).first() is not None
