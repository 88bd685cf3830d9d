from __future__ import annotations

from playbooks_engine.language.checking.walking import ids_in, step_positions
from playbooks_engine.language.reading import read

TEXT = """
vars:
  id: no_step
  steps: [{id: neither}]
steps:
  - id: a
    uses: ops.x
    with: {id: data, steps: [{id: data_too}]}
    else: [{id: b, uses: ops.x}]
  - id: p
    parallel:
      id: [{id: c, steps: [{id: d, uses: ops.x}]}]
    on_error: [{id: e, uses: ops.x}]
always: [{id: a, uses: ops.x}]
"""


def test_every_step_is_found_wherever_it_is_nested_and_no_data_is() -> None:
    root = read(TEXT.replace("vars:\n  id: no_step\n  steps: [{id: neither}]\n", ""), "a.yml").root
    assert [node.text for node in ids_in(root)] == ["a", "b", "p", "c", "d", "e", "a"]


def test_data_at_the_top_names_no_step() -> None:
    assert "neither" not in step_positions(read(TEXT, "a.yml").root)


def test_of_two_steps_with_one_name_the_first_is_told() -> None:
    assert step_positions(read(TEXT, "a.yml").root)["a"].line == 6
