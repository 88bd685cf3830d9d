"""A project's store is copied and put back; a service that holds it from elsewhere is respected."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.safekeeping import backup, restore, store_of
from playbooks_engine.runtime.service_lease import NAME
from playbooks_engine.store import leases
from playbooks_engine.store.database import Database
from playbooks_engine.store.owners import Owner
from playbooks_engine.testing.clock import START

LEASE = timedelta(seconds=30)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path, store="sqlite:///store.db")
    Database.open(project.store, folder=tmp_path).close()
    return project


def _serve_from(project: Project, owner: Owner) -> None:
    with Database.open(project.store, folder=project.folder) as database, database.transaction() as connection:
        leases.take(connection, NAME, owner, START, LEASE)


def test_a_service_on_another_machine_holds_the_store_until_its_lease_is_over(project: Project, tmp_path: Path) -> None:
    backup(project, tmp_path / "copy.db")
    _serve_from(project, Owner("elsewhere/1", 41, "7"))
    with pytest.raises(StoreBusy, match="process 41 on elsewhere"):
        restore(project, tmp_path / "copy.db", START)
    restored = restore(project, tmp_path / "copy.db", START + LEASE)
    assert restored.store == store_of(project)
    assert restored.kept is not None


def test_a_store_that_cannot_say_who_serves_it_is_replaced(project: Project, tmp_path: Path) -> None:
    backup(project, tmp_path / "copy.db")
    store_of(project).write_bytes(b"SQLite format 3\x00" + b"\x5a" * 5000)
    assert restore(project, tmp_path / "copy.db", START).unfinished == 0


def test_without_a_store_there_is_no_copy(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="There is no store"):
        backup(Project(tmp_path), tmp_path / "copy.db")
