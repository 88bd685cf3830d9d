"""`playbooks doctor`: one line a check, and whose move it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_a_healthy_project_exits_0(project: Path, cli: Callable[..., Any]) -> None:
    cli("runs", "list")
    done = cli("doctor")
    assert done.status == 0, done.out
    lines = done.out.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    assert any(" store: whole" in line for line in lines)


def test_a_problem_exits_1_and_says_whose_move_it_is(
    project: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPSGENIE_API_KEY")
    done = cli("doctor")
    assert done.status == 1
    assert "problem  secret of ops: The environment variable OPSGENIE_API_KEY is not set." in done.out
    assert "         Set it first: export OPSGENIE_API_KEY" in done.out


def test_with_json_it_is_one_document(project: Path, cli: Callable[..., Any]) -> None:
    store = project / ".playbooks" / "store.db"
    cli("runs", "list")
    store.write_bytes(store.read_bytes()[:5000])
    done = cli("doctor", "--json")
    assert done.status == 1
    assert done.json["well"] is False
    (found,) = [check for check in done.json["checks"] if check["status"] == "problem"]
    assert set(found) == {"name", "status", "message", "move"}
    assert "playbooks restore FILE" in found["move"]


def test_without_a_project_there_is_nothing_to_look_at(
    tmp_path: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("doctor").status == 2
