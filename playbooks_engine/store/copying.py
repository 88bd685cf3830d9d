"""A copy of the store while it is used, and a copy put in the place of the store: whole and checked, or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.faults import fault
from playbooks_engine.store import location, marking, migrating, soundness
from playbooks_engine.store.database import connect
from playbooks_engine.store.failures import damaged, telling

_BESIDE = ("-wal", "-shm", "-mark")
# The bytes of a database by which SQLite says who has it open: the pending, the reserved and the shared ones.
_LOCKS_FROM, _LOCKS = 0x40000000, 512


@dataclass(frozen=True)
class Copied:
    """A copy that was checked: its size in bytes, sha256 of the file in hex, its schema, and rows by table."""

    file: Path
    size: int
    sha256: str
    schema: str
    rows: dict[str, int]


def save(store: Path, target: Path, *, replace: bool = False) -> Copied:
    """Copy the store as it is at one moment, also while others write to it. The copy is private and on the disk.

    Raises StoreUnusable where the target is there already (unless `replace`), cannot be written, or the copy is not
    sound and as full as the store. Then nothing is left of it.
    """
    if target.exists() and not replace:
        raise StoreUnusable(f"{target} is there already.", hint="Name another file, or replace it with --force.")
    if _same(store, target) or any(_same(Path(f"{store}{end}"), target) for end in _BESIDE):
        raise StoreUnusable(f"{target} is the store itself.", hint="Name another file for the copy.")
    soundness.look(store)
    draft = _begun(target)
    try:
        with telling(store), closing(connect(store)) as source:
            source.execute("PRAGMA query_only=ON")
            source.execute("BEGIN")  # one moment, for the copy and for the count
            soundness.check(source, store, whole=False)
            with telling(draft), closing(connect(draft)) as copy:
                source.backup(copy)
            counted = rows(source)
        copied = _checked(draft, store)
        if copied != counted:
            raise damaged(store, "its copy does not hold the same rows")
        schema = schema_of(draft)
        location.sync(draft)
        told = Copied(target, draft.stat().st_size, _sha256(draft), schema, counted)
        _name(draft, target, replace=replace)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        location.remove(draft)
    return told


def put_back(store: Path, source: Path, now: datetime) -> tuple[Copied, Path | None]:
    """Put a copy in the place of the store; returns what it holds, and where the former store is kept (None: none).

    The copy is checked before anything is touched. What was there is kept beside it, under a name with the time, its
    log with it. From the first file that is moved to the last the store is refused to everybody, so that a process
    that dies in between leaves no half: doing it again mends it. Raises StoreBusy while a process has the store open,
    StoreUnusable for a copy that is none, is damaged or was written by a newer version.
    """
    if not source.is_file():
        raise StoreUnusable(f"There is no file {source}.")
    if _same(store, source):
        raise StoreUnusable(f"{source} is the store itself.", hint="Name a copy that `playbooks backup` made.")
    soundness.look(source)
    if not store.parent.exists():
        store.parent.mkdir(mode=0o700, parents=True)
    draft = _begun(store)
    try:
        _copy_of(source, draft)
        held = _checked(draft, source)
        migrating.refuse_newer(schema_of(draft), source)
        location.sync(draft)
        told = Copied(source, draft.stat().st_size, _sha256(draft), schema_of(draft), held)
        refuse_used(store)
        kept = _exchange(store, draft, now)
    except OSError as error:
        raise _unwritable(store, error) from error
    finally:
        location.remove(draft)
    return told, kept


def refuse_used(store: Path) -> None:
    """Raises StoreBusy while a process of this machine has the store open, also when the store is damaged.

    Asked of the locks that SQLite holds on the file for as long as a connection to it is open.
    """
    if not store.exists():
        return
    handle = os.open(store, os.O_RDWR)
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKS, _LOCKS_FROM)
    except OSError:
        raise StoreBusy(
            f"The store {store} is open in another process.",
            hint=f"Stop `playbooks serve` and whatever else uses it first; `fuser {store}` shows who does.",
        ) from None
    finally:
        os.close(handle)


def rows(raw: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    names = [name for (name,) in raw.execute(query)]
    # A name cannot be a parameter; these come from the store's own list of tables, and are quoted.
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    return {name: raw.execute("SELECT count(*) FROM " + quoted[name]).fetchone()[0] for name in names}  # noqa: S608


def schema_of(file: Path) -> str:
    """The schema a store was written with."""
    with telling(file), closing(connect(file)) as raw:
        found = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    if found is None:
        raise damaged(file, "it does not say its schema")
    return str(found[0])


def _checked(draft: Path, named: Path) -> dict[str, int]:
    """The rows of a copy that is sound from its first page to its last; errors name the file it was made from."""
    with telling(named), closing(connect(draft)) as raw:
        soundness.check(raw, named, whole=True)
        if raw.execute("PRAGMA foreign_key_check").fetchone():
            raise damaged(named, "rows refer to rows that are not there")
        return rows(raw)


def _copy_of(source: Path, draft: Path) -> None:
    log = Path(f"{source}-wal")
    if log.exists() and log.stat().st_size:  # somebody's store, with its newest rows in the log
        with telling(source), closing(connect(source)) as raw, closing(connect(draft)) as copy:
            raw.backup(copy)
    else:
        # Byte by byte: a copy may lie where nothing can be written beside it.
        shutil.copyfile(source, draft)


def _exchange(store: Path, draft: Path, now: datetime) -> Path | None:
    kept = store.with_name(f"{store.name}.before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}")
    marking.say_replacing(store)
    location.sync(store.parent)
    fault("restoring")
    for end in _BESIDE[:2]:
        left = Path(f"{store}{end}")
        if left.exists():
            left.rename(f"{kept}{end}")
            fault("restoring")
    was_there = store.exists()
    if was_there:
        os.link(store, kept)
        fault("restoring")
    draft.replace(store)
    location.sync(store.parent)
    fault("restoring")
    marking.forget(store)
    return kept if was_there else None


def _begun(target: Path) -> Path:
    try:
        return location.begin_draft(target)
    except OSError as error:
        raise _unwritable(target, error) from error


def _name(draft: Path, target: Path, *, replace: bool) -> None:
    if replace:
        draft.replace(target)
    else:
        try:
            os.link(draft, target)  # unlike a rename, this never replaces a file that was made meanwhile
        except FileExistsError:
            raise StoreUnusable(f"{target} was made meanwhile.", hint="Name another file.") from None
        except OSError:  # no second names on that disk
            draft.replace(target)
    location.sync(target.parent)


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _unwritable(target: Path, error: OSError) -> StoreUnusable:
    return StoreUnusable(
        f"{target} cannot be written: {error.strerror or error}.",
        hint=f"The folder {target.parent} must be there, writable, and have room for the copy.",
    )
