"""Addresses of stores, and how a new file comes to be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.store import location


def test_three_slashes_are_relative_to_the_project_and_four_are_absolute(tmp_path: Path) -> None:
    assert location.file_of("sqlite:///.playbooks/store.db", tmp_path) == tmp_path / ".playbooks" / "store.db"
    assert location.file_of("sqlite:////var/lib/store.db", tmp_path) == Path("/var/lib/store.db")


def test_postgresql_is_refused_by_name() -> None:
    with pytest.raises(StoreUnusable, match="PostgreSQL is not supported yet"):
        location.file_of("postgresql://db/playbooks", Path())


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://x/y", "store.db", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(StoreUnusable, match="is not understood"):
        location.file_of(url, Path())


def test_a_store_another_process_made_meanwhile_stays(tmp_path: Path) -> None:
    file = tmp_path / "store.db"

    def fill(draft: Path) -> None:
        draft.write_text("mine")
        file.write_text("theirs")

    location.make(file, fill)
    assert file.read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_nothing_is_left_when_making_fails(tmp_path: Path) -> None:
    def fill(draft: Path) -> None:
        draft.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        location.make(tmp_path / "store.db", fill)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told_clearly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match="cannot be made"):
        location.make(tmp_path / "file" / "store.db", lambda draft: None)


def test_what_killed_processes_left_is_found_and_what_lives_is_not(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    left = [tmp_path / f".store.db{name}" for name in (".new-4194999", ".new-4194999-wal", "-mark.new-4194999")]
    kept = [tmp_path / f".store.db.new-{os.getpid()}", tmp_path / ".store.db.new-mine", tmp_path / ".other.new-4194999"]
    for path in (*left, *kept):
        path.write_text("")
    assert location.leftovers(file) == sorted(left)
    location.sweep(file)
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_a_new_store_removes_what_a_killed_maker_left(tmp_path: Path) -> None:
    (tmp_path / ".store.db.new-4194999").write_text("half")
    location.make(tmp_path / "store.db", lambda draft: None)
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]
