"""The plug-in: `pytest playbooks/` runs the tests of playbooks, and disturbs nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from playbooks_engine.runtime.project import FILE
from playbooks_engine.testing.playbooks.project import ENDING

SAYS = "steps: [{id: say, uses: core.set, with: {said: hello}}]\n"
TESTS = """\
playbook: ./says.yml
tests:
  - name: it says hello
    expect: {steps: {say: {output: {said: hello}}}}
  - name: it says goodbye
    expect: {steps: {say: {output: {said: goodbye}}}}
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # By its module alone: what is installed here may be older than what is tested.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugin = ["-p", "playbooks_engine.pytest_plugin", "-p", "no:cacheprovider", "-W", "error"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *words], cwd=folder, env=alone, capture_output=True, text=True
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project.yml").write_text("web: {port: 0}\n")
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "says.yml").write_text(SAYS)
    (tmp_path / "playbooks" / "says.test.yml").write_text(TESTS)
    return tmp_path


def test_every_test_of_a_playbook_is_one_of_pytest(folder: Path) -> None:
    ended = run(folder, "-v", "playbooks")
    assert ended.returncode == 1
    assert "playbooks/says.test.yml::it says hello PASSED" in ended.stdout
    assert "playbooks/says.test.yml::it says goodbye FAILED" in ended.stdout
    assert "    - expected  goodbye\n    + got       hello\n  What happened:\n    says: succeeded" in ended.stdout
    assert "Traceback" not in ended.stdout
    assert run(folder, "-k", "hello").returncode == 0


def test_a_file_that_cannot_be_used_is_an_error_of_collection(folder: Path) -> None:
    (folder / "playbooks" / "says.test.yml").write_text(
        "playbook: ./says.yml\ntests: [{name: a, expect: {ran: [sya]}}]\n"
    )
    ended = run(folder)
    assert ended.returncode == 2
    assert "says.test.yml:2:34 error E601 says has no step 'sya'" in ended.stdout
    assert "did you mean say?" in ended.stdout


def test_a_project_that_cannot_be_used_is_an_error_of_collection(folder: Path) -> None:
    (folder / "project.yml").write_text("conections: {}\n")
    ended = run(folder)
    assert ended.returncode == 2
    assert "project.yml has no key 'conections'" in ended.stdout


def test_playbooks_outside_any_project_are_tested_too(folder: Path) -> None:
    (folder / "project.yml").unlink()
    assert run(folder, "-k", "hello").returncode == 0


def test_somebody_elses_files_are_left_alone(folder: Path) -> None:
    (folder / "project.yml").unlink()
    (folder / "playbooks" / "says.test.yml").write_text("- anything: at all\n")
    (folder / "test_own.py").write_text("def test_it() -> None:\n    assert True\n")
    ended = run(folder, "-q")
    assert ended.returncode == 0
    assert "1 passed" in ended.stdout


def test_loading_it_imports_nothing_heavy() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import playbooks_engine.pytest_plugin; "
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.stdout.split() == ["playbooks_engine"]


def test_it_is_what_the_package_announces_to_pytest() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"playbooks": "playbooks_engine.pytest_plugin"}


def test_it_and_the_command_mean_the_same_files() -> None:
    from playbooks_engine import pytest_plugin

    assert (pytest_plugin.ENDING, pytest_plugin.PROJECT) == (ENDING, FILE)
