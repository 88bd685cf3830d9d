"""Runs with the same concurrency key go one after the other, whatever started them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadUsage
from playbooks_engine.runtime.attending import begin
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.starting import start
from playbooks_engine.store import journal

PLAYBOOK = """
name: p
inputs: {host: {type: string, default: web-1}}
concurrency: {key: "${{ inputs.host }}", when_busy: %s}
steps: [{id: a, uses: core.set}]
"""
PERSON = {"kind": "person", "name": "ana"}


@pytest.fixture
def made(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator
) -> Callable[[str], Engine]:
    return lambda text: open_engine(write_project(opsgenie, p=text))


def runs(engine: Engine) -> dict[int, tuple[str, str | None]]:
    with engine.database.reading() as connection:
        return {run.id: (run.status, run.lane) for run in journal.runs(connection)}


def claimed(engine: Engine) -> list[int]:
    with engine.database.transaction() as connection:
        return [run.id for run in journal.claim_next(connection, engine.owner, engine.clock.now(), LEASE, 10)]


def test_the_second_with_a_key_waits_and_others_do_not(made: Callable[[str], Engine]) -> None:
    engine = made(PLAYBOOK % "queue")
    loaded = engine.library.playbook("p")
    for host in ("web-1", "web-1", "web-2"):
        start(engine, loaded, PERSON, {"host": host})
    assert [lane for _, lane in sorted(runs(engine).values())] == ["p/web-1", "p/web-1", "p/web-2"]
    assert claimed(engine) == [1, 3]
    with engine.database.transaction() as connection:
        journal.finish(connection, 1, 1, "succeeded", None, None, engine.clock.now())
    assert claimed(engine) == [2]


def test_one_that_is_to_be_skipped_is_kept_as_left_out(made: Callable[[str], Engine]) -> None:
    engine = made(PLAYBOOK % "skip")
    loaded = engine.library.playbook("p")
    for _ in range(2):
        start(engine, loaded, PERSON, {})
    assert runs(engine) == {1: ("queued", "p/web-1"), 2: ("cancelled", "p/web-1")}
    with engine.database.reading() as connection:
        left_out = journal.run_by_id(connection, 2)
    assert left_out is not None
    assert left_out.error is not None
    assert left_out.error["message"] == "Left out: run 1 with the same concurrency key was under way."


def test_a_person_is_told_which_run_has_the_key(made: Callable[[str], Engine]) -> None:
    engine = made(PLAYBOOK % "queue")
    loaded = engine.library.playbook("p")
    begin(engine, loaded, {}, Actor("person", "ana"))
    with pytest.raises(BadUsage, match="Run 1 of p with the same concurrency key is under way") as refused:
        begin(engine, loaded, {}, Actor("person", "ana"))
    assert refused.value.hint == "Wait until it has ended, or cancel it: playbooks runs cancel 1"


def test_without_a_key_all_runs_of_the_playbook_share_one(made: Callable[[str], Engine]) -> None:
    engine = made("name: p\nconcurrency: {when_busy: queue}\nsteps: [{id: a, uses: core.set}]\n")
    start(engine, engine.library.playbook("p"), PERSON, {})
    assert runs(engine) == {1: ("queued", "p/")}


async def test_a_key_without_a_value_fails_the_run_that_has_it(bench: Any) -> None:
    done = await bench.run(
        "name: p\nconcurrency: {key: '${{ event.nothing }}'}\nsteps: [{id: a, uses: core.set}]\n", event={"id": 1}
    )
    assert done.status == "failed"
    assert done.error["message"].startswith("concurrency.key: ")
    assert done.steps == []
