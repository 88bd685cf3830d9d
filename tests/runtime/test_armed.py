"""The playbooks whose triggers count."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine

ONE = """
name: one
steps:
  - id: say
    uses: core.log
    with: {message: hello}
"""


def test_files_are_read_again_when_they_change_and_a_problem_is_told_once(
    write_project: Callable[..., Path],
    open_engine: Callable[..., Engine],
    opsgenie: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = write_project(opsgenie, one=ONE)
    watched = Watched(open_engine(folder))
    assert watched.look()
    assert not watched.look()
    assert (list(watched.armed.playbooks), watched.armed.complete) == (["one"], True)

    with caplog.at_level(logging.ERROR):
        write_project(opsgenie, two="name: two\nsteps: nonsense\n")
        assert watched.look()
        write_project(opsgenie, one=ONE.replace("hello", "good day"))
        assert watched.look()
    assert (list(watched.armed.playbooks), watched.armed.complete) == (["one"], False)
    assert len(caplog.records) == 1
    assert "two.yml" in caplog.text


def test_of_two_playbooks_with_one_name_the_first_counts_and_the_other_is_told(
    write_project: Callable[..., Path],
    open_engine: Callable[..., Engine],
    opsgenie: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    watched = Watched(open_engine(write_project(opsgenie, a=ONE, b=ONE)))
    with caplog.at_level(logging.ERROR):
        watched.look()
    assert watched.armed.playbooks["one"].path == "playbooks/a.yml"
    assert 'both called "one"' in caplog.text
