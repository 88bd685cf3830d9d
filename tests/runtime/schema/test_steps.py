"""A step in the schema: its kinds and modifiers, and `with` as the command wants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.language.checking import steps
from playbooks_engine.language.checking.calls import CALL_KEYS

GOOD = [
    "uses: ops.get_on_call_user\nwith: {schedule_name: ops_primary}",
    'uses: ops.get_on_call_user\nwith: {schedule_name: "${{ event.id }}", datetime: "${{ now() }}"}',
    'uses: ops.create_alert\nwith: {message: "Disk of ${{ event.entity }} is full", priority: "${{ event.priority }}"}',
    'uses: ops.create_alert\nwith: {message: a, tags: "${{ event.tags }}", details: {a: "${{ event.count }}"}}',
    'uses: ops.create_alert\nwith: {message: a, tags: [a, "${{ event.id }}"], responders: "${{ event.owners }}"}',
    "uses: ops.get_schedules",
    "uses: ./who_is_on_call.yml\nwith: {schedule: x, anything: [1]}",
    "uses: core.set\nwith: {a: {b: [1, 2]}}\nretry: 3",
    "uses: core.find_events\nwith: {from: ops.alerts}\nrepeat: {until: output.count > 0}\ntimeout: 1m",
    "uses: idp.request\nwith: {path: /a}\nrepeat: {until: output.done}\ntimeout: 1m",
    "uses: core.wait\nwith: {for: 5m}",
    "uses: core.wait\nwith: {until: \"${{ ago('5m') }}\"}",
    "when: event.priority == 'P1'\nuses: core.stop\nelse:\n  - {id: b, uses: core.stop}",
    'for_each: "${{ inputs.xs }}"\nas: x\nmax_parallel: 4\nfail_fast: true\nsteps:\n  - {id: b, uses: core.stop}',
    "for_each: [1, 2]\nuses: core.stop",
    "parallel:\n  one: [{id: b, uses: core.stop}]\n  other: [{id: c, uses: core.stop}]",
    "uses: ops.get_schedules\nretry: 3",
    "uses: ops.get_schedules\nretry: {attempts: 2, delay: 1.5s, on: [timeout]}",
    'uses: ops.close_alert\nwith: {identifier: a}\nonce: "${{ event.id }}"',
    'uses: ops.close_alert\nwith: {identifier: a}\nonce: {key: "${{ event.id }}", within: 1d}',
    "uses: ops.get_alert\nwith: {identifier: a}\nrepeat: {until: output.acknowledged, every: 30s}\ntimeout: 1h30m",
]
WRONG = [
    ("uses: ops.get_on_call_user\nwith: {schedule: x}", "'schedule_name' is a required property"),
    ("uses: ops.get_on_call_user\nwith: {schedule_name: x, at: now}", "'at' was unexpected"),
    ("uses: ops.get_on_call_user", "'with' is a required property"),
    ("uses: ops.create_alert\nwith: {message: a, priority: P9}", "'P9' is not"),
    ("uses: ops.create_alert\nwith: {message: a, responders: [{type: tam}]}", "'tam' is not one of"),
    ("uses: ops.create_alert\nwith: x", "'x' is not of type 'object'"),
    ("uses: ops.nothing", "does not match"),
    ("uses: other.get_schedules", "does not match"),
    ("uses: core.wait\nwith: {for: 5m, until: x}", "is valid under each of"),
    ("uses: core.stop\nsteps: [{id: b, uses: core.stop}]", "False schema"),
    ("steps: [{id: b, uses: core.stop}]\nretry: 3", "False schema"),
    ("steps: [{id: b, uses: core.stop}]\nwith: {}", "False schema"),
    ("when: a", "'uses' is a required property"),
    ("uses: core.stop\nelse: [{id: b, uses: core.stop}]", "'when' is a dependency of 'else'"),
    ("uses: core.stop\nmax_parallel: 3", "'for_each' is a dependency of 'max_parallel'"),
    ("uses: ops.get_schedules\nrepeat: {until: x}", "'timeout' is a dependency of 'repeat'"),
    ("uses: ops.get_schedules\nretry: 11", "11 is greater than the maximum of 10"),
    ("uses: ops.get_schedules\nretry: {on: [forbidden]}", "'forbidden' is not one of"),
    ("uses: core.stop\ntimeout: 5 minutes", "does not match"),
    ("uses: core.stop\nwith: {message: 5}", "5 is not of type 'string'"),
    ("steps: []", "should be non-empty"),
    ("uses: ./a.yml\nretry: 3", "False schema"),
    ("uses: core.wait\nwith: {for: 5m}\nretry: 3", "False schema"),
    ("uses: core.set\nwith: {a: 1}\nrepeat: {until: output.a == 1}\ntimeout: 1m", "False schema"),
    ("uses: ops.close_alert\nwith: {identifier: a}\nrepeat: {until: output.x}\ntimeout: 1m", "False schema"),
]


@pytest.mark.parametrize("keys", GOOD)
def test_a_good_step_passes(keys: str, step: Callable[[str], str]) -> None:
    assert step(keys) == ""


@pytest.mark.parametrize(("keys", "why"), WRONG)
def test_a_wrong_step_is_refused_for_what_is_wrong(keys: str, why: str, step: Callable[[str], str]) -> None:
    assert why in step(keys)


def test_a_step_has_the_keys_that_the_checker_knows(schema: dict[str, Any]) -> None:
    mine = schema["definitions"]["step"]["properties"]
    assert set(mine) == {*steps.SHARED_KEYS, *steps.KINDS, *CALL_KEYS}
    # What a command does is said where it is named: see `_uses` in the module.
    assert {name for name, part in mine.items() if not part.get("description")} == {"uses", "with"}


@pytest.mark.parametrize("modifier", ["retry", "once", "repeat"])
def test_a_modifier_has_the_keys_that_the_checker_knows(
    modifier: str, schema: dict[str, Any], known_keys: Callable[[str], set[str]]
) -> None:
    part = schema["definitions"]["step"]["properties"][modifier]
    mine = part.get("then", part)["properties"]
    needed = {"once": "key: a, ", "repeat": "until: output, ", "retry": ""}[modifier]
    step = f"steps:\n  - {{id: a, uses: ops.x, timeout: 1m, {modifier}: {{{needed}zzzzzz: 1}}}}\n"
    assert set(mine) == known_keys(f"connections: {{ops: opsgenie}}\n{step}")
    assert all(one.get("description") for one in mine.values())


def test_every_command_is_asked_for_its_own_inputs(schema: dict[str, Any]) -> None:
    groups = schema["definitions"]["step"]["allOf"]
    asked = [
        one["then"]["properties"]["with"]["$ref"].removeprefix("#/definitions/")
        for group in groups
        for one in group["then"].get("allOf", ())
    ]
    assert len(asked) == len(set(asked))
    assert {name for name in schema["definitions"] if name.startswith("core.")} <= set(asked)
    assert set(asked) <= set(schema["definitions"])
