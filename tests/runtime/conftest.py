"""A project in a folder of its own, on a simulated Opsgenie, with a clock that the test moves."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.testing.clock import START, FakeClock

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: write}}
    health_check: {{every: 5m, notify: [chat.send]}}
    fetch:
      alerts: {settings}
  chat:
    connector: notify
    urls: [env:TEST_CHAT_URL]
    allow: {{messages: write}}
"""


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator(now=START, frozen=True, seed={"alerts": [], "incidents": []}) as simulator:
        yield simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def write_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write project.yml for a simulator, with settings of its stream of alerts and playbooks by name."""

    def write(simulator: Simulator, settings: str = "{}", **playbooks: str) -> Path:
        monkeypatch.setenv("TEST_OPS_KEY", simulator.key)
        monkeypatch.setenv("TEST_CHAT_URL", "mailto://127.0.0.1:9?to=a@example.com")
        folder = tmp_path / "project"
        (folder / "playbooks").mkdir(parents=True, exist_ok=True)
        (folder / "project.yml").write_text(PROJECT.format(url=simulator.url, settings=settings))
        for name, text in playbooks.items():
            (folder / "playbooks" / f"{name}.yml").write_text(text)
        return folder

    return write


@pytest.fixture
def open_engine(clock: FakeClock) -> Iterator[Callable[..., Engine]]:
    """Open a project; its store is closed when the test ends."""
    with ExitStack() as stack:

        def make(folder: Path, catalog: Catalog | None = None) -> Engine:
            engine = Engine.open(folder, clock=clock, catalog=catalog)
            stack.callback(engine.database.close)
            return engine

        yield make


@pytest.fixture
def engine(write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator) -> Engine:
    return open_engine(write_project(opsgenie))
