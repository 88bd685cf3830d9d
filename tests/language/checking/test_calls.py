from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check
from playbooks_engine.language.playbook import Call, Uses


def uses(text: str) -> Uses:
    playbook = check(f"connections: {{my-ops: opsgenie}}\nsteps: [{{id: a, uses: {text}}}]", "a.yml").playbook
    assert playbook is not None
    step = playbook.steps[0]
    assert isinstance(step, Call)
    return step.uses


def test_a_call_runs_a_command_a_core_command_or_a_playbook() -> None:
    assert uses("my-ops.add_note") == Uses("command", "my-ops.add_note", alias="my-ops", name="add_note")
    assert uses("core.set") == Uses("core", "core.set", name="set")
    assert uses("./sub/other.yml") == Uses("playbook", "./sub/other.yml", path="./sub/other.yml")


@pytest.mark.parametrize(
    "path",
    [
        "../x.yml",
        "./../x.yml",
        "./a/../../x.yml",
        "/x.yml",
        "x.yml",
        "./x.txt",
        "./.git.yml",
        ".\\\\x.yml",
        "./a\\0.yml",
    ],
)
def test_a_playbook_lies_inside_the_folder(path: str) -> None:
    found = check(f'steps: [{{id: a, uses: "{path}"}}]', "a.yml").findings
    assert [f.code for f in found] == ["E209"]
