"""The tool as a process, in a project on a pretend Opsgenie where everything is allowed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from connectors.opsgenie import connector
from connectors.opsgenie.simulator.running import Simulator

TOOL = str(Path(sys.executable).parent / "playbooks")
PATIENCE = 60.0


@dataclass(frozen=True)
class CommandLine:
    """Somebody at a shell, in the folder of a project."""

    folder: Path
    key: str

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OPSGENIE_API_KEY": self.key}
        return subprocess.run(
            [TOOL, *words], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=PATIENCE
        )


def command_line(folder: Path, opsgenie: Simulator) -> CommandLine:
    """Write a project into the folder, on this simulator."""
    connection = {
        "connector": "opsgenie",
        "server_url": opsgenie.url,
        "api_key": "env:OPSGENIE_API_KEY",
        "allow": dict.fromkeys(connector.areas, "full"),
    }
    (folder / "playbooks").mkdir()
    (folder / "project.yml").write_text(json.dumps({"connections": {"ops": connection}}))
    return CommandLine(folder, opsgenie.key)
