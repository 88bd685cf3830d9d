"""What is wrong with an installation: Python, project, secrets, connectors, playbooks, and the store."""

from __future__ import annotations

import platform
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from playbooks_engine.errors import BadProject, EngineError
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.examining import Check, examine
from playbooks_engine.runtime.project import FILE, Project, inspect
from playbooks_engine.runtime.reviewing import review
from playbooks_engine.runtime.secrets import Secrets, secrets_of

OLDEST = (3, 11)
OLDEST_SQLITE = (3, 37, 0)


def diagnose(folder: Path, catalog: Catalog, now: datetime) -> Iterator[Check]:
    """Look at everything, one check after the other; a secret is read where it is kept, and never shown.

    Raises BadProject where there is no project.yml that can be read.
    """
    yield _machine()
    project = inspect(folder, catalog)
    yield from _project(project)
    yield from _connectors(catalog)
    secrets = Secrets(folder)
    yield from _secrets(project, secrets)
    yield from _playbooks(folder, catalog)
    for check in examine(project, now):
        # Errors of connections are kept redacted; whatever was revealed here stays out all the same.
        yield Check(check.name, check.status, secrets.redact(check.message), check.move)


def _machine() -> Check:
    told = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {sys.platform}"
    if sys.version_info < OLDEST or sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Check("python", "problem", told, "Python 3.11 and SQLite 3.37 are the oldest that work.")
    return Check("python", "ok", told)


def _project(project: Project) -> Iterator[Check]:
    for finding in project.findings:
        status = "problem" if finding.severity == "error" else "warning"
        yield Check("project", status, f"{finding.place} {finding.message}", finding.suggestion)  # type: ignore[arg-type]
    if not project.findings:
        yield Check("project", "ok", f"{project.folder / FILE}, {_connections(len(project.connections))}")


def _connections(count: int) -> str:
    return f"{count} connection{'' if count == 1 else 's'}"


def _connectors(catalog: Catalog) -> Iterator[Check]:
    bad = False
    for name in catalog:
        try:
            catalog.connector(name)
        except BadProject as error:
            bad = True
            told = error.hint or "Install what it needs, or uninstall its package."
            # Where a connection uses it, that is a problem of the project, and told there.
            yield Check(f"connector {name}", "warning", error.message, told)
    if not bad:
        yield Check("connectors", "ok", ", ".join(catalog.names) or "none is installed")


def _secrets(project: Project, secrets: Secrets) -> Iterator[Check]:
    read = 0
    bad = False
    for name, account in project.connections.items():
        for secret in secrets_of(account) if account.active else ():
            try:
                secrets.reveal(secret)
            except EngineError as error:
                bad = True
                yield Check(f"secret of {name}", "problem", error.message, error.hint)
            else:
                read += 1
    if not bad:
        yield Check("secrets", "ok", f"{read} can be read where project.yml says")


def _playbooks(folder: Path, catalog: Catalog) -> Iterator[Check]:
    found = review(folder, catalog)
    mine = [one for one in found.findings if not one.file.endswith(FILE)]
    errors = sorted({one.file for one in mine if one.severity == "error"})
    if errors:
        yield Check("playbooks", "problem", f"with errors: {', '.join(errors)}", "playbooks check")
    elif mine:
        yield Check("playbooks", "warning", f"{len(mine)} warnings", "playbooks check")
    else:
        yield Check("playbooks", "ok", f"{found.files} files without a finding")
