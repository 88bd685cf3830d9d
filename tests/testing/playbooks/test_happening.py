"""Tests for what a test led to."""

from __future__ import annotations

import logging
from typing import Any

from playbooks_engine.testing.playbooks.happening import complaints


def test_runs_stand_in_order_with_their_parts_and_calls_know_what_their_step_gave(bench: Any) -> None:
    bench.write("playbooks/outer.yml", "steps:\n- {id: sub, uses: ./inner.yml, with: {x: 1}}\n")
    bench.write(
        "playbooks/inner.yml",
        "inputs: {x: {type: integer}}\nconnections: {ops: opsgenie}\nsteps:\n"
        "- {id: a, uses: ops.escalate_alert, with: {identifier: a-1, escalation: all}}\n",
    )
    answers = "answers: {ops.escalate_alert: {output: {isSuccess: true}}}"
    (outcome,) = bench.outcomes(
        f"playbook: ./outer.yml\ntests:\n- {{name: it, {answers}, expect: {{runs: 1}}}}\n"
    ).values()
    (done,) = outcome.happened.runs
    assert [part.run.playbook for part in done.parts["sub"]] == ["inner"]
    (call,) = outcome.happened.calls
    assert call.shown == {"identifier": "a-1", "escalation": "all"}
    assert call.inputs["escalation"] == {"name": "all"}  # what the command made of it


def test_what_the_engine_only_logs_is_a_trouble_of_the_test() -> None:
    troubles: list[str] = []
    log = logging.getLogger("playbooks_engine.runtime.anything")
    with complaints(troubles):
        log.error("the events of %s cannot be considered", "watch")
        log.warning("less than that is none")
        logging.getLogger("playbooks.run").error("what a playbook logs is none either")
    log.error("and afterwards nothing is taken")
    assert troubles == ["the engine says: the events of watch cannot be considered"]
