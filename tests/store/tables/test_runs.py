"""What the database itself refuses about runs."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from playbooks_engine.store import tables
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import Run


def test_a_step_belongs_to_a_run(database: Database) -> None:
    orphan = {"run_id": 99, "path": "a", "step_id": "a", "status": "running", "attempts": 1}
    with database.transaction() as connection, pytest.raises(IntegrityError, match="FOREIGN KEY"):
        connection.execute(insert(tables.step), orphan)


def test_the_text_of_a_run_cannot_go_while_the_run_is_kept(database: Database, run: Run) -> None:
    with database.transaction() as connection, pytest.raises(IntegrityError, match="FOREIGN KEY"):
        connection.execute(delete(tables.playbook_text))
