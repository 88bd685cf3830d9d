"""From flags to an open engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.cli.commands import Asked
from playbooks_engine.cli.opening import folder_of, opened
from playbooks_engine.errors import BadProject


def test_the_folder_is_the_named_one_or_the_nearest(project: Path, tmp_path: Path) -> None:
    assert folder_of(Asked()) == project
    assert folder_of(Asked(project=tmp_path)) == tmp_path


def test_a_named_folder_without_a_project_is_refused(tmp_path: Path, cli: Callable[..., Any]) -> None:
    async def use() -> None:
        async with opened(Asked(project=tmp_path)):
            raise AssertionError("it opened")

    with pytest.raises(BadProject, match=r"There is no project\.yml"):
        asyncio.run(use())


def test_logs_and_output_know_the_secrets_of_the_project(
    project: Path, opsgenie: Any, cli: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    async def use() -> None:
        asked = Asked()
        async with opened(asked) as engine:
            engine.secrets.reveal(engine.project.connections["ops"].api_key)  # type: ignore[attr-defined]
            asked.output.line(f"the key {opsgenie.key}")
            logging.getLogger("a test").warning("the key %s", opsgenie.key)

    asyncio.run(use())
    told = capsys.readouterr()
    assert told.out == "the key ***\n"
    assert told.err.endswith("WARNING the key ***\n")


def test_a_folder_that_was_deleted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(BadProject, match="The folder you are in was deleted"):
        folder_of(Asked())
