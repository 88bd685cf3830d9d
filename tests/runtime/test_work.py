"""Handing out runs: what waits is taken, several at a time; what cannot go on ends; a stop gives back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime import work
from playbooks_engine.runtime.work import Work
from playbooks_engine.store import journal

HEAD = "connections:\n  ops: opsgenie\n"
LOG = "steps: [{id: a, uses: core.log, with: {message: hello}}]\n"


@asynccontextmanager
async def working(engine: Any) -> AsyncIterator[Work]:
    """Work goes on inside, and is told to stop at the end."""
    stopping = asyncio.Event()
    one = Work(engine)
    task = asyncio.create_task(one.run_forever(stopping))
    try:
        yield one
    finally:
        stopping.set()
        await asyncio.wait_for(task, 20)


async def until(bench: Any, engine: Any, run_id: int, *statuses: str) -> Any:
    for _ in range(2_000):
        found = bench.look(engine.database, run_id)
        if found.status in (statuses or journal.ENDED):
            return found
        await asyncio.sleep(0.005)
    raise AssertionError(f"run {run_id} is still {found.status}")


async def test_queued_runs_are_executed_those_from_before_and_those_that_come(bench: Any) -> None:
    bench.write(LOG)
    async with bench.engine() as engine:
        before = bench.queue(engine)
        async with working(engine) as one:
            assert (await until(bench, engine, before)).status == "succeeded"
            later = bench.queue(engine)
            one.wake()
            assert (await until(bench, engine, later)).status == "succeeded"


async def test_no_more_runs_than_allowed_are_executed_at_once(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 3)
    most = now = 0
    plain = work.execute

    async def counted(*args: Any, **how: Any) -> Any:
        nonlocal most, now
        now += 1
        most = max(most, now)
        try:
            return await plain(*args, **how)
        finally:
            now -= 1

    monkeypatch.setattr(work, "execute", counted)
    bench.write(HEAD + "steps: [{id: a, uses: ops.get_schedules}]\n")
    async with bench.engine() as engine:
        runs = [bench.queue(engine) for _ in range(10)]
        async with working(engine):
            for run in runs:
                assert (await until(bench, engine, run)).status == "succeeded"
    assert most == 3


async def test_a_run_that_breaks_ends_as_failed_and_stops_no_other(
    bench: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain = work.execute

    async def breaking(engine: Any, run: Any, **how: Any) -> Any:
        if run.inputs:
            raise ZeroDivisionError
        return await plain(engine, run, **how)

    monkeypatch.setattr(work, "execute", breaking)
    bench.write("inputs: {bad: {type: boolean, default: false}}\n" + LOG)
    async with bench.engine() as engine:
        bad, good = bench.queue(engine, inputs={"bad": True}), bench.queue(engine)
        async with working(engine):
            assert (await until(bench, engine, good)).status == "succeeded"
            broken = await until(bench, engine, bad)
    assert broken.status == "failed"
    assert "ZeroDivisionError" in broken.error["message"]
    assert "this is a defect of the engine" in caplog.text


async def test_a_run_whose_text_is_gone_ends_as_failed(bench: Any) -> None:
    bench.write(LOG.replace("hello", "a text that no other test has read"))
    async with bench.engine() as engine:
        run = bench.queue(engine)
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update playbook_text set text = 'steps: 5'")
        async with working(engine):
            assert (await until(bench, engine, run)).status == "failed"


async def test_a_store_that_is_locked_for_a_while_only_delays(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0
    plain = journal.claim_next

    def busy(*args: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise StoreBusy("The store is locked.")
        return plain(*args)

    monkeypatch.setattr(work.journal, "claim_next", busy)
    bench.write(LOG)
    async with bench.engine() as engine:
        run = bench.queue(engine)
        async with working(engine):
            assert (await until(bench, engine, run)).status == "succeeded"


async def test_a_stop_lets_the_step_under_way_end_and_gives_the_run_back(bench: Any) -> None:
    bench.simulator.process_after(5)
    bench.write(
        HEAD
        + """
steps:
  - {id: a, uses: ops.create_alert, with: {message: x}}
  - {id: b, uses: ops.create_alert, with: {message: y}}
