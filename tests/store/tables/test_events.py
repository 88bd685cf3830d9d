"""What the database itself refuses about events."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from playbooks_engine.store import tables
from playbooks_engine.store.database import Database


def test_an_event_has_each_version_number_once(database: Database, now: datetime) -> None:
    row = {"stream": "s", "key": "a", "number": 1, "hash": "h", "fields": {}, "raw": {}, "stored_at": now}
    with database.transaction() as connection, pytest.raises(IntegrityError, match="UNIQUE"):
        connection.execute(insert(tables.event_version), [{**row, "was_current": True}] * 2)


def test_a_stream_has_each_event_once(database: Database, now: datetime) -> None:
    row = {"stream": "s", "key": "a", "current_version_id": 1, "versions": 1, "first_seen": now, "last_seen": now}
    with database.transaction() as connection, pytest.raises(IntegrityError, match="UNIQUE"):
        connection.execute(insert(tables.event), [row] * 2)
