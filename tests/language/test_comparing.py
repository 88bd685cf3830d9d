"""Two texts of one playbook: what does something else."""

from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check
from playbooks_engine.language.comparing import differences, names_of
from playbooks_engine.language.playbook import Playbook

TEXT = """
inputs: {who: {type: string, default: ana}}
vars: {greeting: hello, told: "${{ vars.greeting }} you"}
steps:
  - {id: one, uses: core.log, with: {message: "${{ inputs.who }}"}}
  - {id: two, when: steps.one.status == 'succeeded', uses: core.log, with: {message: "${{ vars.told }}"}, timeout: 1m}
  - id: block
    steps:
      - {id: three, uses: core.log, with: {message: a}}
    always:
      - {id: four, uses: core.log, with: {message: b}}
  - id: both
    parallel:
      left: [{id: five, uses: core.log, with: {message: a}}]
"""


def read(text: str) -> Playbook:
    checked = check(text, "p.yml")
    assert checked.playbook is not None, checked.findings
    return checked.playbook


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("default: ana", "default: ben", {"one": "`inputs.who`, which it reads,"}),
        ("greeting: hello", "greeting: hi", {"two": "`vars.greeting`, which it reads,"}),
        ("== 'succeeded'", "== 'skipped'", {"two": "its `when`"}),
        ("timeout: 1m", "timeout: 2m", {}),
        ("{message: a}}\n    always", "{message: c}}\n    always", {"three": "its `with`"}),
        ("uses: core.log, with: {message: b}", "uses: core.set, with: {message: b}", {"four": "its `uses`"}),
        ("id: three", "id: six", {"block": "its `steps`"}),
        ("left: [", "right: [", {"both": "its `parallel`"}),
        ("steps:\n  - {id: one", "# said\nsteps:\n  - {id: one", {}),
        ("  - id: both", "  - {id: new, uses: core.log, with: {message: x}}\n  - id: both", {}),
    ],
)
def test_a_step_differs_by_what_it_does_and_by_what_it_reads(old: str, new: str, found: dict[str, str]) -> None:
    assert old in TEXT
    assert differences(read(TEXT), read(TEXT.replace(old, new))) == found


def test_the_same_text_differs_in_nothing() -> None:
    assert differences(read(TEXT), read(TEXT)) == {}


def test_a_step_reads_what_its_expressions_name() -> None:
    two = next(step for step in read(TEXT).every_step() if step.id == "two")
    assert names_of(two) == {("steps", "one", "status"), ("vars", "told")}
