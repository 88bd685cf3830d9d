"""The command line on a simulated Opsgenie: inside this process for details, as a process for the contract."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.cli.app import run

TOOL = (sys.executable, "-m", "playbooks_engine")

PROJECT = """\
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:OPSGENIE_API_KEY
    allow: {{alerts: write}}
    fetch:
      alerts: {{every: 1m, start: 3d}}
web: {{port: 0}}
"""


@dataclass(frozen=True)
class Ended:
    """How a command line ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator(seed={"alerts": [], "incidents": []}) as simulator:
        simulator.process_after(0)
        yield simulator


@pytest.fixture
def project(tmp_path: Path, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder, which is the current folder too."""
    monkeypatch.setenv("OPSGENIE_API_KEY", opsgenie.key)
    folder = tmp_path / "project"
    (folder / "playbooks").mkdir(parents=True)
    (folder / "project.yml").write_text(PROJECT.format(url=opsgenie.url))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def playbook(project: Path) -> Callable[[str, str], Path]:
    """Write a playbook on the connection ops."""

    def write(name: str, steps: str) -> Path:
        path = project / "playbooks" / f"{name}.yml"
        path.write_text(f"connections: {{ops: opsgenie}}\n{steps}")
        return path

    return write


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ended]]:
    """Perform a command line in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def perform(*words: str) -> Ended:
        capsys.readouterr()
        status = run(words)
        told = capsys.readouterr()
        return Ended(status, told.out, told.err)

    yield perform
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def process() -> Callable[..., Ended]:
    """Perform a command line as a process."""

    def perform(*words: str, **environment: str) -> Ended:
        ended = subprocess.run(
            [*TOOL, *words], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return perform
