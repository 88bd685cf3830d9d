"""A stretch of time in which a stream is fetched and its triggers look, minute by minute."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nights import CHASE, Night

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.testing.clock import FakeClock


@pytest.fixture
def night(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator, clock: FakeClock
) -> Night:
    return Night(open_engine(write_project(opsgenie, "{every: 1m}", chase=CHASE)), opsgenie, clock)
