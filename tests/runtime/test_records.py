"""What a call leaves in the store, and nothing unredacted."""

import contextlib
from typing import Any

import pytest

from playbooks_engine.errors import NotFound
from playbooks_engine.runtime.records import Actor, Origin

PLAYBOOK = Actor("playbook", "chase", 41, "note")


async def test_a_row_of_the_audit_says_who_did_what_to_what_by_which_rule(bench: Any) -> None:
    alert = bench.simulator.has_alert(message="x")
    async with bench.engine() as engine:
        command = engine.calling.command("ops", "add_note", {"identifier": alert.id, "note": "secret enough"})
        await engine.calling.call("ops", command, PLAYBOOK)
    [row] = bench.audit()
    assert row.actor == {"kind": "playbook", "name": "chase", "run": 41, "step": "note"}
    assert (row.connection, row.connector, row.command, row.area) == ("ops", "opsgenie", "add_note", "alerts")
    assert (row.effect, row.decision, row.rule, row.target) == ("write", "allowed", "alerts: full", alert.id)
    assert row.outcome == "succeeded"
    assert row.requests == len(bench.simulator.ledger)
    assert row.ended_at is not None


@pytest.mark.parametrize(
    ("name", "inputs", "target"),
    [
        ("get_schedules", {}, ""),
        ("create_alert", {"message": "x" * 130, "description": "y" * 5_000}, "x" * 130),
        ("get_alert", {"identifier": "z" * 5_000}, "z" * 200),
    ],
)
async def test_the_target_is_short(bench: Any, name: str, inputs: dict[str, str], target: str) -> None:
    async with bench.engine() as engine:
        with contextlib.suppress(NotFound):
            await engine.calling.call("ops", engine.calling.command("ops", name, inputs), PLAYBOOK)
    assert bench.audit()[0].target == target


async def test_an_intent_holds_the_request_and_where_it_came_from(bench: Any) -> None:
    done = await bench.run(
        "connections: {ops: opsgenie}\nsteps: [{id: a, uses: ops.create_alert, with: {message: hello}}]\n"
    )
    [intent] = bench.intents(done.run.id)
    assert (intent.path, intent.attempt, intent.command, intent.connection) == ("a", 1, "opsgenie.create_alert", "ops")
    assert (intent.effect, intent.method, intent.url_path) == ("write", "POST", "/v2/alerts")
    assert intent.body["message"] == "hello"
    assert intent.body["alias"] == intent.key
    assert len(intent.request_hash) == 64
    assert intent.accepted_request_id
    assert intent.outcome == "succeeded"
    assert intent.settled_at is not None


def test_an_origin_of_nothing_belongs_to_no_run() -> None:
    assert Origin() == Origin(None, None, 1, None, None, "", False)
