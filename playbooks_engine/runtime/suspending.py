"""A playbook that fails the same way again and again is paused: its triggers start nothing, and that is told once.

Events whose runs were left out wait: those that still match when the playbook goes on are started then. The slots of
its schedule are gone.

A pause is no state of its own. It is read from how the latest runs ended, so it outlives restarts, is the same for
every process on a store, and ends by itself: when the playbook or a part of it is edited, when a run succeeds (begun
by hand, or let through now and then to see), or when runs fail in another way.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from playbooks_engine.runtime import sentences
from playbooks_engine.runtime.armed import Armed
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.settings import Pausing
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.store import notifications, triggers
from playbooks_engine.store.endings import Ending, endings, goes_on
from playbooks_engine.store.triggers import NewDecision

log = logging.getLogger(__name__)

# What differs from one failure to the next and says nothing of its kind: numbers, ids.
_NUMBERS = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|\d+", re.I)


@dataclass(frozen=True)
class Pause:
    """Why a playbook is paused: so many identical failures in a row, the last one when, and what it said."""

    failures: int
    since: datetime
    last_run: int
    error: str

    def told(self, settings: Pausing) -> str:
        return (
            f"its last {self.failures} runs failed in the same way ({self.error.rstrip('.')}), so it is paused; "
            f"it goes on when the playbook is edited or a run succeeds, and one run is let through every "
            f"{format_duration(settings.retry)} to see"
        )


def pause_of(connection: Connection, settings: Pausing, loaded: Loaded) -> Pause | None:
    """The pause of a playbook as its files are now; None while it is not paused."""
    if not settings.after:
        return None
    rows = endings(connection, loaded.playbook.name, settings.after)
    if len(rows) < settings.after or any(row.status not in {"failed", "timed_out"} for row in rows):
        return None
    parts = {path: part.digest for path, part in loaded.parts.items()}
    if any((row.digest, row.sources) != (loaded.playbook.digest, parts) for row in rows):
        return None
    if len({_kind(row) for row in rows}) > 1:
        return None
    return Pause(len(rows), max(row.ended_at for row in rows), rows[0].id, sentences.error(rows[0].error))


def _kind(row: Ending) -> tuple[object, ...]:
    """What failures that are identical have in common."""
    error = row.error or {}
    message = _NUMBERS.sub("#", str(error.get("message") or ""))
    return row.status, error.get("type"), error.get("status_code"), error.get("step"), message


def allowance(engine: Engine, connection: Connection, loaded: Loaded, pause: Pause | None, now: datetime) -> int | None:
    """How many runs of a playbook its triggers may start now: any number (None) unless it is paused."""
    if pause is None:
        return None
    waited = now - pause.since >= timedelta(seconds=engine.project.pausing.retry)
    return int(waited and not goes_on(connection, loaded.playbook.name))


class Brake:
    """Whether a trigger may start runs of a playbook in this transaction."""

    def __init__(self, engine: Engine, connection: Connection, loaded: Loaded, now: datetime) -> None:
        settings = engine.project.pausing
        pause = pause_of(connection, settings, loaded)
        self.why = pause.told(settings) if pause else ""
        self._left = allowance(engine, connection, loaded, pause, now)
        if pause is not None:
            tell(engine, connection, loaded, pause, now)

    def lets_through(self) -> bool:
        """Whether one more run may start."""
        if self._left is None:
            return True
        self._left -= 1
        return self._left >= 0


def look(engine: Engine, armed: Armed) -> bool:
    """Tell of every playbook that is paused, or is paused no longer; True when there was something to tell."""
    now, news = engine.clock.now(), False
    for loaded in armed.playbooks.values():
        if loaded.playbook.event is None and loaded.playbook.schedule is None:
            continue
        with engine.database.reading() as connection:
            pause = pause_of(connection, engine.project.pausing, loaded)
            known = _last(connection, loaded)
        if (pause is None) != (known is None or known.kind != "paused"):
            with engine.database.transaction(patient=False) as connection:
                tell(engine, connection, loaded, pause, now)
            news = True
    return news


def _last(connection: Connection, loaded: Loaded) -> triggers.Decision | None:
    """What was told of the playbook's pauses last."""
    name = loaded.playbook.name
    told = [
        row
        for kind in ("paused", "resumed")
        for row in triggers.decisions(connection, playbook=name, kind=kind, limit=1)
    ]
    return max(told, key=lambda row: row.id, default=None)


def tell(engine: Engine, connection: Connection, loaded: Loaded, pause: Pause | None, now: datetime) -> None:
    """Write down that a playbook is paused, or goes on, and queue the messages; once for each change."""
    name = loaded.playbook.name
    known = _last(connection, loaded)
    if (known is not None and known.kind == "paused") == (pause is not None):
        return
    if pause is None:
        kind, title, reason = "resumed", f"Playbook {name} goes on", "its triggers start runs again"
    else:
        kind, title, reason = "paused", f"Playbook {name} is paused", pause.told(engine.project.pausing)
    reason = engine.secrets.redact(reason)
    log.warning("%s: %s", title, reason)
    run_id = pause.last_run if pause else None
    triggers.decide(connection, [NewDecision(at=now, playbook=name, kind=kind, reason=reason, run_id=run_id)])
    for via in _told_through(engine, loaded):
        notifications.queue_notification(
            connection, subject=kind, title=title, body=f"{reason[0].upper()}{reason[1:]}.", via=via, now=now
        )


def _told_through(engine: Engine, loaded: Loaded) -> Iterable[str]:
    """Who is told: whoever hears of the health of the connections that the playbook uses."""
    used = {alias for playbook in (loaded.playbook, *loaded.parts.values()) for alias in playbook.connections}
    if loaded.playbook.event is not None:
        used.add(loaded.playbook.event.stream.partition(".")[0])
    found: dict[str, None] = {}
    for name in sorted(used & set(engine.project.connections)):
        health = engine.project.connections[name].health_check
        found |= dict.fromkeys(health.notify if health else ())
    return list(found)
