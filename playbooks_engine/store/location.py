"""Which file a store's address means, and how a new one comes to be."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playbooks_engine.errors import StoreUnusable


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
        draft = file.with_name(f".{file.name}.new-{os.getpid()}")
        with suppress(FileNotFoundError):
            draft.unlink()
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnusable(
            f"The store {file} cannot be made: {error.strerror}.",
            hint=f"The folder {file.parent} must be writable for the user who runs this.",
        ) from error
    try:
        fill(draft)
        _sync(draft)
        with suppress(FileExistsError):
            os.link(draft, file)  # unlike a rename, this never replaces a store another process just made
        _sync(file.parent)
    finally:
        for left in (draft, *(Path(f"{draft}-{end}") for end in ("wal", "shm", "journal"))):
            with suppress(FileNotFoundError):
                left.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
