from __future__ import annotations

from playbooks_engine.language.checking import check
from playbooks_engine.language.playbook import Parallel


def test_a_typo_in_a_step_makes_one_finding_and_not_one_for_each_kind_of_step() -> None:
    [finding] = check("steps: [{id: a, uses: core.log, retry: {attempt: 3}}]", "a.yml").findings
    assert finding.message == "retry has no key 'attempt'"
    assert finding.suggestion == "did you mean attempts?"


def test_an_item_in_the_when_of_a_loop_says_where_it_belongs() -> None:
    [finding] = check("steps: [{id: a, for_each: [1], when: item == 1, uses: core.log}]", "a.yml").findings
    assert finding.suggestion == "put the condition on a step inside the loop"


def test_a_loop_inside_a_loop_may_decide_by_the_outer_item() -> None:
    inner = "{id: b, for_each: [2], as: y, when: x == 1, uses: core.log}"
    assert check(f"steps: [{{id: a, for_each: [1], as: x, steps: [{inner}]}}]", "a.yml").findings == []


def test_a_literal_list_may_be_looped_over() -> None:
    playbook = check("steps: [{id: a, for_each: [1, 2], uses: core.log}]", "a.yml").playbook
    assert playbook is not None
    assert playbook.steps[0].for_each is not None


def test_what_the_branches_did_is_visible_after_them() -> None:
    branches = "    parallel:\n      x: [{id: a, uses: core.log}]\n      y: [{id: c, uses: core.log}]\n"
    text = f"steps:\n  - id: p\n{branches}  - {{id: b, uses: core.log, when: steps.a.status == steps.c.status}}\n"
    playbook = check(text, "a.yml").playbook
    assert playbook is not None
    step = playbook.steps[0]
    assert isinstance(step, Parallel)
    assert {name: [one.id for one in steps] for name, steps in step.branches.items()} == {"x": ["a"], "y": ["c"]}
    looping = text.replace("  - id: p\n", "  - id: p\n    for_each: [1]\n")
    assert {f.code for f in check(looping, "a.yml").findings} == {"E304"}
