"""Runs that somebody waits for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadUsage, InvalidInput
from playbooks_engine.runtime import holding
from playbooks_engine.runtime.attending import attend, begin, given_event, needs_event, stored_event, take
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.store import journal

ME = Actor("person", "ana")
PLAIN = "steps: [{id: a, uses: core.set, with: {x: 1}}, {id: b, uses: core.set, with: {x: 2}}]\n"
ASKS = "connections: {ops: opsgenie}\nsteps: [{id: a, uses: ops.get_schedules}]\n"
ON_EVENT = """
connections: {ops: opsgenie}
on: {event: {from: ops.alerts}}
steps: [{id: a, uses: core.set, with: {x: "${{ event.message }}"}}]
"""


@pytest.fixture
async def engine(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator
) -> AsyncIterator[Engine]:
    engine = open_engine(write_project(opsgenie, plain=PLAIN, asks=ASKS, on_event=ON_EVENT))
    yield engine
    await engine.calling.close()


def _run(engine: Engine, number: int) -> journal.Run:
    with engine.database.reading() as connection:
        run = journal.run_by_id(connection, number)
    assert run is not None
    return run


async def test_a_run_is_held_by_its_process_from_the_start(engine: Engine) -> None:
    run = begin(engine, engine.library.playbook("plain"), {}, ME)
    assert (run.status, run.owner) == ("running", engine.owner)
    assert _run(engine, run.id).trigger == {"kind": "person", "name": "ana"}
    ended = await attend(engine, run)
    assert ended is not None
    assert ended.status == _run(engine, run.id).status == "succeeded"


async def test_inputs_that_do_not_fit_start_nothing(engine: Engine) -> None:
    with pytest.raises(InvalidInput):
        begin(engine, engine.library.playbook("plain"), {"no": 1}, ME)


async def test_told_to_stop_it_is_given_back_and_may_be_taken_up(engine: Engine) -> None:
    halt = Halt()
    run = begin(engine, engine.library.playbook("plain"), {}, ME)
    assert await attend(engine, run, halt=halt, observer=lambda row: halt.give_back()) is None
    assert _run(engine, run.id).status == "waiting"
    with engine.database.transaction() as connection:
        # A service beside it must not go on with what a person stopped.
        assert journal.claim_next(connection, "elsewhere/1:1:1", engine.clock.now(), LEASE, 10) == []
    taken = take(engine, run.id)
    assert taken.fence == run.fence + 1
    ended = await attend(engine, taken)
    assert ended is not None
    assert ended.status == "succeeded"


async def test_cancelled_it_is_given_back_at_once(engine: Engine, opsgenie: Simulator) -> None:
    opsgenie.misbehave("slow", seconds=5)
    run = begin(engine, engine.library.playbook("asks"), {}, ME)
    under_way = asyncio.Event()
    task = asyncio.create_task(attend(engine, run, observer=lambda row: under_way.set()))
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _run(engine, run.id).status == "waiting"


async def test_its_lease_is_renewed_from_another_thread(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "RENEW_EVERY", 0.01)
    renewed = threading.Event()
    monkeypatch.setattr(journal, "renew", lambda *_: renewed.set())
    run = begin(engine, engine.library.playbook("plain"), {}, ME)
    await attend(engine, run, observer=lambda row: renewed.wait(5) and None)
    assert renewed.is_set()


async def test_what_cannot_be_taken_up_says_why(engine: Engine) -> None:
    run = begin(engine, engine.library.playbook("plain"), {}, ME)
    with pytest.raises(BadUsage, match=f"Run {run.id} is being executed by process "):
        take(engine, run.id)
    await attend(engine, run)
    with pytest.raises(BadUsage, match="has ended already: succeeded"):
        take(engine, run.id)
    with pytest.raises(BadUsage, match="There is no run 99"):
        take(engine, 99)


async def test_a_stored_event_begins_a_run_with_the_version_it_has_now(engine: Engine, opsgenie: Simulator) -> None:
    alert = opsgenie.has_alert(message="disk")
    await fetch(engine, "ops")
    loaded = engine.library.playbook("on_event")
    event = stored_event(engine, loaded, alert.id, {})
    assert event.root(engine)["message"] == "disk"
    run = begin(engine, loaded, {}, ME, event=event)
    assert (run.event_stream, run.event_key) == ("ops.alerts", alert.id)
    assert stored_event(engine, loaded, alert.tiny_id, {}).stored == event.stored
    with pytest.raises(BadUsage, match="has no stored event"):
        stored_event(engine, loaded, "nope", {})


async def test_an_event_that_was_handed_over_is_kept_with_the_run(engine: Engine) -> None:
    loaded = engine.library.playbook("on_event")
    raw = {"id": "a1", "tinyId": "1", "alias": "x", "status": "open", "message": "disk", "count": 1, "priority": "P1",
           "createdAt": "2026-03-27T09:00:00Z", "acknowledged": False, "updatedAt": "2026-03-27T09:00:00Z"}  # fmt: skip
    run = begin(engine, loaded, {}, ME, event=given_event(engine, loaded, {"data": raw}, {}))
    assert run.trigger["event"]["fields"]["message"] == "disk"
    ended = await attend(engine, run)
    assert ended is not None
    with engine.database.reading() as connection:
        assert journal.steps(connection, run.id)[0].output == {"x": "disk"}


async def test_a_playbook_says_whether_it_takes_an_event(engine: Engine) -> None:
    assert needs_event(engine.library.playbook("on_event"))
    assert not needs_event(engine.library.playbook("plain"))
    with pytest.raises(BadUsage, match="plain takes no event"):
        given_event(engine, engine.library.playbook("plain"), {}, {})
