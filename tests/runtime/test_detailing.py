"""Events read one by one: what lists leave out is stored, each version is read once, and nothing gets lost for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.notify import connector as notify_connector
from connectors.opsgenie import connector
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadPlaybook, CommandFailed
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import Fetched, fetch
from playbooks_engine.store import events
from playbooks_engine.testing.clock import START, FakeClock

Open = Callable[..., Engine]
Write = Callable[..., Path]


def run_fetch(engine: Engine) -> Fetched:
    async def go() -> Fetched:
        try:
            return await fetch(engine, "ops.alerts")
        finally:
            await engine.calling.close()

    return asyncio.run(go())


def stored(engine: Engine) -> dict[str, events.EventRow]:
    with engine.database.reading() as connection:
        return {row.key: row for row in events.list_events(connection, "ops.alerts", limit=1_000)}


def reads(opsgenie: Simulator) -> int:
    return sum(entry.path.startswith("/v2/alerts/") for entry in opsgenie.ledger)


@pytest.fixture
def detailed(write_project: Write, open_engine: Open, opsgenie: Simulator) -> Engine:
    return open_engine(write_project(opsgenie, "{detail: true, page_size: 10}"))


def test_what_lists_leave_out_is_stored_and_each_version_is_read_once(
    detailed: Engine, opsgenie: Simulator, clock: FakeClock
) -> None:
    alerts = [opsgenie.has_alert(description=f"of {number}", entity="db", created_at=START) for number in range(25)]
    fetched = run_fetch(detailed)
    assert (fetched.new, fetched.bad, reads(opsgenie)) == (25, 0, 25)
    assert {row.raw["description"] for row in stored(detailed).values()} == {f"of {number}" for number in range(25)}
    again = run_fetch(detailed)
    assert (again.new, again.updated, again.unchanged, reads(opsgenie)) == (0, 0, 25, 25)
    asyncio.run(clock.advance(60))
    opsgenie.advance(60)
    opsgenie.change(alerts[3].id, acknowledged=True, description="known by now")
    third = run_fetch(detailed)
    assert (third.updated, reads(opsgenie)) == (1, 26)
    row = stored(detailed)[alerts[3].id]
    assert (row.versions, row.raw["description"], row.raw["acknowledged"]) == (2, "known by now", True)


def test_a_mapping_may_use_what_lists_leave_out(opsgenie: Simulator, write_project: Write, open_engine: Open) -> None:
    folder = write_project(opsgenie, "{detail: true, mapping: more}")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "more.yml").write_text("extends: default\nfields:\n  host: {path: .details.host}\n")
    alert = opsgenie.has_alert(details={"host": "db-01"})
    engine = open_engine(folder)
    run_fetch(engine)
    assert stored(engine)[alert.id].fields["host"] == "db-01"


def test_what_was_stored_as_listed_is_read_when_details_are_asked_for(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    alert = opsgenie.has_alert(description="more")
    run_fetch(open_engine(write_project(opsgenie)))
    engine = open_engine(write_project(opsgenie, "{detail: true}"))
    assert run_fetch(engine).updated == 1
    assert stored(engine)[alert.id].raw["description"] == "more"


def test_an_alert_that_is_gone_before_it_is_read_is_kept_as_listed(detailed: Engine, opsgenie: Simulator) -> None:
    kept, gone = opsgenie.has_alert(), opsgenie.has_alert()
    opsgenie.misbehave("error", 1, path=f"/v2/alerts/{gone.id}", status=404, message="Alert does not exist")
    assert run_fetch(detailed).new == 2
    assert "description" not in stored(detailed)[gone.id].raw
    assert "description" in stored(detailed)[kept.id].raw


def test_a_read_that_fails_fails_the_fetch_before_the_page_is_stored(detailed: Engine, opsgenie: Simulator) -> None:
    alerts = [opsgenie.has_alert() for _ in range(5)]
    opsgenie.misbehave("error", 1, path=f"/v2/alerts/{alerts[2].id}", status=403)
    with pytest.raises(CommandFailed):
        run_fetch(detailed)
    assert not stored(detailed)
    assert run_fetch(detailed).new == 5


def test_a_detail_that_is_no_event_is_told_and_the_event_kept_as_listed(
    detailed: Engine, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = opsgenie.has_alert()
    call = detailed.calling.call

    async def another(connection: str, command: Any, actor: Any, **how: Any) -> Any:
        called = await call(connection, command, actor, **how)
        if called.result is not None and isinstance(called.result.output, dict):
            called.result.output["id"] = "another"
        return called

    monkeypatch.setattr(detailed.calling, "call", another)
    fetched = run_fetch(detailed)
    assert (fetched.new, fetched.bad) == (1, 1)
    assert "it is about another event" in fetched.warnings[0]
    assert set(stored(detailed)) == {alert.id}


def test_details_of_a_stream_that_has_none_are_refused(
    opsgenie: Simulator, write_project: Write, open_engine: Open
) -> None:
    bare = replace(connector, streams={"alerts": replace(connector.streams["alerts"], refresh=None)})
    with pytest.raises(BadPlaybook, match="opsgenie has no way to read one event by itself"):
        open_engine(write_project(opsgenie, "{detail: true}"), Catalog.of(bare, notify_connector))
