"""Which file a store's address means, and how a new one comes to be."""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playbooks_engine.errors import StoreUnusable

log = logging.getLogger(__name__)


def file_of(url: str, folder: Path) -> Path:
    """`sqlite:///name` is relative to the project's folder, `sqlite:////name` is absolute."""
    scheme, _, rest = url.partition("://")
    if scheme.startswith("postgres"):
        raise StoreUnusable(
            "A store on PostgreSQL is not supported yet.", hint="Use store: sqlite:///.playbooks/store.db"
        )
    name = rest.removeprefix("/")
    if scheme != "sqlite" or not rest.startswith("/") or name in ("", ":memory:"):
        raise StoreUnusable(
            f"The store's address {url!r} is not understood.",
            hint="It is sqlite:///FILE, such as sqlite:///.playbooks/store.db",
        )
    return folder / name


def make(file: Path, fill: Callable[[Path], None]) -> None:
    """Make a new store under another name, and give it its own only when it is whole.

    So an empty or half-made file under that name is never ours, and a crash leaves nothing behind that looks
    like a store. When another process was faster, its store stays.
    """
    try:
        if not file.parent.exists():
            file.parent.mkdir(mode=0o700, parents=True)
        sweep(file)
        draft = begin_draft(file)
    except OSError as error:
        raise StoreUnusable(
            f"The store {file} cannot be made: {error.strerror}.",
            hint=f"The folder {file.parent} must be writable for the user who runs this.",
        ) from error
    try:
        fill(draft)
        sync(draft)
        with suppress(FileExistsError):
            os.link(draft, file)  # unlike a rename, this never replaces a store another process just made
        sync(file.parent)
    finally:
        remove(draft)


def begin_draft(file: Path) -> Path:
    """An empty private file beside the other, to be filled and then given its name; raises OSError."""
    draft = file.with_name(f".{file.name}.new-{os.getpid()}")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return draft


def remove(file: Path) -> None:
    """Remove a database with what SQLite may have laid beside it."""
    for left in (file, *(Path(f"{file}-{end}") for end in ("wal", "shm", "journal"))):
        left.unlink(missing_ok=True)


def leftovers(file: Path) -> list[Path]:
    """Files beside the store that a process of this machine had begun and was killed before it gave them a name."""
    return sorted(left for left in file.parent.glob(f".{glob.escape(file.name)}*.new-*") if _is_left(left))


def sweep(file: Path) -> None:
    """Remove the leftovers: nobody will finish them, and nothing in them was ever part of the store."""
    for left in leftovers(file):
        log.info("removed %s, which a killed process had left", left)
        left.unlink(missing_ok=True)


def _is_left(path: Path) -> bool:
    pid = path.name.rpartition(".new-")[2].partition("-")[0]
    # Number 0 means a process group to the system.
    return pid.isdecimal() and int(pid) > 0 and not _runs(int(pid))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
