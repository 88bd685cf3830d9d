"""What needs a person now: connections that are down, streams that fail, runs that went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from playbooks_engine.runtime import sentences
from playbooks_engine.runtime.living import late
from playbooks_engine.sdk import Connection as Account
from playbooks_engine.store import health, journal
from playbooks_engine.store.events import StreamRow, stream_states
from playbooks_engine.store.health import HealthCheck, HealthState
from playbooks_engine.store.journal import Run
from playbooks_engine.store.notifications import waiting_notifications
from playbooks_engine.store.room import Room
from playbooks_engine.store.triggers import Decision, decisions
from playbooks_engine.web.rendering import address

RECENT = timedelta(hours=24)
MOST = 20
"""Failed runs that are told one by one; the list of runs has the rest."""


@dataclass(frozen=True)
class Health:
    """A connection of the project with what is known of it. `word`: up, down, unknown, unchecked or inactive."""

    name: str
    account: Account
    state: HealthState | None
    last: HealthCheck | None

    @property
    def word(self) -> str:
        if not self.account.active:
            return "inactive"
        if self.state is not None:
            return self.state.status
        if self.last is not None:
            return "up" if self.last.status == "passed" else "down"
        return "unknown" if self.account.health_check else "unchecked"


@dataclass(frozen=True)
class Matter:
    """One thing that needs attention, where to look, and since when it is so."""

    kind: Literal["store", "connection", "stream", "run", "message", "trigger"]
    text: str
    detail: str
    hint: str
    link: str
    since: datetime


def of_the_store(room: Room, now: datetime) -> list[Matter]:
    """That the disk is full, before everything else: nothing new begins until there is room."""
    if not (short := room.short()):
        return []
    detail = "Nothing new is begun or fetched, so that runs under way can be recorded. What is due stays due."
    return [Matter("store", short, detail, "Make room on the disk; it goes on by itself.", address("runs"), now)]


def health_of(connection: Connection, accounts: Mapping[str, Account]) -> list[Health]:
    """Every connection of the project, in its order."""
    states = {state.connection: state for state in health.health_states(connection)}
    return [
        Health(name, account, states.get(name), next(iter(health.checks(connection, name, limit=1)), None))
        for name, account in accounts.items()
    ]


def matters(connection: Connection, healths: list[Health], now: datetime) -> list[Matter]:
    """What needs attention, the connections first: they are often the cause of the rest."""
    names = {one.name for one in healths if one.account.active}
    streams = [row for row in stream_states(connection) if row.failing_since and row.stream.split(".")[0] in names]
    return [
        *(_down(one) for one in healths if one.word == "down"),
        *(_failing(row) for row in streams),
        *_undelivered(connection),
        *_late(connection, now),
        *_paused(connection),
        *_unread(connection, now),
        *_unjudged(connection, now),
        *(_failed(run) for run in failed_runs(connection, now)),
    ]


def failed_runs(connection: Connection, now: datetime) -> list[Run]:
    """Runs that went wrong in the last day, newest first; those of sub-playbooks are told by their parents."""
    found = [
        run
        for status in ("failed", "timed_out", "succeeded_with_errors")
        for run in journal.runs(connection, status=status, limit=2 * MOST)
        if run.parent_run_id is None and (run.ended_at or run.created_at) >= now - RECENT
    ]
    return sorted(found, key=lambda run: run.id, reverse=True)[:MOST]


def _down(one: Health) -> Matter:
    failed: Any = one.last.error if one.last else None
    assert one.state or one.last  # noqa: S101 - otherwise nobody knows that it is down
    since = one.state.since if one.state else one.last.checked_at  # type: ignore[union-attr]
    return Matter(
        "connection",
        f"Connection {one.name} is down",
        sentences.error(failed),
        sentences.hint(failed),
        address("connections", one.name),
        since,
    )


def _failing(row: StreamRow) -> Matter:
    assert row.failing_since is not None  # noqa: S101 - asked by the caller
    return Matter(
        "stream",
        f"Stream {row.stream} cannot be fetched",
        sentences.error(row.last_error),
        sentences.hint(row.last_error),
        address("connections", row.stream.split(".")[0]),
        row.failing_since,
    )


def _failed(run: Run) -> Matter:
    words = {
        "failed": "failed",
        "timed_out": "took too long and was ended",
        "succeeded_with_errors": "succeeded with errors",
    }
    return Matter(
        "run",
        f"Run {run.id} of {run.playbook} {words[run.status]}",
        _place(run.error) + sentences.error(run.error),
        sentences.hint(run.error),
        address("runs", run.id),
        run.ended_at or run.created_at,
    )


def _place(failed: dict[str, Any] | None) -> str:
    """The step, as a beginning: what failed is told by its message, where it failed is half of the answer."""
    return f"{failed['step']}: " if failed and failed.get("step") else ""


def _late(connection: Connection, now: datetime) -> list[Matter]:
    """What should have begun a minute ago or longer: the service is behind, hangs, or does not run."""
    detail, hint = (
        "The service is behind, or hangs.",
        "Its log says what it does; `playbooks doctor` looks at the store.",
    )
    schedules, runs = late(connection, now)
    return [
        *(
            Matter("trigger", f"The schedule of {row.playbook} is late", detail, hint, address("runs"), row.next_due)
            for row in schedules
            if row.next_due is not None
        ),
        *(
            Matter(
                "run",
                f"Run {run.id} of {run.playbook} has not begun",
                detail,
                hint,
                address("runs", run.id),
                run.created_at,
            )
            for run in runs
        ),
    ]


def _unjudged(connection: Connection, now: datetime) -> list[Matter]:
    """Triggers whose condition had no value for some event: what should have started did not."""
    latest: dict[str, Decision] = {}
    for decision in decisions(connection, kind="failed", limit=500):
        if decision.at >= now - RECENT:
            latest.setdefault(decision.playbook, decision)
    return [
        Matter(
            "trigger",
            f"The trigger of {playbook} could not be judged",
            one.reason,
            f"Mend `where` in {playbook}; what came meanwhile is judged again when it changes.",
            address("events", one.stream or "", one.event_key) if one.event_key else address("runs"),
            one.at,
        )
        for playbook, one in latest.items()
    ]


def _paused(connection: Connection) -> list[Matter]:
    """Playbooks that are paused: their triggers start nothing."""
    latest: dict[str, Decision] = {}
    for kind in ("paused", "resumed"):
        for decision in decisions(connection, kind=kind, limit=500):
            if decision.playbook not in latest or latest[decision.playbook].id < decision.id:
                latest[decision.playbook] = decision
    return [
        Matter(
            "trigger",
            f"Playbook {playbook} is paused",
            one.reason,
            f"Look at its last run, and mend what failed: playbooks runs show {one.run_id}",
            address("runs", one.run_id) if one.run_id else address("runs"),
            one.at,
        )
        for playbook, one in latest.items()
        if one.kind == "paused"
    ]


def _unread(connection: Connection, now: datetime) -> list[Matter]:
    """Events that are to fire, and could not be read again first: somebody may wait to be paged."""
    told: dict[tuple[str, str | None, str | None], Matter] = {}
    for one in decisions(connection, kind="unread", limit=MOST):
        about = (one.playbook, one.stream, one.event_key)
        newer = decisions(connection, playbook=about[0], stream=about[1], event_key=about[2], limit=1)
        if one.at < now - RECENT or not one.event_key or about in told or newer[0].id != one.id:
            continue
        title = f"{one.playbook} cannot start for {one.event_key}"
        link = address("events", one.stream or "", one.event_key)
        told[about] = Matter("trigger", title, one.reason, "It is tried again until it works.", link, one.at)
    return [*told.values()]


def _undelivered(connection: Connection) -> list[Matter]:
    """Somebody was to be told, and was not: a page is the only place left to say so."""
    tried = [message for message in waiting_notifications(connection, MOST) if message.attempts and message.error]
    return [
        Matter(
            "message",
            f'Message "{message.title}" could not be sent with {message.via}',
            sentences.error(message.error),
            sentences.hint(message.error),
            address("connections", message.via.partition(".")[0]),
            message.created_at,
        )
        for message in tried
    ]
