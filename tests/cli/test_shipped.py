"""The playbooks that come with the tool."""

from __future__ import annotations

from playbooks_engine.cli.demo.project import PLAYBOOKS
from playbooks_engine.cli.shipped import shipped


def test_every_playbook_that_the_tool_hands_out_is_there() -> None:
    assert all(shipped(name).count("steps:") for name in PLAYBOOKS)
