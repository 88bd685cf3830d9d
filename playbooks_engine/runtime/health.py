"""Health checks: the test command of a connection, what is held to be true of it, and who is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.errors import BadUsage, CommandFailed, RateLimited, Unusable
from playbooks_engine.runtime.calling import Called
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.keeping import keep
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.running.failing import as_failure
from playbooks_engine.store import health, notifications
from playbooks_engine.store.database import BUSY_TIMEOUT
from playbooks_engine.store.health import HealthCheck, HealthState

DOWN_AFTER = 3
UP_AFTER = 2
AT_ONCE = frozenset({"auth", "forbidden", "plan", "not_allowed"})
"""Failures that another try does not mend: one is enough to be down."""

SERVICE = Actor("service", "health check")


@dataclass(frozen=True)
class Checked:
    """One check of a connection."""

    connection: str
    status: str
    checked_at: datetime
    latency: float | None
    error: CommandFailed | None
    notes: tuple[str, ...] = ()
    """What the test command says of how far a check goes, for people: its output's `notes`."""

    def as_json(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "status": self.status,
            "checked_at": self.checked_at.isoformat().replace("+00:00", "Z"),
            "latency": self.latency,
            "error": self.error.as_json() if self.error else None,
        }


async def check(engine: Engine, name: str, actor: Actor = SERVICE) -> Checked:
    """Test a connection now, and record it with the state that follows.

    Raises BadUsage for a connection that is unknown, not active, or has no test command.
    """
    connector = engine.catalog.connector(engine.project.connection(name).connector)
    if connector.test is None:
        raise BadUsage(
            f'Connection "{name}" cannot be tested: connector {connector.name} has no test command.',
            hint="Use one of its commands to see whether it works.",
        )
    engine.calling.link(name)
    began, at = engine.clock.monotonic(), engine.clock.now()
    failure: CommandFailed | None = None
    called: Called | None = None
    try:
        called = await engine.calling.call(name, engine.calling.command(name, connector.test, {}), actor)
    except CommandFailed as error:
        failure = error
    except Unusable as error:  # a secret that cannot be read, for one
        failure = as_failure(error, "")
        failure.indicator = connector.commands[connector.test].spec.failure
    checked = Checked(
        name,
        "failed" if failure else "passed",
        at,
        round(engine.clock.monotonic() - began, 4),
        failure,
        _notes(called),
    )
    await _record(engine, checked)
    return checked


def _notes(called: Called | None) -> tuple[str, ...]:
    output = called.result.output if called and called.result else None
    return tuple(output.get("notes", ())) if isinstance(output, dict) else ()


def judge(known: HealthState | None, checked: Checked) -> HealthState:
    """What is held to be true after a check. The first check decides at once; being throttled decides nothing."""
    state = known or HealthState(connection=checked.connection, status="unknown", since=checked.checked_at)
    if isinstance(checked.error, RateLimited):
        return state
    if checked.error is None:
        state = replace(state, failures_in_a_row=0, successes_in_a_row=state.successes_in_a_row + 1)
        if state.status == "unknown" or (state.status == "down" and state.successes_in_a_row >= UP_AFTER):
            return replace(state, status="up", since=checked.checked_at)
        return state
    state = replace(state, failures_in_a_row=state.failures_in_a_row + 1, successes_in_a_row=0)
    enough = state.failures_in_a_row >= DOWN_AFTER or checked.error.type in AT_ONCE or state.status == "unknown"
    if state.status != "down" and enough:
        return replace(state, status="down", since=checked.checked_at)
    return state


async def _record(engine: Engine, checked: Checked) -> None:
    """The check, the state, and messages about a change of it: one transaction."""
    error = engine.secrets.clean(checked.error.as_json()) if checked.error else None
    row = HealthCheck(
        connection=checked.connection,
        checked_at=checked.checked_at,
        status=checked.status,
        latency=checked.latency,
        error=error,
    )

    def note(connection: Connection) -> None:
        before = health.health_state(connection, checked.connection)
        after = judge(before, checked)
        health.add_check(connection, row)
        health.set_health_state(connection, after)
        was = before.status if before else "unknown"
        if after.status != was and (was, after.status) != ("unknown", "up"):
            _tell(engine, connection, checked, before, after)

    await keep(engine, note, patience=BUSY_TIMEOUT.total_seconds())


def _tell(
    engine: Engine, connection: Connection, checked: Checked, before: HealthState | None, after: HealthState
) -> None:
    settings = engine.project.connections[checked.connection].health_check
    for via in settings.notify if settings else ():
        title, body = _words(engine, checked, before, after)
        notifications.queue_notification(
            connection,
            subject=after.status,
            title=title,
            body=body,
            via=via,
            now=checked.checked_at,
            connection_name=checked.connection,
        )


def _words(engine: Engine, checked: Checked, before: HealthState | None, after: HealthState) -> tuple[str, str]:
    at = checked.checked_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    if checked.error is None:
        since = before.since.strftime("%Y-%m-%d %H:%M:%S UTC") if before else at
        return (
            f"Connection {checked.connection} is up again",
            f"It passed its check at {at}. It was down since {since}.",
        )
    public = engine.project.web.public_url
    link = f"\n{public.rstrip('/')}/" if public else ""
    return f"Connection {checked.connection} is down", engine.secrets.redact(f"Checked at {at}.\n{checked.error}{link}")
