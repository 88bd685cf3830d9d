"""Steps and intents: written on the way, many runs to a commit; read to resume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, exists, literal_column, or_, select, update
from sqlalchemy.dialects.sqlite import Insert, insert

from playbooks_engine.faults import fault
from playbooks_engine.store import tables
from playbooks_engine.store.gathering import Gathering
from playbooks_engine.store.journal.runs import END, ending

_run, _step, _intent = tables.run, tables.step, tables.intent


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """One step of a run as it stands; `path` tells the loop item and the block too."""

    run_id: int
    path: str
    step_id: str
    item: int | None = None
    status: str
    inputs: Any = None
    output: Any = None
    raw: Any = None
    error: dict[str, Any] | None = None
    attempts: int = 0
    conditions: Any = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    child_run_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A write that is about to leave. Its maker gives it an id (uuid4 in hex), so that no answer is waited for."""

    id: str
    run_id: int | None = None
    path: str | None = None
    attempt: int = 1
    command: str
    connection: str
    effect: str
    key: str | None = None
    request_hash: str
    method: str | None = None
    url_path: str | None = None
    body: Any = None
    written_at: datetime
    accepted_request_id: str | None = None
    settled_at: datetime | None = None
    outcome: str | None = None


_held = exists().where(_run.c.id == bindparam("run_id"), _run.c.fence == bindparam("fence"))
_held_or_single = or_(bindparam("run_id").is_(None), _held)


def _guarded(table: Table, condition: Any) -> Insert:
    values = [bindparam(column.name, type_=column.type) for column in table.columns]
    guarded: Insert = insert(table).from_select(
        [column.name for column in table.columns], select(*values).where(condition)
    )
    return guarded


_new_step = _guarded(_step, _held)
_STEP = _new_step.on_conflict_do_update(
    index_elements=["run_id", "path"],
    set_={column.name: _new_step.excluded[column.name] for column in _step.columns if not column.primary_key},
)
# The same intent written twice is one intent: a batch may be repeated.
_INTENT = _guarded(_intent, _held_or_single).on_conflict_do_update(
    index_elements=["id"], set_={"written_at": bindparam("written_at", type_=_intent.c.written_at.type)}
)
_by_id = and_(
    _intent.c.id == bindparam("intent_id"),
    or_(
        bindparam("fence").is_(None),
        exists().where(_run.c.id == _intent.c.run_id, _run.c.fence == bindparam("fence")),
    ),
)
_ACCEPTED = update(_intent).where(_by_id).values(accepted_request_id=bindparam("request_id"))
_SETTLED = (
    update(_intent)
    .where(_by_id)
    .values(outcome=bindparam("intent_outcome"), settled_at=bindparam("now", type_=_intent.c.settled_at.type))
)

_STEP_FIELDS = tuple(column.name for column in _step.columns)
_INTENT_FIELDS = tuple(column.name for column in _intent.columns)
_step_values = attrgetter(*_STEP_FIELDS)
_intent_values = attrgetter(*_INTENT_FIELDS)


class Journal:
    """Writes what a run does, as it does it. `committed()` returns when all written so far is stored."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self.committed = gathering.committed
        self.flush = gathering.flush

    def step(self, row: StepRow, fence: int) -> None:
        """Write a step as it stands now. With an old fence `committed()` raises LeaseLost."""
        values = dict(zip(_STEP_FIELDS, _step_values(row), strict=True))
        values["fence"] = fence
        self._gathering.add(_STEP, values, guarded=True)

    def finish(
        self,
        run_id: int,
        fence: int,
        status: str,
        output: Any,
        error: dict[str, Any] | None,
        now: datetime,
    ) -> None:
        """End a run, in the same commit as its last step; `committed()` raises LeaseLost as for a step."""
        self._gathering.add(END, ending(run_id, fence, status, output, error, now), guarded=True)
        fault("finish")

    def intent(self, intent: Intent, fence: int | None = None) -> None:
        """Write what is about to be sent; await `committed(durable=True)` before it leaves."""
        values = dict(zip(_INTENT_FIELDS, _intent_values(intent), strict=True))
        values["fence"] = fence
        self._gathering.add(_INTENT, values, guarded=True)

    def accepted(self, intent_id: str, request_id: str, fence: int | None = None) -> None:
        """The service accepted the request and gave it this id; its outcome is not known yet."""
        values = {"intent_id": intent_id, "request_id": request_id, "fence": fence}
        self._gathering.add(_ACCEPTED, values, guarded=True)

    def settled(self, intent_id: str, outcome: str, now: datetime, fence: int | None = None) -> None:
        """The outcome is known: succeeded, failed, or unknown when looking could not tell."""
        values = {"intent_id": intent_id, "intent_outcome": outcome, "now": now, "fence": fence}
        self._gathering.add(_SETTLED, values, guarded=True)


def add_steps(connection: Connection, run_id: int, rows: Sequence[StepRow]) -> None:
    """Give a new run, in the transaction that adds it, the steps it begins with."""
    if rows:
        connection.execute(insert(_step), [{**row.__dict__, "run_id": run_id} for row in rows])


def steps(connection: Connection, run_id: int) -> list[StepRow]:
    """The steps of a run, in the order they were first written."""
    # An upsert leaves a row where it was; times may be equal, and a skipped step has none.
    query = select(_step).where(_step.c.run_id == run_id).order_by(literal_column("step.rowid"))
    return [StepRow(**row._mapping) for row in connection.execute(query)]


def intents(connection: Connection, run_id: int, unsettled_only: bool = False) -> list[Intent]:
    """The intents of a run, oldest first; those without an outcome may or may not have arrived."""
    query = select(_intent).where(_intent.c.run_id == run_id).order_by(_intent.c.written_at)
    if unsettled_only:
        query = query.where(_intent.c.outcome.is_(None))
    return [Intent(**row._mapping) for row in connection.execute(query)]
