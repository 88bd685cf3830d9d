"""Runs: asked for, claimed by one process at a time, given back, ended."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from playbooks_engine.faults import fault
from playbooks_engine.store import owners, tables
from playbooks_engine.store.failures import LeaseLost

_run = tables.run

ENDED = frozenset({"succeeded", "succeeded_with_errors", "failed", "timed_out", "cancelled"})
"""The states a run never leaves."""


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """A run that is asked for. Its playbook text was kept before with `keep_text`."""

    playbook: str
    digest: str
    file: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    trigger: Mapping[str, Any] = field(default_factory=dict)
    event_stream: str | None = None
    event_key: str | None = None
    event_version_id: int | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    connections: Mapping[str, str] = field(default_factory=dict)
    parent_run_id: int | None = None
    parent_path: str | None = None
    slot_of: str | None = None
    slot: datetime | None = None
    lane: str | None = None


@dataclass(frozen=True, kw_only=True)
class Run(NewRun):
    """A run as it stands. A waiting one goes on at `wake_at`; without that it waits for a person."""

    id: int
    status: str
    output: Any
    error: dict[str, Any] | None
    owner: str | None
    fence: int
    lease_until: datetime | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    wake_at: datetime | None = None
    cancel_at: datetime | None = None
    cancelled_by: str | None = None


def keep_text(connection: Connection, text: str) -> str:
    """Keep a playbook's text, once; returns its digest."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    statement = upsert(tables.playbook_text).on_conflict_do_nothing()
    connection.execute(statement, {"digest": digest, "text": text})
    return digest


def text_of(connection: Connection, digest: str) -> str | None:
    """The playbook text of that digest."""
    kept = tables.playbook_text
    return connection.execute(select(kept.c.text).where(kept.c.digest == digest)).scalar_one_or_none()


def add_run(connection: Connection, new: NewRun, now: datetime) -> int:
    """Queue a run; returns its number."""
    row = {**new.__dict__, "status": "queued", "fence": 0, "created_at": now}
    key = connection.execute(_ADD, row).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    return int(key[0])


def add_runs(connection: Connection, new: Sequence[NewRun], now: datetime) -> list[int]:
    """Queue many runs with one statement; returns their numbers in the same order."""
    if not new:
        return []
    rows = [{**run.__dict__, "status": "queued", "fence": 0, "created_at": now} for run in new]
    added = insert(_run).returning(_run.c.id, sort_by_parameter_order=True)
    return list(connection.execute(added, rows).scalars())


def start_run(connection: Connection, new: NewRun, owner: str, now: datetime, lease: timedelta) -> Run:
    """Add a run and claim it in one go: for a person who waits for it, and for sub-playbooks."""
    row = {
        **new.__dict__,
        "status": "running",
        "owner": owner,
        "fence": 1,
        "lease_until": now + lease,
        "created_at": now,
        "started_at": now,
    }
    key = connection.execute(_ADD, row).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    fault("claim")
    return Run(**row, id=int(key[0]), output=None, error=None, ended_at=None)


_ADD = insert(_run)


def claim(connection: Connection, run_id: int, owner: str, now: datetime, lease: timedelta) -> Run | None:
    """Take a run: a queued or waiting one, or a running one whose owner's lease is over or whose owner is gone.

    Whoever names a run does not wait for its turn, nor for the time it waits for.

    None when it cannot be taken. The fence counts up, so that whoever had it before is refused from now on.
    """
    run = run_by_id(connection, run_id)
    if run is None or not _claimable(run, now):
        return None
    return _take(connection, run, owner, now, lease)


def claim_part(connection: Connection, run_id: int, owner: str, now: datetime, lease: timedelta) -> Run | None:
    """Take the run of a sub-playbook, as its parent's owner: one that this process already holds is taken, too."""
    run = run_by_id(connection, run_id)
    if run is None or run.status in ENDED or (run.owner != owner and not _claimable(run, now)):
        return None
    return _take(connection, run, owner, now, lease)


def claim_next(connection: Connection, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Run]:
    """Take up to `limit` runs, as `claimable` finds them."""
    return [_take(connection, run, owner, now, lease) for run in claimable(connection, owner, now, limit)]


def claimable(connection: Connection, owner: str, now: datetime, limit: int) -> list[Run]:
    """Up to `limit` runs that may be taken, oldest first: queued ones, waiting ones whose time has come, and running
    ones whose owner is gone.

    The oldest first whatever its state: what was interrupted may hold a key that the queued ones wait for.

    Runs of sub-playbooks are not among them: their parent run claims them when it gets there. Of the runs of one
    playbook for one event (or with one concurrency key), and of those of one schedule, only the first is; the others
    wait until it has ended.
    """
    free = _runs_where(_run.c.parent_run_id.is_(None)).order_by(_run.c.id)
    queued = _read(connection, free.where(_run.c.status == "queued", _FIRST).limit(limit))
    queued += _read(connection, free.where(_run.c.status == "waiting", _run.c.wake_at <= now).limit(limit))
    held = free.where(_run.c.status == "running", or_(_run.c.owner.is_(None), _run.c.owner != owner))
    running = [run for run in _read(connection, held) if _claimable(run, now)]
    return sorted(queued + running, key=lambda run: run.id)[:limit]


