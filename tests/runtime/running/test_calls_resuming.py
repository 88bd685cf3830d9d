"""A change that a crash left open: nothing that goes wrong afterwards makes it happen again, or says it did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from written import HEAD

from playbooks_engine.runtime.transport import Transport
from playbooks_engine.store.audit import audit_rows

SECRET = "zebra-7f31c9d2"
LATER = "always: [{id: later, uses: core.log, with: {message: x}}]\n"


class Died(BaseException):
    """The process is gone."""


async def resumed(
    bench: Any, monkeypatch: pytest.MonkeyPatch, text: str, between: Callable[[], None] = lambda: None, **queued: Any
) -> Any:
    """Die when the first change has been answered; then another process takes the run up."""
    bench.write(text)
    plain = Transport.exchange

    async def exchange(self: Transport, request: Any) -> Any:
        answer = await plain(self, request)
        if request.method == "POST":
            raise Died
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Transport, "exchange", exchange)
        async with bench.engine() as engine:
            run_id = bench.queue(engine, **queued)
            with pytest.raises(Died):
                await bench.take(engine, run_id)
            engine.gathering.flush()
            with engine.database.transaction() as cx:
                cx.exec_driver_sql("update run set lease_until = null")
    between()
    async with bench.engine() as engine:
        return await bench.take(engine, run_id)


def note(bench: Any, text: str) -> str:
    alert = bench.simulator.has_alert(message="x")
    return (
        f"{HEAD}inputs: {{said: {{type: string, default: none}}}}\nsteps:\n"
        f"  - {{id: a, once: k, uses: ops.add_note, with: {{identifier: {alert.id}, note: '{text}'}}}}\n{LATER}"
    )


LOST: dict[str, Callable[[str, Any], str]] = {
    "the permission": lambda project, _: project.replace("alerts: full", "alerts: read"),
    "the connection": lambda project, _: project.replace("  ops:", "  other:"),
    "its being active": lambda project, _: f"{project}    active: false\n",
    "the secret": lambda project, patched: patched.delenv("TEST_OPS_KEY") or project,
}


@pytest.mark.parametrize("lost", LOST)
async def test_a_change_that_cannot_be_looked_for_any_more_is_unknown_and_keeps_its_key(
    bench: Any, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    text, settings = note(bench, "hello"), bench.folder / "project.yml"
    before = settings.read_text()
    with monkeypatch.context() as patched:
        done = await resumed(
            bench, monkeypatch, text, lambda: settings.write_text(LOST[lost](before, patched)) and None
        )
    assert (done.status, done.error["type"]) == ("failed", "outcome_unknown")
    assert [intent.outcome for intent in bench.intents()] == ["unknown"]
    assert done.step("later").status == "succeeded"
    settings.write_text(before)
    again = await bench.run(text)
    assert again.error["type"] == "outcome_unknown"
    assert bench.applied == ["AddNote"]


async def test_what_only_looks_like_a_secret_is_looked_for_as_it_was_sent(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await resumed(bench, monkeypatch, note(bench, "see https://wiki/?token=abcdef1"))
    assert done.status == "succeeded"
    assert bench.applied == ["AddNote"]


async def test_the_audit_tells_the_change_and_the_look_at_it_apart(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await resumed(bench, monkeypatch, note(bench, "hello"))
    async with bench.engine() as engine:
        with engine.database.reading() as connection:
            rows = [row for row in audit_rows(connection) if row.command == "add_note"]
    # The change itself, and the look after the crash; both at the same moment.
    assert sorted(row.actor.get("looks_back", False) for row in rows) == [False, True]


async def test_a_change_with_a_secret_in_it_is_looked_for_with_the_secret(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal holds it masked; the playbook still says what it was."""
    monkeypatch.setenv("TEST_OPS_KEY", bench.simulator.key)
    text = note(bench, "${{ inputs.said }}")
    done = await resumed(bench, monkeypatch, text, inputs={"said": f"key {bench.simulator.key}"})
    assert done.status == "succeeded"
    assert done.step("a").inputs["note"] == "key ***"
    assert bench.applied == ["AddNote"]
    assert len(bench.writes) == 1


async def test_what_an_earlier_step_gave_is_never_sent_masked(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = note(bench, "${{ steps.s.output.x }}").replace(
        "steps:\n", "steps:\n  - {id: s, uses: core.set, with: {x: '${{ inputs.said }}'}}\n"
    )
    done = await resumed(bench, monkeypatch, text, inputs={"said": f"key {bench.simulator.key}"})
    assert (done.status, done.error["type"]) == ("failed", "outcome_unknown")
    assert [intent.outcome for intent in bench.intents()] == ["unknown"]
    assert bench.applied == ["AddNote"]
    assert [effect.given["note"] for effect in bench.simulator.applied] == [f"key {bench.simulator.key}"]


async def test_a_step_that_a_crash_kept_from_beginning_is_never_given_the_mask(bench: Any) -> None:
    bench.write(
        HEAD
        + """
inputs: {said: {type: string}}
steps:
  - {id: s, uses: core.set, with: {x: "${{ inputs.said }}"}}
  - {id: a, uses: ops.create_alert, with: {message: "${{ steps.s.output.x }}"}}
"""
    )

    def die(row: Any) -> None:
        if row.path == "s" and row.status == "succeeded":
            raise KeyboardInterrupt

    async with bench.engine() as engine:
        run_id = bench.queue(engine, inputs={"said": f"key {bench.simulator.key}"})
        with pytest.raises(KeyboardInterrupt):
            await bench.take(engine, run_id, observer=die)
        engine.gathering.flush()
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set lease_until = null")
        done = await bench.take(engine, run_id)
    assert done.status == "failed"
    assert "comes of a result that held a secret" in done.error["message"]
    assert bench.applied == []


async def test_a_secret_among_what_steps_give_does_not_change_what_the_run_sees(bench: Any) -> None:
    done = await bench.run(
        """
inputs: {said: {type: string}}
steps:
  - {id: s, uses: core.set, with: {x: "${{ inputs.said }}"}}
  - {id: w, when: steps.s.output.x == inputs.said, uses: core.log, with: {message: the same}}
""",
        said=SECRET,
    )
    assert done.statuses() == {"s": "succeeded", "w": "succeeded"}


@pytest.mark.parametrize(("command", "told"), [("ops.get_schedules", "unexpected_answer"), ("ops.create_alert", None)])
async def test_a_command_that_breaks_fails_its_step_and_what_follows_still_runs(
    bench: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, command: str, told: str | None
) -> None:
    def breaks(*args: Any) -> Any:
        raise TypeError("no such thing")

    monkeypatch.setattr("connectors.opsgenie.shapes.Get.result", breaks)
    monkeypatch.setattr("connectors.opsgenie.shapes.Change.confirm", breaks)
    given = "" if "get" in command else ", with: {message: x}"
    done = await bench.run(f"{HEAD}steps: [{{id: a, uses: {command}{given}}}]\n{LATER}")
    assert (done.status, done.error["type"]) == ("failed", told or "outcome_unknown")
    assert done.step("later").status == "succeeded"
    assert "TypeError: no such thing" in caplog.text
    assert {intent.outcome for intent in bench.intents()} == ({"unknown"} if told is None else set())
