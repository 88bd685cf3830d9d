"""Steps run in order, conditions decide, outputs are seen."""

from typing import Any

import pytest
from written import fail, log


async def test_steps_run_in_order_and_see_the_outputs_before_them(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    uses: core.set
    with: {x: [1, {y: null}], t: text}
  - id: b
    uses: core.set
    with: {again: "${{ steps.a.output.x }}", status: "${{ steps.a.status }}"}
output: ${{ steps.b.output }}
""")
    assert (done.status, done.paths) == ("succeeded", ["a", "b"])
    assert done.output == {"again": [1, {"y": None}], "status": "succeeded"}
    assert done.run.started_at is not None
    assert done.run.ended_at is not None
    assert done.run.owner is None


async def test_inputs_take_their_defaults_and_types(bench: Any) -> None:
    text = """
inputs:
  n: {type: integer, default: 2}
  for: {type: duration, default: 10m}
steps:
  - id: a
    uses: core.set
    with: {n: "${{ inputs.n }}", for: "${{ inputs['for'] }}"}
output: ${{ steps.a.output }}
"""
    assert (await bench.run(text, n="5")).output == {"n": 5, "for": "10m"}
    assert (await bench.run()).output["n"] == 2


async def test_a_wrong_input_ends_the_run_before_its_first_step(bench: Any) -> None:
    done = await bench.run(f"inputs: {{n: {{type: integer}}}}\nsteps: [{log('a')}]\n", n="many")
    assert (done.status, done.steps) == ("failed", [])
    assert done.error["type"] == "invalid_input"
    assert "'n'" in done.error["message"]


async def test_when_decides_before_the_inputs_are_looked_at(bench: Any) -> None:
    done = await bench.run(
        """
inputs: {go: {type: boolean}}
steps:
  - id: a
    when: inputs.go
    uses: core.set
    with: {x: "${{ inputs.go.missing }}"}
""",
        go=False,
    )
    assert (done.status, done.statuses()) == ("succeeded", {"a": "skipped"})
    assert done.step("a").conditions == [["inputs.go", False]]


async def test_else_runs_instead_of_a_skipped_step_and_is_seen_after_it(bench: Any) -> None:
    text = """
inputs: {go: {type: boolean}}
steps:
  - id: a
    when: inputs.go
    uses: core.set
    with: {x: then}
    else:
      - id: b
        uses: core.set
        with: {x: else}
output: ${{ steps.a.output.x | default(steps.b.output.x) }}
"""
    yes = await bench.run(text, go=True)
    assert (yes.output, yes.statuses()) == ("then", {"a": "succeeded"})
    no = await bench.run(text, go=False)
    assert (no.output, no.statuses()) == ("else", {"a": "skipped", "b": "succeeded"})


async def test_a_failing_else_fails_the_run(bench: Any) -> None:
    done = await bench.run(f"""
steps:
  - id: a
    when: 1 == 2
    uses: core.set
    with: {{x: 1}}
    else: [{fail("b")}]
  - {log("c")}
""")
    assert (done.status, done.error["step"]) == ("failed", "b")
    assert "c" not in done.paths


async def test_the_output_of_a_skipped_step_is_an_error_unless_defaulted(bench: Any) -> None:
    text = """
steps:
  - id: a
    when: 1 == 2
    uses: core.set
    with: {x: 1}
  - id: b
    uses: core.set
    with: {x: "${{ steps.a.output.x %s }}"}
"""
    strict = await bench.run(text % "")
    assert (strict.status, strict.error["step"], strict.error["type"]) == ("failed", "b", "invalid_input")
    assert "output" in strict.error["message"]
    assert (await bench.run(text % "| default('none')")).step("b").output == {"x": "none"}


@pytest.mark.parametrize("condition", ["event.nothing", "'yes'", "1", "steps.a.output"])
async def test_a_condition_that_is_no_boolean_fails_its_step(bench: Any, condition: str) -> None:
    done = await bench.run(
        f"""
steps:
  - {{id: a, uses: core.set, with: {{x: 1}}}}
  - id: b
    when: ({condition})
    uses: core.log
    with: {{message: hello}}
    on_error: [{log("c")}]
""",
        event={"something": 1},
    )
    assert (done.status, done.error["step"], done.error["type"]) == ("failed", "b", "invalid_input")
    assert done.step("b").status == "failed"


async def test_what_alerts_say_is_never_evaluated(bench: Any) -> None:
    hostile = "${{ 7 * 191 }} {{ 7 * 191 }} {% raw %} __import__('os')"
    done = await bench.run(
        """
steps:
  - id: a
    uses: core.set
    with: {x: "${{ event.message }}", y: "says ${{ event.message }}", z: {k: "${{ event.tags }}"}}
  - id: b
    uses: core.set
    with: {x: "${{ steps.a.output.x }}"}
  - id: c
    for_each: ${{ event.tags }}
    uses: core.log
    with: {message: "${{ item }}"}
output: ${{ steps.b.output.x }}
""",
        event={"message": hostile, "tags": [hostile]},
    )
    assert done.status == "succeeded"
    assert done.output == hostile
    assert done.step("a").output == {"x": hostile, "y": f"says {hostile}", "z": {"k": [hostile]}}
    assert done.step("c[0]").output["message"] == hostile
    assert "1337" not in str([row.__dict__ for row in done.steps])


async def test_an_output_that_has_no_value_fails_the_run(bench: Any) -> None:
    done = await bench.run(
        f"steps: [{log('a')}]\noutput: ${{{{ steps.a.output.message.nothing }}}}\non_error: [{log('b')}]\n"
    )
    assert (done.status, done.error["type"]) == ("failed", "invalid_input")
    assert done.output is None
    assert "b" in done.paths


async def test_the_root_run_tells_of_this_run(bench: Any) -> None:
    done = await bench.run("""
steps:
  - id: a
    uses: core.set
    with:
      id: ${{ run.id }}
      p: ${{ run.playbook }}
      t: ${{ run.trigger }}
      s: ${{ run.status }}
      u: ${{ run.url }}
""")
    assert done.step("a").output == {"id": done.run.id, "p": "p", "t": "person", "s": "running", "u": ""}


async def test_what_a_condition_that_held_saw_is_kept_with_its_step(bench: Any) -> None:
    text = (
        "inputs: {n: {type: integer}}\n"
        "steps:\n"
        "  - {id: call, when: inputs.n > 1, uses: core.set}\n"
        "  - {id: block, when: inputs.n == 3, steps: [{id: inner, uses: core.set}]}\n"
        f"  - {{id: bad, when: inputs.n != 0, continue_on_error: true, {fail('x')[len('{id: x, ') :]}\n"
    )
    done = await bench.run(text, n=3)
    assert done.step("call").conditions == [["inputs.n", 3]]
    assert done.step("block").conditions == [["inputs.n", 3]]
    assert done.step("block/inner").conditions is None
    assert (done.step("bad").status, done.step("bad").conditions) == ("failed", [["inputs.n", 3]])
