"""The README's connector works as it stands there, from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import connectors
from playbooks_engine.sdk import Result
from playbooks_engine.testing import ConnectorConformance, GivenSender, SimulatedConformance, answer, lost

README = Path(str(connectors.__file__)).parent / "README.md"
BLOCK = re.compile(r"`([\w/]+\.py)`[^`]*?(?:`[^`\n]*`[^`]*?)*?```python\n(.*?)```", re.S)


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / "acme_playbooks"
    folder.mkdir()
    for name, code in BLOCK.findall(README.read_text(encoding="utf-8")):
        if "/" not in name:
            (folder / name).write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "acme_playbooks"]:
        monkeypatch.delitem(sys.modules, name)
    return import_module("acme_playbooks")


def test_the_readme_shows_every_file() -> None:
    names = [name for name, _ in BLOCK.findall(README.read_text(encoding="utf-8"))]
    assert names == ["connection.py", "hosts.py", "__init__.py", "tests/test_conformance.py"]


def test_the_tests_of_the_readme_pass_as_they_stand_there(acme: ModuleType, tmp_path: Path) -> None:
    assert list(acme.connector.commands) == ["get_host", "isolate_host"]
    [code] = [code for name, code in BLOCK.findall(README.read_text(encoding="utf-8")) if name.startswith("tests/")]
    (tmp_path / "test_conformance.py").write_text(code, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_conformance.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout
    checks = [name for suite in (ConnectorConformance, SimulatedConformance) for name in dir(suite)]
    assert f"{sum(name.startswith('test_') for name in checks)} passed" in ended.stdout


def test_one_line_of_its_pyproject_makes_the_engine_find_it(acme: ModuleType, tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    [toml] = re.findall(r"```toml\n(.*?)```", text, re.S)
    project = tomllib.loads(toml)["project"]
    # What installing it leaves beside the package.
    left = tmp_path / f"acme_playbooks-{project['version']}.dist-info"
    left.mkdir()
    (left / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    [(group, points)] = project["entry-points"].items()
    named = "".join(f"{name} = {target}\n" for name, target in points.items())
    (left / "entry_points.txt").write_text(f"[{group}]\n{named}")
    [connections] = re.findall(r"`(connections: \{dc: .*?\}\})`", text)
    (tmp_path / "project.yml").write_text(f"{connections}\n")
    ended = subprocess.run(
        [sys.executable, "-m", "playbooks_engine", "call", "dc.isolate-host", "--help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert acme.connector.commands["isolate_host"].spec.summary in ended.stdout


async def test_the_command_of_the_readme_looks_before_it_repeats(acme: ModuleType) -> None:
    isolate = acme.connector.commands["isolate_host"](name="db-1", reason="r")
    sender = GivenSender(lost(), answer(200, {"isolated": True}))
    assert await isolate.run(sender) == Result({"isolated": True}, {"isolated": True})
    assert [(r.method, r.path) for r in sender.requests] == [("POST", "/hosts/db-1/isolate"), ("GET", "/hosts/db-1")]
