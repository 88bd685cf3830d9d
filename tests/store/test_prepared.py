"""Statements compiled once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import sqlite

from playbooks_engine.store import tables
from playbooks_engine.store.prepared import Prepared


def test_a_row_becomes_parameters_in_the_order_of_the_statement(now: datetime) -> None:
    run = tables.run
    statement = update(run).where(run.c.id == bindparam("of"), run.c.status == "running")
    statement = statement.values(output=bindparam("output"), ended_at=bindparam("ended_at"), error=None)
    row = {"of": 7, "output": {"a": [1]}, "ended_at": now}
    prepared = Prepared(statement, sqlite.dialect(), list(row))
    assert prepared.sql.count("?") == 5
    assert sorted(map(str, prepared.parameters(row))) == sorted(
        ['{"a":[1]}', "2026-11-22T15:27:17.123456Z", "None", "7", "running"]
    )
    assert prepared.parameters(row)[-2:] == [7, "running"]
