"""One command on one connection: made, sent, recorded; and known secrets first."""

from typing import Any

import pytest

from playbooks_engine.errors import AuthFailed, BadProject, BadUsage, InvalidInput, OutcomeUnknown
from playbooks_engine.runtime.calling import given_up
from playbooks_engine.runtime.records import Actor
from playbooks_engine.sdk import Answer, Result, Sender, Write

ME = Actor("person", "me")


async def test_a_call_gives_its_result_and_what_it_cost(bench: Any) -> None:
    async with bench.engine() as engine:
        called = await engine.calling.call("ops", engine.calling.command("ops", "get_schedules", {}), ME)
    assert called.planned is None
    assert len(called.result.output) == len(bench.simulator.state.schedules)
    assert called.result.raw["data"] == called.result.output
    assert called.requests == 1
    assert called.duration >= 0


@pytest.mark.parametrize(
    ("connection", "name", "says"),
    [("opss", "get_alert", 'no connection "opss"'), ("ops", "get_allert", "no command 'get_allert'")],
)
async def test_an_unknown_connection_or_command_is_told_with_a_suggestion(
    bench: Any, connection: str, name: str, says: str
) -> None:
    async with bench.engine() as engine:
        with pytest.raises(BadUsage, match=says) as caught:
            engine.calling.command(connection, name, {})
    assert "ops" in (caught.value.hint or "")


async def test_wrong_inputs_are_named_without_their_values(bench: Any) -> None:
    async with bench.engine() as engine:
        with pytest.raises(InvalidInput) as caught:
            engine.calling.command("ops", "create_alert", {"message": ["kanarie"], "prioritee": "P1"})
    assert "`message`" in caught.value.message
    assert "did you mean `priority`" in caught.value.message
    assert "kanarie" not in str(caught.value)


async def test_an_inactive_connection_is_never_called(bench: Any) -> None:
    project = bench.folder / "project.yml"
    project.write_text(project.read_text() + "    active: false\n")
    async with bench.engine() as engine:
        with pytest.raises(BadUsage, match="not active"):
            await engine.calling.call("ops", engine.calling.command("ops", "get_schedules", {}), ME)
    assert bench.simulator.ledger == []


async def test_a_secret_that_is_missing_is_told_when_it_is_needed(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_OPS_KEY")
    async with bench.engine() as engine:
        engine.calling.arm(["ops", "nothing"])
        with pytest.raises(BadProject, match="TEST_OPS_KEY is not set"):
            await engine.calling.call("ops", engine.calling.command("ops", "get_schedules", {}), ME)
    done = await bench.run("connections: {ops: opsgenie}\nsteps: [{id: a, uses: ops.get_schedules}]\n")
    assert (done.status, done.error["type"]) == ("failed", "invalid_input")
    assert "TEST_OPS_KEY is not set" in done.error["message"]


async def test_a_call_that_misses_its_secret_is_over_in_the_records(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_OPS_KEY")
    await bench.run("connections: {ops: opsgenie}\nsteps: [{id: a, uses: ops.create_alert, with: {message: m}}]\n")
    assert [row.outcome for row in bench.audit()] == ["invalid_input"]
    assert [intent.outcome for intent in bench.intents()] == ["failed"]


class LosesItsSecret(Write, route="POST /v2/alerts", area="alerts", repeat="unsafe"):
    """Sends, and can then go on no further."""

    message: str = "m"
    """The message."""

    async def confirm(self, sender: Sender, answer: Answer) -> Result:
        raise BadProject("The secret is gone.")


async def test_a_change_that_left_and_was_stopped_by_something_of_ours_is_unknown(bench: Any) -> None:
    async with bench.engine() as engine:
        with pytest.raises(OutcomeUnknown, match=r"not known: The secret is gone\."):
            await engine.calling.call("ops", LosesItsSecret(), ME)
    assert [row.outcome for row in bench.audit()] == ["outcome_unknown"]


async def test_a_failure_carries_the_three_parts_and_a_hint(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_OPS_KEY", "00000000-0000-0000-0000-000000000000")
    async with bench.engine() as engine:
        with pytest.raises(AuthFailed) as caught:
            await engine.calling.call("ops", engine.calling.command("ops", "get_schedules", {}), ME)
    first, _, hint = str(caught.value).partition("\n")
    assert first.startswith("Get Schedules failed. Status Code: 401. Message: ")
    assert 'The key of connection "ops"' in hint


async def test_a_link_is_opened_once(bench: Any) -> None:
    async with bench.engine() as engine:
        assert engine.calling.link("ops") is engine.calling.link("ops")


def test_a_change_that_was_given_up_says_whose_move_it_is() -> None:
    error = given_up("Close Alert failed.")
    assert (error.type, error.indicator) == ("outcome_unknown", "Close Alert failed.")
    assert "Look in the service" in (error.hint or "")
