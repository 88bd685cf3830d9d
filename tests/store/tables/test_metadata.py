"""Every table and column says what it holds."""

from __future__ import annotations

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from playbooks_engine.store import tables
from playbooks_engine.store.tables import metadata


def test_every_table_and_column_has_a_comment() -> None:
    silent = [
        str(thing)
        for table in metadata.sorted_tables
        for thing in (table, *table.columns)
        if not (thing.comment or "").strip()
    ]
    assert silent == []


def test_comments_reach_the_file() -> None:
    made = str(CreateTable(tables.step).compile(dialect=sqlite.dialect()))
    for column in tables.step.columns:
        assert f"/* {column.comment} */" in made


def test_every_table_is_named_in_the_package() -> None:
    assert {table.name for table in metadata.sorted_tables} == set(tables.__all__) - {
        "metadata",
        "FOUND_BY",
        "field_of",
    }


def test_every_constraint_and_index_has_a_name() -> None:
    for table in metadata.sorted_tables:
        assert all(constraint.name for constraint in table.constraints)
        assert all(index.name for index in table.indexes)
