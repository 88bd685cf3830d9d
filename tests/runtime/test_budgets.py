"""Write budgets: counted by the audit, shared by all processes on a store, kept through restarts."""

import asyncio
import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.errors import NotAllowed
from playbooks_engine.runtime.budgets import read_limit
from playbooks_engine.runtime.records import Actor
from playbooks_engine.testing.clock import START

PERSON = Actor("person", "kim")


def test_a_budget_is_a_number_and_a_time() -> None:
    limit = read_limit(" 10  per 1h30m ")
    assert (limit.most, limit.time, str(limit)) == (10, timedelta(minutes=90), "10 per 1h30m")


@pytest.mark.parametrize("text", ["10", "ten per 1h", "10 per", "10 per 1x", "-1 per 1h", "1.5 per 1h", "1 per 0s", 10])
def test_what_is_no_budget_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match=r"budget|duration"):
        read_limit(text)


@pytest.fixture
def limited(bench: Any) -> Any:
    project: Path = bench.folder / "project.yml"
    project.write_text(project.read_text() + "limits: {ops.add_note: 5 per 1h}\n")
    return bench


async def note(engine: Any, bench: Any, *, plan: bool = False) -> Any:
    alert = bench.simulator.alerts[0] if bench.simulator.alerts else bench.simulator.has_alert()
    command = engine.calling.command("ops", "add_note", {"identifier": alert.id, "note": "x"})
    return await engine.calling.call("ops", command, PERSON, plan=plan)


async def test_the_call_beyond_the_budget_is_refused_and_says_when_the_next_may_leave(limited: Any) -> None:
    async with limited.engine() as engine:
        for _ in range(5):
            await note(engine, limited)
            limited.clock.pass_time(60)
        sent = len(limited.writes)
        with pytest.raises(NotAllowed) as refused:
            await note(engine, limited)
    assert refused.value.type == "not_allowed"
    assert "ops.add_note is used up: 5 per 1h" in refused.value.message
    first = limited.audit()[-1].at
    assert f"{first + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}" in refused.value.message
    assert "limits: {ops.add_note: 5 per 1h}" in (refused.value.hint or "")
    assert len(limited.writes) == sent == 5
    row = limited.audit()[0]
    assert (row.decision, row.rule, row.outcome) == ("denied", "limits: ops.add_note: 5 per 1h", "not_allowed")


async def test_it_outlives_a_restart_and_frees_up_as_time_passes(limited: Any) -> None:
    for _ in range(5):
        async with limited.engine() as engine:
            await note(engine, limited)
    limited.clock.pass_time(3500)
    async with limited.engine() as engine:
        with pytest.raises(NotAllowed):
            await note(engine, limited)
        limited.clock.pass_time(101)
        await note(engine, limited)


async def test_a_warning_comes_once_at_four_fifths(limited: Any, caplog: pytest.LogCaptureFixture) -> None:
    async with limited.engine() as engine:
        with caplog.at_level(logging.WARNING):
            for number in range(5):
                await note(engine, limited)
                assert caplog.text.count("has used 4 of its budget of 5 per 1h") == int(number >= 3)


async def test_plans_reads_and_other_commands_spend_nothing(limited: Any) -> None:
    async with limited.engine() as engine:
        for _ in range(6):
            await note(engine, limited, plan=True)
        for _ in range(6):
            await engine.calling.call("ops", engine.calling.command("ops", "list_alerts", {}), PERSON)
        alert = limited.simulator.alerts[0].id
        tag = engine.calling.command("ops", "add_tags", {"identifier": alert, "tags": ["x"]})
        for _ in range(6):
            await engine.calling.call("ops", tag, PERSON)
        for _ in range(5):
            await note(engine, limited)


async def test_many_at_once_spend_no_more_than_there_is(limited: Any) -> None:
    limited.simulator.has_alert()
    async with limited.engine() as engine, limited.engine() as other:
        calls = [note(one, limited) for one in (engine, other) * 10]
        done = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(one, NotAllowed) for one in done) == 15
    assert len(limited.writes) == 5


async def test_a_step_that_is_refused_fails_its_run_as_not_allowed(limited: Any) -> None:
    alert = limited.simulator.has_alert().id
    steps = "\n".join(
        f"  - {{id: n{number}, uses: ops.add_note, with: {{identifier: {alert}, note: x}}}}" for number in range(6)
    )
    done = await limited.run(f"connections: {{ops: opsgenie}}\nsteps:\n{steps}\n")
    assert (done.status, done.error["type"]) == ("failed", "not_allowed")
    assert done.step("n5").status == "failed"
    assert len(limited.writes) == 5


CHILD = """
import asyncio, sys
from pathlib import Path
from playbooks_engine.errors import NotAllowed
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor
from playbooks_engine.testing.clock import FakeClock

async def main():
    async with Engine.open(Path(sys.argv[1]), clock=FakeClock()) as engine:
        command = engine.calling.command("ops", "add_note", {"identifier": sys.argv[2], "note": "x"})
        for _ in range(4):
            try:
                await engine.calling._recorder.call_begins(
                    known=None, spends=True, actor=Actor("person", "kim"), connection="ops", connector="opsgenie",
                    command=command, request=command.request(), decision="allowed", rule="", now=engine.clock.now())
            except NotAllowed:
                print("refused")

asyncio.run(main())
"""


async def test_processes_on_one_store_share_it(limited: Any) -> None:
    alert = limited.simulator.has_alert().id
    limited.store().close()
    command = [sys.executable, "-c", CHILD, str(limited.folder), alert]
    pipe = asyncio.subprocess.PIPE
    children = [await asyncio.create_subprocess_exec(*command, stdout=pipe) for _ in range(3)]
    told = [(await child.communicate())[0] for child in children]
    assert b"".join(told).count(b"refused") == 12 - 5
    assert sum(row.decision == "allowed" for row in limited.audit()) == 5
    assert all(row.at == START for row in limited.audit())
