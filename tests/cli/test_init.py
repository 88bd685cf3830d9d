"""`playbooks init`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_a_new_project_checks_clean_and_says_what_to_do_next(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = cli("init", "mine")
    assert ended.status == 0
    assert "playbooks connections test ops" in ended.out
    assert (tmp_path / "mine" / ".gitignore").read_text() == ".playbooks/\n"
    assert "api_key: env:OPSGENIE_API_KEY" in (tmp_path / "mine" / "project.yml").read_text()
    checked = cli("--project", "mine", "check")
    assert (checked.status, checked.out) == (0, "3 files checked: nothing to complain about.\n")


def test_its_playbook_runs_on_the_example_company(
    cli: Callable[..., Any], tmp_path: Path, opsgenie: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPSGENIE_API_KEY", opsgenie.key)
    cli("init")
    settings = tmp_path / "project.yml"
    settings.write_text(settings.read_text().replace("https://api.opsgenie.com ", f"{opsgenie.url} "))
    assert cli("run", "who_is_on_call").status == 0


def test_its_playbook_has_tests_that_pass_without_an_account(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cli("init")
    assert cli("test").status == 0


def test_its_files_name_the_schemas_that_lie_beside_them(cli: Callable[..., Any], tmp_path: Path) -> None:
    cli("init", str(tmp_path))
    for name in ("project.yml", "playbooks/who_is_on_call.yml", "playbooks/who_is_on_call.test.yml"):
        path = tmp_path / name
        first = path.read_text().splitlines()[0]
        assert (path.parent / first.removeprefix("# yaml-language-server: $schema=")).is_file()


def test_what_is_there_is_never_overwritten(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "project.yml").write_text("mine: {}\n")
    ended = cli("init", str(tmp_path))
    assert ended.status == 2
    assert "is there already; nothing was written" in ended.err
    assert (tmp_path / "project.yml").read_text() == "mine: {}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project.yml"]


def test_a_gitignore_keeps_its_lines(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc")
    assert cli("init", str(tmp_path), "--json").json["files"] == [
        "project.yml", "playbooks/who_is_on_call.yml", "playbooks/who_is_on_call.test.yml", ".gitignore",
        ".playbooks/playbook.schema.json", ".playbooks/project.schema.json", ".playbooks/test.schema.json",
    ]  # fmt: skip
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n.playbooks/\n"


def test_a_folder_that_cannot_be_written_is_told(cli: Callable[..., Any]) -> None:
    ended = cli("init", "/proc/nowhere")
    assert ended.status == 2
    assert "cannot be written" in ended.err
