"""From the schema a store has to the schema this version needs: all of it or nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.faults import fault
from playbooks_engine.store import location

HEAD = "0001"
"""The newest script in migrations/versions. Named here so that alembic need not be imported to compare."""


def revision(connection: Connection) -> str | None:
    """The schema the store has."""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def refuse_newer(found: str | None, file: Path) -> None:
    if found is None or found > HEAD:
        raise StoreUnusable(
            f"The store {file} was written by a newer version of this program "
            f"(its schema is {found}, this version knows {HEAD}).",
            hint="Nothing was changed. Install the newest version: pip install --upgrade playbooks-engine",
        )


def upgrade(connection: Connection) -> None:
    """Run the missing scripts in the connection's open transaction; a crash leaves the old schema whole."""
    # Alembic takes 160 ms to import and is needed only when the schema differs.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "playbooks_engine.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection

    def before(*_: Any) -> None:
        fault("migration_statement")

    event.listen(connection, "before_cursor_execute", before)
    try:
        command.upgrade(config, "head")
    finally:
        event.remove(connection, "before_cursor_execute", before)


def copy(file: Path) -> Path:
    """A copy of the store as it was before an upgrade, beside it and on the disk.

    To be called while nobody else may write. A copy that an upgrade made before that was then killed is replaced.
    """
    target = file.with_name(f"{file.name}.before-{HEAD}")
    draft = location.begin_draft(target)
    source, backup = sqlite3.connect(file), sqlite3.connect(draft)
    try:
        source.backup(backup)
    finally:
        source.close()
        backup.close()
    location.sync(draft)
    draft.replace(target)
    location.sync(target.parent)
    return target
