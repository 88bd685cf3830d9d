"""`playbooks runs show`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_run_shows_its_steps_by_nesting_with_errors_and_conditions(cli: Callable[..., Any], ran: None) -> None:
    lines = cli("runs", "show", "1").out.splitlines()
    steps = [line for line in lines if line.lstrip()[:1] in "✓✗-"]
    assert [line.split()[1] for line in steps if line.strip()] == [
        "each", "each[0]", "who", "never", "each[1]", "who",
    ]  # fmt: skip
    assert [len(line) - len(line.lstrip()) for line in steps if line.strip()] == [0, 2, 4, 4, 2, 4]
    assert any("skipped    because steps.who.status is succeeded" in line for line in steps)
    assert any("No schedule exists with name [nope]" in line for line in lines)


def test_inputs_and_outputs_are_shown_when_asked_for(cli: Callable[..., Any], ran: None) -> None:
    assert 'inputs: {"schedule_name": "nope"}' not in cli("runs", "show", "1").out
    assert 'inputs: {"schedule_name": "nope"}' in cli("runs", "show", "1", "--verbose").out


def test_a_run_as_a_document_has_the_shape_of_run(cli: Callable[..., Any], ran: None) -> None:
    document = cli("runs", "show", "1", "--json").json
    assert {"run", "playbook", "status", "output", "steps", "writes", "trigger", "inputs"} <= set(document)
    assert [step["item"] for step in document["steps"] if step["id"] == "each"] == [None, 0, 1]


def test_what_a_condition_that_held_saw_is_shown_below_its_step(
    cli: Callable[..., Any], playbook: Callable[..., Path]
) -> None:
    playbook("held", "inputs: {n: {type: integer}}\nsteps: [{id: a, when: inputs.n > 1, uses: core.set}]\n")
    assert cli("run", "held", "--input", "n=3").status == 0
    assert "when: because inputs.n is 3" in cli("runs", "show", "1").out
