from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check

HEAD = "connections: {ops: opsgenie}\ninputs: {xs: {type: list}, p: {type: string}}\nsteps:\n"


def codes(steps: str) -> list[str]:
    return [f"{f.code}@{f.line - 3}" for f in check(HEAD + steps, "a.yml").findings]


GOOD = [
    "  - {id: a, uses: ops.x}\n  - {id: b, uses: ops.x, with: {v: '${{ steps.a.output.deep[0] }}'}}\n",
    (
        "  - {id: a, uses: ops.x, when: inputs.p == 'x'}\n"
        "  - {id: b, uses: ops.x, with: {v: '${{ steps.a.output | default(1) }}'}}\n"
    ),
    "  - {id: a, uses: ops.x, when: inputs.p == 'x'}\n  - {id: b, uses: ops.x, with: {v: '${{ steps.a.status }}'}}\n",
    (
        "  - {id: a, uses: ops.x, when: inputs.p == 'x'}\n"
        "  - {id: b, when: inputs.p == 'x', uses: ops.x, with: {v: '${{ steps.a.output }}'}}\n"
    ),
    (
        "  - id: g\n"
        "    when: inputs.p == 'x'\n"
        "    steps:\n"
        "      - {id: a, uses: ops.x}\n"
        "      - {id: b, uses: ops.x, with: {v: '${{ steps.a.output }}'}}\n"
    ),
    (
        "  - id: g\n"
        "    steps:\n"
        "      - {id: a, uses: ops.x}\n"
        "  - {id: b, uses: ops.x, with: {v: '${{ steps.a.output }}'}}\n"
    ),
    (
        "  - id: g\n"
        "    for_each: ${{ inputs.xs }}\n"
        "    as: x\n"
        "    steps:\n"
        "      - {id: a, uses: ops.x, when: x.ok == true}\n"
        "      - {id: b, uses: ops.x, with: {v: '${{ x.id }} ${{ loop.index }}'}}\n"
    ),
    (
        "  - id: g\n"
        "    for_each: ${{ inputs.xs }}\n"
        "    as: x\n"
        "    steps:\n"
        "      - id: h\n"
        "        for_each: ${{ x.ys }}\n"
        "        when: x.ok == true\n"
        "        uses: ops.x\n"
        "        with: {v: '${{ item }} ${{ x }}'}\n"
    ),
    (
        "  - id: a\n"
        "    uses: ops.x\n"
        "    on_error:\n"
        "      - {id: b, uses: ops.x, with: {v: '${{ error.message }} ${{ steps.a.error.type }}'}}\n"
    ),
    "  - {id: a, uses: ops.x, when: steps is defined}\n",
]


@pytest.mark.parametrize("steps", GOOD)
def test_what_is_in_scope_passes_without_a_word(steps: str) -> None:
    assert codes(steps) == []


def test_the_output_of_a_skipped_step_is_warned_about() -> None:
    steps = "  - {id: a, uses: ops.x, when: inputs.p == 'x', else: [{id: e, uses: ops.x}]}\n"
    assert codes(steps + "  - {id: b, uses: ops.x, with: {v: '${{ steps.a.output }}'}}\n") == ["W301@2"]
    assert codes(steps + "  - {id: b, uses: ops.x, with: {v: '${{ steps.e.output }}'}}\n") == ["W301@2"]
    assert codes(steps + "  - {id: b, uses: ops.x, with: {v: '${{ steps.e.output | default(1) }}'}}\n") == []


def test_the_output_of_a_playbook_sees_every_step_outside_loops() -> None:
    text = HEAD + "  - {id: a, uses: ops.x}\noutput: {a: '${{ steps.a.output }}'}\n"
    assert check(text, "a.yml").findings == []


def test_a_name_that_is_a_step_gets_the_long_form_as_a_suggestion() -> None:
    steps = "  - {id: a, uses: ops.x}\n  - {id: b, uses: ops.x, with: {v: '${{ a.id }}'}}\n"
    [finding] = check(HEAD + steps, "a.yml").findings
    assert finding.suggestion == "did you mean steps.a.output?"


def test_the_event_is_doubted_once_in_a_file() -> None:
    step = "  - {{id: {}, uses: ops.x, with: {{v: '${{{{ event.id }}}}'}}}}\n"
    steps = step.format("a") + step.format("b")
    assert codes(steps) == ["W304@1"]
