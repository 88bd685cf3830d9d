"""`playbooks backup` copies the store, also while the service runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from playbooks_engine.store.database import Database


def test_a_copy_is_made_while_the_service_runs(project: Path, cli: Callable[..., Any], tmp_path: Path) -> None:
    service = subprocess.Popen(
        [sys.executable, "-m", "playbooks_engine", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with service:
        assert service.stdout is not None
        assert "The page is at" in service.stdout.readline()
        done = cli("backup", str(tmp_path / "copy.db"), "--json")
        service.terminate()
    assert done.status == 0, done.err
    told = done.json
    assert set(told) == {"file", "size", "sha256", "schema", "rows"}
    assert told["sha256"] == sha256((tmp_path / "copy.db").read_bytes()).hexdigest()
    assert told["rows"]["lease"] == 1
    Database.open(f"sqlite:///{tmp_path}/copy.db", create=False).close()


def test_a_file_that_is_there_is_replaced_only_with_force(
    project: Path, cli: Callable[..., Any], tmp_path: Path
) -> None:
    cli("runs", "list")
    copy = tmp_path / "copy.db"
    copy.write_text("dear")
    refused = cli("backup", str(copy))
    assert refused.status == 2
    assert "is there already" in refused.err
    assert "--force" in refused.err
    assert copy.read_text() == "dear"
    done = cli("backup", str(copy), "--force")
    assert done.status == 0
    assert "0 events, 0 runs" in done.out
    assert "sha256 " in done.out


def test_without_a_store_there_is_nothing_to_copy(project: Path, cli: Callable[..., Any], tmp_path: Path) -> None:
    refused = cli("backup", str(tmp_path / "copy.db"))
    assert refused.status == 2
    assert "There is no store at" in refused.err
    assert not (project / ".playbooks").exists()
