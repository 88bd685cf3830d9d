from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check


@pytest.mark.parametrize(
    ("word", "meant"), [("int", "integer"), ("bool", "boolean"), ("dict", "map"), ("strng", "string")]
)
def test_a_type_of_another_language_gets_ours_as_a_suggestion(word: str, meant: str) -> None:
    [finding] = check(f"inputs: {{a: {{type: {word}}}}}\nsteps: [{{id: a, uses: core.log}}]", "a.yml").findings
    assert finding.suggestion == f"did you mean {meant}?"


def test_an_input_with_a_default_is_not_required() -> None:
    playbook = check(
        "inputs: {a: {type: string, default: ''}, b: {type: map}}\nsteps: [{id: a, uses: core.log}]", "a.yml"
    ).playbook
    assert playbook is not None
    assert [i.required for i in playbook.inputs.values()] == [False, True]


def test_a_connection_needs_its_connector() -> None:
    found = check("connections: {ops: null}\nsteps: [{id: a, uses: core.log}]", "a.yml").findings
    assert [f.code for f in found] == ["E203"]
