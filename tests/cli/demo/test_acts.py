"""What the demo shows."""

from __future__ import annotations

import shlex

from playbooks_engine.cli.app import COMMANDS
from playbooks_engine.cli.demo.acts import ACTS, Act, perform


def test_every_line_is_a_command_that_exists() -> None:
    assert {shlex.split(line)[0] for act in ACTS for line in act.lines} <= set(COMMANDS)


def test_an_act_ends_well_when_each_line_did_what_it_should() -> None:
    ends = {"good": 0, "bad": 1}
    assert perform(Act("t", "a", ("good", "good")), ends.__getitem__)
    assert not perform(Act("t", "a", ("bad", "good")), ends.__getitem__)
    assert perform(Act("t", "a", ("good", "bad"), fails=True), ends.__getitem__)
    assert not perform(Act("t", "a", ("good",), fails=True), ends.__getitem__)
