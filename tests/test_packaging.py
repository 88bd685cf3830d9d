"""What is installed is whole: the wheel holds every file that the program reads, and starts without the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the unpacked wheel is what gets imported."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if ".dist-info/" not in name}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split("\n")
    expected = {name for name in tracked if name.split("/")[0] in {"playbooks_engine", "connectors", "playbooks"}}
    if not expected:
        pytest.skip("this is no git checkout")
    assert held >= expected
    assert not [name for name in held if name.startswith(("tests/", "."))]


def test_the_installed_program_starts_and_checks_a_shipped_playbook(installed: dict[str, str], tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "playbooks_engine", *words],
            cwd=tmp_path, env=installed, capture_output=True, text=True,
        )  # fmt: skip

    place = subprocess.run(
        [sys.executable, "-c", "import playbooks_engine; print(playbooks_engine.__file__)"],
        cwd=tmp_path, env=installed, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert place.startswith(installed["PYTHONPATH"])
    assert run("--version").stdout.startswith("playbooks ")
    made = run("init", "night")
    assert made.returncode == 0, made.stderr
    checked = run("check", "--project", "night")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_version_is_said_once() -> None:
    import playbooks_engine

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == playbooks_engine.__version__
    assert f"## {playbooks_engine.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_lock_pins_every_dependency_with_a_hash_and_names_no_host() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    needed = {re.split(r"[\[<>=,]", line)[0].lower().replace("_", "-") for line in project["dependencies"]}
    assert needed <= pinned
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert not re.search(r"https?://|file:|index-url", lock)
    assert not (ROOT / "uv.lock").exists()
