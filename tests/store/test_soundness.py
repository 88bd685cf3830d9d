"""A damaged store is refused by name, and left as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.store.database import Database
from playbooks_engine.store.tables import metadata


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _text(file: Path) -> None:
    file.write_text("connections:\n  ops: {}\n" * 100)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:8192])


def _cut_in_the_head(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:40])


def _flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[3] ^= 0xFF
    file.write_bytes(content)


def _flipped_page_size(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[16] ^= 0x08
    file.write_bytes(content)


def _scribbled(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\x5a" * 4096
    file.write_bytes(content)


def _zeroed_schema(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100:4096] = bytes(3996)
    file.write_bytes(content)


@pytest.mark.parametrize(
    "damage", [_empty, _text, _cut, _cut_in_the_head, _flipped, _flipped_page_size, _scribbled, _zeroed_schema]
)
def test_a_damaged_file_is_refused_and_left_alone(file: Path, damage: Callable[[Path], None]) -> None:
    damage(file)
    before = file.read_bytes()
    with pytest.raises(StoreUnusable) as refused:
        Database.open(f"sqlite:///{file}")
    assert str(file) in refused.value.message
    assert refused.value.hint
    assert file.read_bytes() == before


def test_an_sqlite_file_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    with pytest.raises(StoreUnusable, match="of something else"):
        Database.open(f"sqlite:///{file}")


def _read_everything(database: Database) -> None:
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            connection.execute(select(table)).all()
        connection.exec_driver_sql("SELECT count(*) FROM decision INDEXED BY ix_decision_playbook_id").all()


def test_damage_that_shows_later_is_told_too(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database:
        content = bytearray(file.read_bytes())
        content[4096:] = b"\x5a" * (len(content) - 4096)
        file.write_bytes(content)
        assert database.faults()
        with pytest.raises(StoreUnusable, match="is damaged"):
            _read_everything(database)


def test_a_sound_store_has_nothing_wrong(database: Database) -> None:
    assert database.faults() == []
