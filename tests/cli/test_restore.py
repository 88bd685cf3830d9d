"""`playbooks restore` puts a copy back, and never under a service that runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.store import journal
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import NewRun
from playbooks_engine.testing.clock import START


@pytest.fixture
def copy(project: Path, cli: Callable[..., Any], tmp_path: Path) -> Path:
    cli("runs", "list")
    assert cli("backup", str(tmp_path / "copy.db")).status == 0
    return tmp_path / "copy.db"


def test_a_copy_is_put_back_and_the_former_store_is_named(project: Path, cli: Callable[..., Any], copy: Path) -> None:
    done = cli("restore", str(copy), "--json")
    assert done.status == 0, done.err
    told = done.json
    assert set(told) == {"file", "size", "sha256", "schema", "rows", "store", "kept", "unfinished"}
    assert Path(told["kept"]).is_file()
    assert told["unfinished"] == 0
    assert cli("runs", "list").status == 0


def test_a_damaged_store_is_refused_with_the_command_that_mends_it(
    project: Path, cli: Callable[..., Any], copy: Path
) -> None:
    store = project / ".playbooks" / "store.db"
    store.write_bytes(b"")
    refused = cli("runs", "list")
    assert refused.status == 2
    assert str(store) in refused.err
    assert "playbooks restore FILE" in refused.err
    assert "Traceback" not in refused.err
    assert store.read_bytes() == b""
    done = cli("restore", str(copy))
    assert done.status == 0
    assert "is kept as" in done.out
    assert cli("runs", "list").status == 0


def test_a_service_that_runs_is_named_and_its_store_stays(project: Path, cli: Callable[..., Any], copy: Path) -> None:
    service = subprocess.Popen(
        [sys.executable, "-m", "playbooks_engine", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with service:
        assert service.stdout is not None
        assert "The page is at" in service.stdout.readline()
        refused = cli("restore", str(copy))
        service.terminate()
    assert refused.status == 2
    assert f"process {service.pid} " in refused.err
    assert cli("restore", str(copy)).status == 0


def test_runs_that_were_under_way_in_the_copy_are_told(
    project: Path, cli: Callable[..., Any], copy: Path, tmp_path: Path
) -> None:
    with (
        Database.open("sqlite:///.playbooks/store.db", folder=project) as database,
        database.transaction() as connection,
    ):
        digest = journal.keep_text(connection, "name: chase")
        journal.add_run(connection, NewRun(playbook="chase", digest=digest), START)
    assert cli("backup", str(copy), "--force").status == 0
    done = cli("restore", str(copy))
    assert "Runs under way when the copy was made: 1." in done.err
    assert "playbooks runs cancel" in done.err