"""
    )
    async with bench.engine() as engine:
        run = bench.queue(engine)
        async with working(engine):
            while not bench.simulator.ledger:  # noqa: ASYNC110 - the service is in another thread
                await asyncio.sleep(0.001)
        left = bench.look(engine.database, run)
        assert (left.status, left.run.owner, left.statuses()) == ("queued", None, {"a": "succeeded"})
        async with working(engine):
            assert (await until(bench, engine, run)).status == "succeeded"
    assert bench.applied == ["Create", "Create"]


@pytest.mark.usefixtures("no_patience")
async def test_what_does_not_end_in_time_is_given_back_with_its_intent_open(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "GRACE", 0.05)
    monkeypatch.setattr("playbooks_engine.runtime.transport.TOTAL", 60.0)
    bench.simulator.misbehave("silent", method="POST")
    bench.write(HEAD + "steps: [{id: a, uses: ops.create_alert, with: {message: x}}]\n")
    async with bench.engine() as engine:
        run = bench.queue(engine)
        async with working(engine):
            while not bench.simulator.ledger:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.001)
        assert bench.look(engine.database, run).status == "queued"
        assert bench.intents(run)[0].outcome is None
        async with working(engine):
            assert (await until(bench, engine, run)).status == "succeeded"
    assert bench.applied == ["Create"]
    assert len(bench.writes) == 1


async def test_a_run_that_somebody_else_took_is_left_to_them(bench: Any) -> None:
    bench.write(
        HEAD + "steps: [{id: a, uses: ops.get_schedules}, {id: b, uses: ops.create_alert, with: {message: x}}]\n"
    )
    bench.simulator.misbehave("slow", path="/v2/schedules", seconds=0.2)
    async with bench.engine() as engine:
        run = bench.queue(engine)
        async with working(engine):
            while not bench.simulator.ledger:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.001)
            with engine.database.transaction() as cx:
                cx.exec_driver_sql(
                    "update run set fence = fence + 1, owner = 'other:1:1', lease_until = '2099-01-01T00:00:00.000000Z'"
                )
            await asyncio.sleep(0.4)
        assert bench.look(engine.database, run).run.owner == "other:1:1"
    assert bench.writes == []


async def test_a_run_that_a_failing_store_stopped_goes_on_when_the_store_works_again(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, failures = work.execute, 2

    async def failing(engine: Any, run: Any, **how: Any) -> Any:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise StoreBusy("The store is locked.")
        return await plain(engine, run, **how)

    monkeypatch.setattr(work, "execute", failing)
    bench.write(LOG)
    async with bench.engine() as engine:
        run = bench.queue(engine)
        async with working(engine):
            done = await until(bench, engine, run)
    assert (done.status, done.run.fence) == ("succeeded", 3)


async def test_a_store_that_fails_within_a_step_says_nothing_of_the_step(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(HEAD + "steps: [{id: a, uses: ops.create_alert, with: {message: x}}]\n")
    async with bench.engine() as engine:
        plain, failed = engine.calling.call, []

        async def call(*args: Any, **how: Any) -> Any:
            done = await plain(*args, **how)
            if not failed:
                failed.append(done)
                raise StoreBusy("The store is locked.")
            return done

        monkeypatch.setattr(engine.calling, "call", call)
        run = bench.queue(engine)
        async with working(engine):
            assert (await until(bench, engine, run)).status == "succeeded"
    assert failed


async def test_a_run_that_breaks_takes_its_sub_runs_with_it(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write(HEAD + "steps: [{id: a, uses: ops.create_alert, with: {message: x}}]\n", "part")
    bench.write("steps: [{id: sub, uses: ./part.yml}]\n")
    async with bench.engine() as engine:

        async def breaks(*args: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(engine.recorder, "settled", lambda *args: None)
        monkeypatch.setattr("playbooks_engine.runtime.running.notebook.Notebook.stored", breaks)
        run = bench.queue(engine)
        async with working(engine):
            done = await until(bench, engine, run)
    assert done.status == "failed"
    assert [one.status for one in bench.runs()] == ["failed", "cancelled"]
    assert [intent.outcome for intent in bench.intents(2)] == ["unknown"]


async def test_a_key_that_a_given_back_run_holds_does_not_keep_it_from_going_on(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More runs wait for the key than may be executed at once, and all of them are older than the one that holds it."""
    monkeypatch.setattr(work, "AT_ONCE", 2)
    bench.write("steps: [{id: a, uses: core.set, with: {x: 1}, once: same}]\n")
    async with bench.engine() as engine:
        runs = [bench.queue(engine) for _ in range(6)]
        with engine.database.transaction() as cx:
            journal.once_claim(
                cx, playbook="p", step="a", connection_name="", key="same", run_id=runs[-1], path="a",
                now=engine.clock.now(),
            )  # fmt: skip
        async with working(engine):
            for run in runs:
                assert (await until(bench, engine, run)).status == "succeeded"


async def test_while_there_is_nothing_to_do_nothing_is_written(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench.engine() as engine:
        began = []
        plain = engine.database.transaction
        monkeypatch.setattr(engine.database, "transaction", lambda *a, **how: began.append(how) or plain(*a, **how))
        async with working(engine):
            while len(bench.clock.slept) < 3:  # noqa: ASYNC110 - nothing tells that it looked
                await asyncio.sleep(0)
    assert began == []


async def test_runs_that_wait_for_their_next_try_keep_no_place_from_others(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 2)
    bench.simulator.misbehave("error", times=1_000, path="/v2/schedules", status=503)
    bench.write(HEAD + "steps: [{id: a, uses: ops.get_schedules, retry: {attempts: 9, delay: 1h}}]\n", "down")
    bench.write(HEAD + "steps: [{id: a, uses: core.set}]\n")
    async with bench.engine() as engine:
        down = [bench.queue(engine, "down") for _ in range(3)]
        run = bench.queue(engine)
        async with working(engine):
            assert (await until(bench, engine, run)).status == "succeeded"
            assert all(bench.look(engine.database, one).status == "running" for one in down)
