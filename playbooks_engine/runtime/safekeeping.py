"""Copies of a project's store: made while the service runs, put back while it does not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.service_lease import NAME
from playbooks_engine.store import copying, location, owners
from playbooks_engine.store.columns import instant_text
from playbooks_engine.store.copying import Copied
from playbooks_engine.store.database import connect

UNFINISHED = "SELECT count(*) FROM run WHERE status IN ('queued', 'running', 'waiting') AND parent_run_id IS NULL"


@dataclass(frozen=True)
class Restored:
    """What was put back: the copy, where the former store is kept, and how many runs the copy has under way."""

    copied: Copied
    store: Path
    kept: Path | None
    unfinished: int


def store_of(project: Project) -> Path:
    """The file of the project's store, there or not; raises StoreUnusable for an address that means none."""
    return location.file_of(project.store, project.folder)


def backup(project: Project, target: Path, *, replace: bool = False) -> Copied:
    """Copy the store, as `copying.save` does; raises StoreUnusable where there is none."""
    store = store_of(project)
    if not store.exists():
        raise StoreUnusable(f"There is no store at {store} yet.", hint="Any run or fetch makes it.")
    return copying.save(store, target, replace=replace)


def restore(project: Project, source: Path, now: datetime) -> Restored:
    """Put a copy back, as `copying.put_back` does; raises StoreBusy that names the service which holds the store."""
    store = store_of(project)
    service = _service(store, now)
    if service is not None:
        raise StoreBusy(
            f"The service of this store is running: {service}.",
            hint="Stop it first; nothing was changed.",
        )
    copied, kept = copying.put_back(store, source, now)
    with closing(connect(store)) as raw:
        (unfinished,) = raw.execute(UNFINISHED).fetchone()
    return Restored(copied, store, kept, unfinished)


def _service(store: Path, now: datetime) -> str | None:
    """Who is the service of the store; None when nobody is, and when the store cannot say."""
    if not store.exists():
        return None
    query = "SELECT owner, host, pid FROM lease WHERE name = ? AND owner IS NOT NULL AND until > ?"
    try:
        with closing(connect(store)) as raw:
            found = raw.execute(query, (NAME, instant_text(now))).fetchone()
    except (sqlite3.Error, StoreUnusable):
        return None  # damaged: that is why a copy is put in its place
    if found is None or owners.is_gone(found[0]):
        return None
    return f"process {found[2]} on {(found[1] or '?').partition('/')[0]}"
