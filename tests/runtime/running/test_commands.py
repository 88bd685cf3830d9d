"""Commands of a run: sent under the connection's own name, with a key that is the same for every attempt."""

from __future__ import annotations

from typing import Any

from written import HEAD

from playbooks_engine.language.playbook import Uses
from playbooks_engine.runtime.running.commands import Commands, Means, RunFacts
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.runtime.running.notebook import Notebook
from playbooks_engine.testing.clock import START

SEND = Uses("command", "ops.create_alert", alias="ops", name="create_alert")


async def commands(engine: Any, **bound: str) -> Commands:
    facts = RunFacts(1, "p", 1, START, bound)
    means = Means(facts, Notebook(engine.secrets), engine.database, engine.clock, Halt())
    return Commands(means, engine.calling, engine.recorder)


async def test_an_alias_means_the_connection_it_is_bound_to(bench: Any) -> None:
    async with bench.engine() as engine:
        assert (await commands(engine)).bound(SEND) == "ops"
        assert (await commands(engine, ops="staging")).bound(SEND) == "staging"


async def test_it_is_known_what_a_command_takes(bench: Any) -> None:
    async with bench.engine() as engine:
        made = await commands(engine)
        assert made.takes(SEND, "message")
        assert not made.takes(SEND, "body")


async def test_each_attempt_of_a_step_has_the_key_of_the_step(bench: Any) -> None:
    """The vendor knows a repeated alert by its alias: a second attempt makes no second alert."""
    bench.simulator.misbehave("error", times=1, method="POST", path="/v2/alerts", status=503)
    text = (
        HEAD
        + "steps: [{id: a, retry: {attempts: 2, delay: 1s}, uses: ops.create_alert, with: {message: x}},"
        + " {id: b, uses: ops.create_alert, with: {message: x}}]\n"
    )
    done = await bench.run(text)
    assert done.status == "succeeded"
    keys = [intent.key for intent in bench.intents()]
    assert len(set(keys)) == 2
    assert [key.rpartition("/")[2] for key in dict.fromkeys(keys)] == ["a", "b"]
    assert len(bench.simulator.alerts) == 2
