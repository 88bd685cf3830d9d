"""Write budgets: how often a command may change something in a time, counted by the audit all processes share."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from playbooks_engine.errors import NotAllowed, StoreBusy
from playbooks_engine.runtime.clock import Clock
from playbooks_engine.sdk.durations import format_duration, parse_duration
from playbooks_engine.sdk.times import format_time
from playbooks_engine.store.audit import NewAudit, let_through, write_audit
from playbooks_engine.store.database import Database

log = logging.getLogger(__name__)

LIMIT_FORM = "write it like `ops.create_incident: 10 per 1h`"

WARN_AT = 0.8
"""The part of a budget that is used when a warning is logged."""

AGAIN_AFTER = 0.05
"""Seconds until a store that another process holds is tried again."""

_FORM = re.compile(r"(\d{1,9}) per (\S{1,20})", re.ASCII)


@dataclass(frozen=True)
class Limit:
    """At most so many calls in any time of this length."""

    most: int
    time: timedelta

    def __str__(self) -> str:
        return f"{self.most} per {format_duration(self.time)}"


def read_limit(value: Any) -> Limit:
    """The budget that `10 per 1h` names; raises ValueError with a message for people."""
    match = _FORM.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if match is None:
        raise ValueError("this is no budget")
    limit = Limit(int(match[1]), parse_duration(match[2]))
    if not limit.time:
        raise ValueError("a budget needs a time that is longer than nothing")
    return limit


class Budgets:
    """The budgets of a project, by connection and command."""

    def __init__(self, limits: Mapping[str, Limit], database: Database, clock: Clock) -> None:
        self._limits = limits
        self._database = database
        self._clock = clock

    async def spend(self, row: NewAudit, known: str | None) -> str | None:
        """Write a call's audit row, within its budget; None where the command has no budget.

        What was let through is counted and the row is written in one transaction, so that all processes on a store
        share one budget. `known` is the id of the row where the call has one already. Raises NotAllowed when the
        budget is used up; the row then says so.
        """
        name = f"{row.connection}.{row.command}"
        limit = self._limits.get(name)
        if limit is None:
            return None
        while True:
            try:
                return self._spend(name, limit, row, known)
            except StoreBusy:
                await self._clock.sleep(AGAIN_AFTER)

    def _spend(self, name: str, limit: Limit, row: NewAudit, known: str | None) -> str:
        with self._database.transaction(patient=False) as connection:
            since = row.at - limit.time
            times = let_through(connection, row.connection, row.command, since, limit.most, but=known)
            refused = len(times) >= limit.most
            if refused:
                row = replace(row, decision="denied", rule=f"limits: {name}: {limit}")
            written = known or write_audit(connection, row, ended=refused)
        if not refused:
            used = len(times) + 1
            if used == math.ceil(limit.most * WARN_AT):
                log.warning("%s has used %d of its budget of %s (`limits` in project.yml)", name, used, limit)
            return written
        frees = f"the next one may leave at {format_time(times[-1] + limit.time)}" if times else "none may leave"
        log.warning("%s was refused: its budget of %s is used up", name, limit)
        raise NotAllowed(
            f"The write budget of {name} is used up: {limit}. Nothing was sent; {frees}.",
            hint=f"Wait until then, or raise `limits: {{{name}: {limit}}}` in project.yml.",
        )
