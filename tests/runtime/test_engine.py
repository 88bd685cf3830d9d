"""Everything that is open while the engine works on one project."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.errors import BadPlaybook, BadProject
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.secrets import RedactingFilter
from playbooks_engine.store.owners import this_process


async def test_an_engine_has_a_store_in_the_project_folder_and_is_this_process(bench: Any) -> None:
    async with bench.engine() as engine:
        assert engine.database.file == bench.folder / ".playbooks" / "store.db"
        assert engine.owner == str(this_process())
        assert engine.clock is bench.clock


async def test_what_was_gathered_is_stored_when_the_engine_closes(bench: Any) -> None:
    bench.write("steps: [{id: a, uses: core.log, with: {message: x}}]\n")
    done = await bench.run()
    assert done.status == "succeeded"
    with bench.store() as database:
        assert bench.look(database, done.run.id).step("a").status == "succeeded"


async def test_every_handler_of_the_log_redacts(bench: Any) -> None:
    handler = logging.StreamHandler()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        async with bench.engine():
            assert any(isinstance(one, RedactingFilter) for one in handler.filters)
    finally:
        root.removeHandler(handler)


def test_a_project_with_errors_does_not_open(write_project: Callable[..., Path], opsgenie: Any) -> None:
    folder = write_project(opsgenie)
    (folder / "project.yml").write_text("connections: {ops: {connector: opsgenie, api_key: 0a7c1b0e-5f52-4d0f}}\n")
    with pytest.raises(BadPlaybook) as caught:
        Engine.open(folder)
    assert "must not hold a secret itself" in caught.value.message
    assert "0a7c1b0e" not in str(caught.value)


def test_a_folder_without_a_project_does_not_open(tmp_path: Path) -> None:
    with pytest.raises(BadProject, match=r"no project\.yml"):
        Engine.open(tmp_path)
