"""A real store in a real file, and one run in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import NewRun, Run, keep_text, start_run

NOW = datetime(2026, 11, 22, 15, 27, 17, 123456, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def lease() -> timedelta:
    return LEASE


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A new store's bytes: migrating for every test would cost most of the tests' time."""
    folder = tmp_path_factory.mktemp("pristine")
    Database.open("sqlite:///store.db", folder=folder).close()
    return (folder / "store.db").read_bytes()


@pytest.fixture
def file(tmp_path: Path, pristine: bytes) -> Path:
    made = tmp_path / "store.db"
    made.write_bytes(pristine)
    return made


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    with Database.open(f"sqlite:///{file}") as opened:
        yield opened


@pytest.fixture
def digest(database: Database) -> str:
    with database.transaction() as connection:
        return keep_text(connection, "name: chase")


@pytest.fixture
def run(database: Database, digest: str) -> Run:
    """A run under way, claimed with fence 1."""
    with database.transaction() as connection:
        return start_run(connection, NewRun(playbook="chase", digest=digest), "elsewhere:1:1", NOW, LEASE)
