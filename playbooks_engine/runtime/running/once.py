"""`once`: a call that already succeeded for its key is not made again; its output is reused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from playbooks_engine.errors import InvalidInput, OutcomeUnknown
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.playbook import Call
from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.runtime.running.notebook import FINISHED
from playbooks_engine.runtime.running.vigil import SHORT, later
from playbooks_engine.store import journal
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import OnceRow, StepRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

POLL = 0.5
"""Seconds between the first looks at a key that another run holds."""
LONGEST = 4.0
"""Seconds between two looks after a while: many runs may wait for one key."""
LAID_DOWN = SHORT + 1
"""Seconds between two looks after half a minute: the run is laid down, so that who holds the key finds a place."""


class Claims:
    """The `once` keys of one run."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        playbook: str,
        run_id: int | None,
        halt: Halt,
    ) -> None:
        self._database = database
        self._clock = clock
        self._playbook = playbook
        self._run_id = run_id or 0
        self._halt = halt

    async def claim(self, step: Call, connection: str, key: str, path: str) -> OnceRow:
        """The key, claimed for this call, or done already; waits while another run holds it.

        Raises OutcomeUnknown when another run sent the change and never learned what became of it.
        """
        pauses = chain((POLL, POLL, POLL * 2, POLL * 4), repeat(LONGEST, 6), repeat(LAID_DOWN))
        while True:
            row = self._try(step, connection, key, path)
            if row.done or (row.run_id, row.path) == (self._run_id, path):
                return row
            await self._halt.vigil.wait(self._clock, later(self._clock.now(), next(pauses)), self._halt)

    def done(self, step: Call, connection: str, key: str) -> OnceRow | None:
        """What the call gave for this key before, if it would be reused now; nothing is claimed."""
        with self._database.reading() as reading:
            row = journal.once_known(
                reading, playbook=self._playbook, step=step.id, connection_name=connection, key=key
            )
        return row if row is not None and row.done and not self._expired(step, row) else None

    def _expired(self, step: Call, row: OnceRow) -> bool:
        within = step.once.within if step.once else None
        return row.done and within is not None and row.at < self._clock.now() - timedelta(seconds=within)

    def settle(self, claim: OnceRow, row: StepRow, *, made: bool = False) -> None:
        """Keep the output for whoever comes with this key, or let the key go when the call certainly did not happen.

        `made`: the change was made, although its step failed, such as on a result too large to keep.
        """
        with self._database.transaction() as connection:
            if row.status == "succeeded" or made:
                journal.once_done(connection, claim, row.output, row.raw, self._clock.now())
            elif not _unknown(row):
                journal.once_release(connection, claim)

    def _try(self, step: Call, connection_name: str, key: str, path: str) -> OnceRow:
        now = self._clock.now()
        asked: dict[str, Any] = {
            "playbook": self._playbook,
            "step": step.id,
            "connection_name": connection_name,
            "key": key,
            "run_id": self._run_id,
            "path": path,
            "now": now,
        }
        with self._database.transaction() as connection:
            row = journal.once_claim(connection, **asked)
            if not row.done and (row.run_id, row.path) != (self._run_id, path):
                row = _looked_after(connection, row, now)
            if self._expired(step, row) or row.state == _ABANDONED:
                journal.once_forget(connection, row)
                row = journal.once_claim(connection, **asked)
        return row


def once_key(value: Any) -> str:
    """The key as it is kept; raises InvalidInput for a value that would be the same key for things that differ."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        told = "empty text" if value == "" else kind(value)
        raise InvalidInput(f"The key of `once` is {told}; it must be text or a number that tells things apart.")
    return str(value)


_ABANDONED = "abandoned"


def _looked_after(connection: Connection, row: OnceRow, now: datetime) -> OnceRow:
    """A key that another run holds, as its step really stands: the run may have died between the two.

    Raises OutcomeUnknown when that run sent the change and never learned what became of it.
    """
    held = [step for step in journal.steps(connection, row.run_id) if step.path == row.path]
    if held and held[0].status == "succeeded":
        journal.once_done(connection, row, held[0].output, held[0].raw, now)
        return replace(row, state="done", output=held[0].output, raw=held[0].raw, at=now)
    holder = journal.run_by_id(connection, row.run_id)
    # A step that is over holds nothing, although its run goes on: another item of a loop may want the same key.
    over = bool(held) and held[0].status in FINISHED
    if not over and holder is not None and holder.status not in journal.ENDED:
        return row
    outcomes = {intent.outcome for intent in journal.intents(connection, row.run_id) if intent.path == row.path}
    if (held and _unknown(held[0])) or outcomes & {None, "unknown"}:
        raise OutcomeUnknown(
            f"Run {row.run_id} sent this for the same key, and whether it happened is not known.",
            hint=f"Look in the service; `playbooks runs show {row.run_id}` says what to look at.",
        )
    if "succeeded" in outcomes:  # its step failed all the same, such as on a result too large to keep
        journal.once_done(connection, row, None, None, now)
        return replace(row, state="done", at=now)
    return replace(row, state=_ABANDONED)


def _unknown(row: StepRow) -> bool:
    return (row.error or {}).get("type") == "outcome_unknown"
