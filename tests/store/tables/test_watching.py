"""What the database itself refuses about audit rows."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from playbooks_engine.store import tables
from playbooks_engine.store.database import Database


def test_a_call_without_the_rule_that_decided_is_no_audit(database: Database, now: datetime) -> None:
    row = {"id": "1", "at": now, "actor": {}, "connection": "ops", "decision": "allowed"}
    with database.transaction() as connection, pytest.raises(IntegrityError, match="NOT NULL"):
        connection.execute(insert(tables.audit), row)
