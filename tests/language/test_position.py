from __future__ import annotations

from playbooks_engine.language import playbook
from playbooks_engine.language.position import START, Position


def test_a_position_counts_from_one() -> None:
    assert Position(1, 1, 1) == START
    assert playbook.Position is Position
