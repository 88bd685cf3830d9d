"""The key of the page: whoever can read it in the project's own folder may decide there."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from playbooks_engine.errors import BadProject
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.safekeeping import store_of

_BYTES = 32
_ANEW = "Delete it; a new one is made."


def key_file(project: Project) -> Path:
    """The file of the key, beside the store."""
    return store_of(project).with_name("page.key")


def page_key(project: Project) -> str:
    """The key, made at random the first time, for its owner alone to read; raises BadProject where it is no secret."""
    path = key_file(project)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _known(path)
    except OSError as error:
        raise BadProject(f"The key of the page cannot be kept in {path}: {error.strerror}.") from None
    key = secrets.token_urlsafe(_BYTES)
    with os.fdopen(handle, "w") as file:
        file.write(f"{key}\n")
    return key


def _known(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadProject(f"The key of the page may be read by others: {path}.", hint=f"Delete it: rm {path}")
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        raise BadProject(f"The key of the page cannot be read from {path}.", hint=_ANEW) from None
    if len(key) < _BYTES:
        raise BadProject(f"The key of the page in {path} is too short.", hint=_ANEW)
    return key