_earlier = _run.alias("earlier")
_GOES_ON = and_(
    _earlier.c.id < _run.c.id,
    func.coalesce(_earlier.c.parent_run_id, 0) == 0,
    _earlier.c.status.in_(("queued", "running", "waiting")),
)
_SAME_EVENT = and_(
    _earlier.c.event_stream == _run.c.event_stream,
    _earlier.c.event_key == _run.c.event_key,
    func.coalesce(_earlier.c.playbook, "") == _run.c.playbook,
)
# Three conditions, each asked only of runs it concerns: thousands of other runs in the queue cost nothing.
# `coalesce` keeps SQLite from the indexes of playbook and parent, by which it would walk through all runs there ever
# were; those of event and status lead to the few that matter.
_FIRST = and_(
    or_(_run.c.event_key.is_(None), _run.c.lane.is_not(None), ~exists().where(_SAME_EVENT, _GOES_ON)),
    or_(_run.c.lane.is_(None), ~exists().where(_earlier.c.lane == _run.c.lane, _GOES_ON)),
    or_(_run.c.slot_of.is_(None), ~exists().where(_earlier.c.slot_of == _run.c.slot_of, _GOES_ON)),
)


def _claimable(run: Run, now: datetime) -> bool:
    if run.status in ENDED:
        return False
    return run.owner is None or run.lease_until is None or run.lease_until <= now or owners.is_gone(run.owner)


def _take(connection: Connection, run: Run, owner: str, now: datetime, lease: timedelta) -> Run:
    taken = {
        "owner": owner,
        "fence": run.fence + 1,
        "lease_until": now + lease,
        "status": "running",
        "started_at": run.started_at or now,
        "wake_at": None,
    }
    connection.execute(_TAKE, {"run_id": run.id, **taken})
    fault("claim")
    return Run(**{**run.__dict__, **taken})


_TAKE = (
    update(_run)
    .where(_run.c.id == bindparam("run_id"))
    .values({name: bindparam(name) for name in ("owner", "fence", "lease_until", "status", "started_at", "wake_at")})
)


def renew(connection: Connection, owner: str, now: datetime, lease: timedelta) -> int:
    """Hold all runs of this owner longer; returns how many there are."""
    mine = and_(_run.c.owner == owner, _run.c.status == "running")
    return connection.execute(update(_run).where(mine).values(lease_until=now + lease)).rowcount


def lay_down(connection: Connection, run_id: int, fence: int) -> None:
    """Queue a run again that its owner does not go on with; LeaseLost when it is somebody else's."""
    _end(connection, ending(run_id, fence, "queued", None, None, None))


def finish(
    connection: Connection,
    run_id: int,
    fence: int,
    status: str,
    output: Any,
    error: dict[str, Any] | None,
    now: datetime,
) -> None:
    """End a run."""
    _end(connection, ending(run_id, fence, status, output, error, now))
    fault("finish")


def ending(
    run_id: int, fence: int, status: str, output: Any, error: dict[str, Any] | None, now: datetime | None
) -> dict[str, Any]:
    """The parameters of END."""
    ended = now if status in ENDED else None
    told = {"new_status": status, "output": output, "error": error, "ended_at": ended}
    return {"run_id": run_id, "held_fence": fence, **told}


END = (
    update(_run)
    .where(
        _run.c.id == bindparam("run_id"),
        _run.c.fence == bindparam("held_fence"),
        _run.c.status == "running",
    )
    .values(
        status=bindparam("new_status"),
        output=bindparam("output"),
        error=bindparam("error"),
        ended_at=bindparam("ended_at"),
        owner=None,
        lease_until=None,
    )
)


def _end(connection: Connection, told: dict[str, Any]) -> None:
    if connection.execute(END, told).rowcount != 1:
        raise LeaseLost


def run_by_id(connection: Connection, run_id: int) -> Run | None:
    found = _read(connection, _BY_ID, {"run_id": run_id})
    return found[0] if found else None


def runs(
    connection: Connection,
    *,
    playbook: str | None = None,
    status: str | None = None,
    event_stream: str | None = None,
    event_key: str | None = None,
    limit: int = 50,
    before: int | None = None,
) -> list[Run]:
    """Runs, newest first; `before` is the number to go on from."""
    query = _runs_where(*_filters(playbook, status, event_stream, event_key))
    if before is not None:
        query = query.where(_run.c.id < before)
    return _read(connection, query.order_by(_run.c.id.desc()).limit(limit))


def count(
    connection: Connection,
    *,
    playbook: str | None = None,
    status: str | None = None,
    event_stream: str | None = None,
    event_key: str | None = None,
) -> int:
    """How many runs there are."""
    query = select(func.count()).select_from(_run)
    wanted = _filters(playbook, status, event_stream, event_key)
    return connection.execute(query.where(*wanted)).scalar_one()


def children(connection: Connection, run_id: int, path: str | None = None) -> list[Run]:
    """The runs of sub-playbooks that a run, or its step at `path`, started; oldest first."""
    query = _runs_where(_run.c.parent_run_id == run_id)
    if path is not None:
        query = query.where(_run.c.parent_path == path)
    return _read(connection, query.order_by(_run.c.id))


def scheduled(connection: Connection, playbook: str) -> list[Run]:
    """The runs of a playbook's schedule that have not ended, oldest first."""
    query = _runs_where(
        _run.c.playbook == playbook,
        _run.c.slot_of == playbook,
        _run.c.status.in_(("queued", "running", "waiting")),
    )
    return _read(connection, query.order_by(_run.c.id))


def _filters(playbook: str | None, status: str | None, stream: str | None, key: str | None) -> list[Any]:
    asked = {_run.c.playbook: playbook, _run.c.status: status, _run.c.event_stream: stream, _run.c.event_key: key}
    return [column == value for column, value in asked.items() if value is not None]


def _runs_where(*conditions: Any) -> Select[Any]:
    return select(_run).where(*conditions)


_BY_ID = _runs_where(_run.c.id == bindparam("run_id"))


def _read(connection: Connection, query: Select[Any], values: dict[str, Any] | None = None) -> list[Run]:
    return [Run(**row._mapping) for row in connection.execute(query, values)]
