"""What the database itself refuses about schedules."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from playbooks_engine.store import tables
from playbooks_engine.store.database import Database


def test_a_due_time_of_a_schedule_exists_once(database: Database, now: datetime) -> None:
    row = {"playbook": "chase", "due": now, "outcome": "ran", "at": now}
    with database.transaction() as connection, pytest.raises(IntegrityError, match="UNIQUE"):
        connection.execute(insert(tables.slot), [row, row])
