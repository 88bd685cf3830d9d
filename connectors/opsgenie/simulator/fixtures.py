"""pytest's fixtures: `pytest_plugins = ["connectors.opsgenie.simulator.fixtures"]` in a test module or conftest.py."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator


@pytest.fixture
def start_opsgenie() -> Iterator[Callable[..., Simulator]]:
    """Start a simulator with the arguments of `Simulator`, such as `seed`; it goes down when the test ends."""
    with ExitStack() as running:

        def start(*arguments: Any, **settings: Any) -> Simulator:
            return running.enter_context(Simulator(*arguments, **settings))

        yield start


@pytest.fixture
def opsgenie_simulator(start_opsgenie: Callable[..., Simulator]) -> Simulator:
    """A simulator of the test's own, with the example company, that processes writes at once."""
    simulator = start_opsgenie()
    simulator.process_after(0)
    return simulator
