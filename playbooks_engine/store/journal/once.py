"""`once` keys: a step that succeeds once per key; claimed before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from playbooks_engine.store import tables

_once = tables.once


@dataclass(frozen=True, kw_only=True)
class OnceRow:
    """Who claimed a key, and what came of it. It is `done` when the step succeeded and its output may be reused."""

    playbook: str
    step: str
    connection: str
    key: str
    run_id: int
    path: str
    state: str
    output: Any = None
    raw: Any = None
    at: datetime

    @property
    def done(self) -> bool:
        return self.state == "done"


def once_claim(
    connection: Connection,
    *,
    playbook: str,
    step: str,
    connection_name: str,
    key: str,
    run_id: int,
    path: str,
    now: datetime,
) -> OnceRow:
    """Claim the key, or learn who has: the row is yours when its `run_id` and `path` are yours."""
    asked = OnceRow(
        playbook=playbook,
        step=step,
        connection=connection_name,
        key=key,
        run_id=run_id,
        path=path,
        state="claimed",
        at=now,
    )
    connection.execute(insert(_once).on_conflict_do_nothing(), asked.__dict__)
    row = connection.execute(select(_once).where(_is(asked))).one()
    return OnceRow(**row._mapping)


def once_known(connection: Connection, *, playbook: str, step: str, connection_name: str, key: str) -> OnceRow | None:
    """Who has the key, without claiming it."""
    same = {"playbook": playbook, "step": step, "connection": connection_name, "key": key}
    row = connection.execute(select(_once).where(*(_once.c[name] == value for name, value in same.items()))).first()
    return OnceRow(**row._mapping) if row is not None else None


def once_done(connection: Connection, row: OnceRow, output: Any, raw: Any, now: datetime) -> bool:
    """The step succeeded; its output is there for whoever comes with this key. False when it is not yours."""
    values = {"state": "done", "output": output, "raw": raw, "at": now}
    return connection.execute(update(_once).where(_held_by(row)).values(values)).rowcount == 1


def once_release(connection: Connection, row: OnceRow) -> bool:
    """The step certainly did not happen: the next with this key may try. False when it is not yours, or done."""
    held = and_(_held_by(row), _once.c.state == "claimed")
    return connection.execute(delete(_once).where(held)).rowcount == 1


def once_forget(connection: Connection, row: OnceRow) -> bool:
    """Let go of a key that somebody else holds or held, exactly as it was read. False when it changed meanwhile."""
    seen = and_(_held_by(row), _once.c.at == row.at)
    return connection.execute(delete(_once).where(seen)).rowcount == 1


def once_of(connection: Connection, run_id: int) -> list[OnceRow]:
    """The keys that a run claimed and did not let go of."""
    return [OnceRow(**row._mapping) for row in connection.execute(select(_once).where(_once.c.run_id == run_id))]


def _is(row: OnceRow) -> Any:
    return and_(
        _once.c.playbook == row.playbook,
        _once.c.step == row.step,
        _once.c.connection == row.connection,
        _once.c.key == row.key,
    )


def _held_by(row: OnceRow) -> Any:
    return and_(_is(row), _once.c.run_id == row.run_id, _once.c.path == row.path)
