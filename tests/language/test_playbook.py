from __future__ import annotations

import dataclasses

import pytest

from playbooks_engine.language.checking import check
from playbooks_engine.language.playbook import Block, Call, Playbook, Retry, Uses

TEXT = """
steps:
  - id: a
    when: inputs == {}
    uses: core.log
    else:
      - id: b
        uses: core.log
  - id: c
    steps:
      - id: d
        uses: core.log
        on_error:
          - id: e
            uses: core.log
on_error:
  - id: f
    uses: core.log
always:
  - id: g
    uses: core.log
"""


@pytest.fixture
def playbook() -> Playbook:
    found = check(TEXT, "a.yml").playbook
    assert found is not None
    return found


def test_every_step_is_walked_each_before_what_is_inside_it(playbook: Playbook) -> None:
    assert [step.id for step in playbook.every_step()] == ["a", "b", "c", "d", "e", "f", "g"]


def test_a_playbook_cannot_be_changed(playbook: Playbook) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        playbook.name = "other"  # type: ignore[misc]


def test_steps_are_calls_or_blocks(playbook: Playbook) -> None:
    first, second = playbook.steps
    assert isinstance(first, Call)
    assert first.uses == Uses("core", "core.log", name="log")
    assert isinstance(second, Block)
    assert Retry().on == {"timeout", "connection", "rate_limited", "server_error", "conflict"}
