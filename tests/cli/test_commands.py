"""The flags that work everywhere, and groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "connections", "list"),
        ("connections", "--json", "list"),
        ("connections", "list", "--json"),
        ("connections", "--json"),
    ],
)
def test_json_may_stand_at_every_place(cli: Callable[..., Any], project: Path, words: tuple[str, ...]) -> None:
    assert cli(*words).json["connections"][0]["name"] == "ops"


@pytest.mark.parametrize("after", [False, True])
def test_the_project_may_be_named(
    cli: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    monkeypatch.chdir("/")
    where, words = ("--project", str(project)), ("connections", "list")
    ended = cli(*words, *where) if after else cli(*where, *words)
    assert ended.status == 0
    assert "OPSGENIE_API_KEY" in ended.out


def test_the_project_is_found_from_a_folder_inside_it(
    cli: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "playbooks")
    assert cli("connections").status == 0


def test_without_a_project_it_says_how_to_get_one(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = cli("runs")
    assert ended.status == 2
    assert ended.err.startswith("There is no project.yml in ")
    assert "playbooks init" in ended.err


def test_a_project_folder_that_is_none_is_wrong_usage(cli: Callable[..., Any]) -> None:
    ended = cli("--project", "/nowhere", "runs")
    assert ended.status == 2
    assert "'/nowhere' does not exist" in ended.err


def test_flags_of_the_default_command_need_no_sub_command(cli: Callable[..., Any], project: Path) -> None:
    assert cli("runs", "--limit", "3").status == 0
    assert cli("events", "--stream", "ops.alerts").status == 0


def test_help_of_a_group_lists_its_commands(cli: Callable[..., Any]) -> None:
    ended = cli("runs", "--help")
    assert ended.status == 0
    assert all(f"  {name} " in ended.out for name in ("list", "show", "resume"))


def test_an_unknown_sub_command_is_told_with_a_suggestion(cli: Callable[..., Any]) -> None:
    ended = cli("connections", "tset", "ops")
    assert ended.status == 2
    assert "Did you mean 'test'?" in ended.err
