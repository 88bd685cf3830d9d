"""The tool as a person uses it: the command as a process, a pretend Opsgenie on a real port, a project in a folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator

TOOL = str(Path(sys.executable).parent / "playbooks")
PATIENCE = 30.0


@pytest.fixture(name="until")
def patience() -> Callable[[Callable[[], Any], str], Any]:
    """Wait until something is true."""
    return until


def until(true: Callable[[], Any], what: str) -> Any:
    """Wait until it is true; the test fails when that takes too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}")


class Service:
    """One `playbooks serve` as a process."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.log = (folder / "serve.log").open("a+")
        self.process = subprocess.Popen(
            [TOOL, "serve"],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    @property
    def page(self) -> str:
        """The address of its page, once it is up."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"no page: {line!r}\n{self.said}"
        return found[0].rstrip("/")

    @property
    def said(self) -> str:
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        # Steps under way have 30 s of their own.
        status = self.process.wait(PATIENCE + 20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.log.close()
        return status


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator(seed={"alerts": [], "incidents": []}) as simulator:
        yield simulator


@pytest.fixture
def project(tmp_path: Path, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPSGENIE_API_KEY", opsgenie.key)
    folder = tmp_path / "project"
    (folder / "playbooks").mkdir(parents=True)
    (folder / "project.yml").write_text(
        f"""
connections:
  ops:
    connector: opsgenie
    server_url: {opsgenie.url}
    api_key: env:OPSGENIE_API_KEY
    allow: {{alerts: write}}
    health_check: {{every: 1s}}
    fetch:
      alerts: {{every: 1s}}
web: {{port: 0}}
"""
    )
    return folder


@pytest.fixture
def serve(project: Path) -> Iterator[Callable[..., Service]]:
    """Start the service on the project; whatever runs at the end of the test is ended."""
    started: list[Service] = []

    def serve(**environment: str) -> Service:
        started.append(Service(project, **environment))
        return started[-1]

    yield serve
    for service in started:
        if service.process.poll() is None:
            service.stop(signal.SIGKILL)


@pytest.fixture
def tool(project: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run one command in the project's folder."""

    def tool(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([TOOL, *words], cwd=project, capture_output=True, text=True, timeout=PATIENCE)

    return tool
