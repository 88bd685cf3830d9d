"""Health checks: what one says, what is held to be true, and who is told of a change."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.notify import connector as notify_connector
from connectors.opsgenie import connector as opsgenie_connector
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import AuthFailed, BadUsage, CommandFailed, ConnectionFailed, RateLimited
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.health import Checked, check, judge
from playbooks_engine.store import health, notifications
from playbooks_engine.store.health import HealthState
from playbooks_engine.testing.clock import START, FakeClock

Open = Callable[..., Engine]
Write = Callable[..., Path]


def run_check(engine: Engine, name: str = "ops") -> Checked:
    async def go() -> Checked:
        try:
            return await check(engine, name)
        finally:
            await engine.calling.close()

    return asyncio.run(go())


def told(engine: Engine) -> list[tuple[str, str]]:
    with engine.database.reading() as connection:
        return [(row.subject, row.via) for row in reversed(notifications.notifications(connection))]


def states(*results: CommandFailed | None) -> list[str]:
    """What is held to be true after each of these checks, which begin at an unknown connection."""
    state: HealthState | None = None
    found = []
    for number, result in enumerate(results):
        at = START + timedelta(minutes=number)
        state = judge(state, Checked("ops", "failed" if result else "passed", at, 0.1, result))
        found.append(state.status)
    return found


BROKEN = ConnectionFailed("cannot be reached")


def test_a_check_that_passes_is_recorded_and_decides_at_once(engine: Engine, opsgenie: Simulator) -> None:
    opsgenie.has_alert()
    checked = run_check(engine)
    assert checked.as_json() == {
        "connection": "ops",
        "status": "passed",
        "checked_at": "2026-03-27T10:00:00Z",
        "latency": 0.0,
        "error": None,
    }
    with engine.database.reading() as connection:
        state = health.health_state(connection, "ops")
        assert [row.status for row in health.checks(connection, "ops")] == ["passed"]
    assert state is not None
    assert (state.status, state.since) == ("up", START)
    assert told(engine) == []


def test_a_check_says_how_far_it_went(engine: Engine, opsgenie: Simulator) -> None:
    opsgenie.change_key(opsgenie.key, rights="R")
    assert run_check(engine).notes == (
        "read alerts: yes",
        "read configuration: no: the key lacks Configuration access",
        "change alerts: not tested",
    )


@pytest.mark.parametrize(("status", "kind"), [(429, "rate_limited"), (503, "server_error")])
def test_a_check_is_not_repeated_and_tells_what_it_met(
    engine: Engine, opsgenie: Simulator, status: int, kind: str
) -> None:
    opsgenie.misbehave("error", times=50, status=status, headers={"X-RateLimit-Period-In-Sec": "60"})
    checked = run_check(engine)
    assert checked.error is not None
    assert (checked.error.type, len(opsgenie.ledger)) == (kind, 1)
    assert checked.latency is not None
    assert checked.latency < 5


def test_a_wrong_key_is_down_at_once_and_the_three_parts_are_told(engine: Engine, opsgenie: Simulator) -> None:
    run_check(engine)
    opsgenie.change_key(opsgenie.key, enabled=False)
    checked = run_check(engine)
    assert checked.status == "failed"
    assert isinstance(checked.error, AuthFailed)
    assert checked.error.indicator == "Test Connection failed. Failed to check the connector."
    assert told(engine) == [("down", "chat.send")]
    with engine.database.reading() as connection:
        (message,) = notifications.notifications(connection)
    assert message.title == "Connection ops is down"
    assert "Status Code: 401." in message.body
    assert opsgenie.key not in message.body


def test_each_change_is_told_once(engine: Engine, opsgenie: Simulator, clock: FakeClock) -> None:
    for enabled in (True, False, False, False, True, True, True, False):
        opsgenie.change_key(opsgenie.key, enabled=enabled)
        run_check(engine)
        asyncio.run(clock.advance(300))
    assert [subject for subject, _ in told(engine)] == ["down", "up", "down"]


def test_three_failures_in_a_row_are_down_and_two_passes_are_up() -> None:
    assert states(None, BROKEN, BROKEN, None, BROKEN, BROKEN, BROKEN) == ["up"] * 6 + ["down"]
    assert states(None, BROKEN, BROKEN, BROKEN, None, BROKEN, None, None)[3:] == ["down"] * 4 + ["up"]


def test_the_first_check_decides_at_once() -> None:
    assert states(BROKEN) == ["down"]
    assert states(None) == ["up"]


def test_being_throttled_decides_nothing() -> None:
    busy = RateLimited("slower")
    assert states(None, BROKEN, BROKEN, busy, busy) == ["up"] * 5
    assert states(None, BROKEN, BROKEN, busy, BROKEN)[-1] == "down"
    assert states(busy) == ["unknown"]


def test_a_secret_that_is_missing_is_a_failed_check(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_OPS_KEY")
    checked = run_check(engine)
    assert checked.error is not None
    assert "TEST_OPS_KEY is not set" in checked.error.message


def test_what_cannot_be_checked_is_wrong_usage(write_project: Write, open_engine: Open, opsgenie: Simulator) -> None:
    folder = write_project(opsgenie)
    settings = (folder / "project.yml").read_text().replace("    api_key", "    active: false\n    api_key")
    (folder / "project.yml").write_text(settings)
    engine = open_engine(folder, Catalog.of(opsgenie_connector, replace(notify_connector, test=None)))
    with pytest.raises(BadUsage, match="has no test command"):
        run_check(engine, "chat")
    with pytest.raises(BadUsage, match="is not active"):
        run_check(engine)
    with pytest.raises(BadUsage, match="no connection"):
        run_check(engine, "other")


def test_since_when_it_is_down_stays_while_it_is_down() -> None:
    state = judge(None, Checked("ops", "failed", START, 0.1, BROKEN))
    later = judge(state, Checked("ops", "failed", START + timedelta(hours=1), 0.1, BROKEN))
    assert later == replace(state, failures_in_a_row=2)
