"""Room on the disk: a spare file beside the store is given up to write the last states when the disk is full.

The service makes the spare (16 MB, `store.db-spare`), its blocks really taken. The first write that finds the disk full
gives it up, and is tried again: runs under way can then record how they ended. From there on nothing new is begun or
fetched, until there is room for a new spare and some more.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from playbooks_engine.errors import StoreUnusable

log = logging.getLogger(__name__)

SIZE = 16 * 1024 * 1024
ENOUGH = 3 * SIZE
"""Bytes that must be free before a new spare is made: the spare, and room to work in."""


def spare_of(file: Path) -> Path:
    return Path(f"{file}-spare")


def free(file: Path) -> int:
    """Bytes that this user may still write on the disk of the store."""
    disk = os.statvfs(file.parent)
    return disk.f_bavail * disk.f_frsize


class Room:
    """What one open store knows of the room on its disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.full = False
        """Whether a write has found the disk full, and none since has shown that there is room again."""

    def give_up(self) -> bool:
        """The disk is full: the spare goes. True when that made room, so that trying again makes sense."""
        if not self.full:
            log.error("the disk of the store %s is full: nothing new is begun until there is room", self._file)
        self.full = True
        try:
            spare_of(self._file).unlink()
        except OSError:
            return False
        return True

    def make(self) -> bool:
        """Make the spare where there is none and room enough; True when it is there afterwards."""
        spare = spare_of(self._file)
        if spare.exists():
            return True
        if free(self._file) < ENOUGH:
            return False
        draft = spare.with_name(f".{spare.name}.new-{os.getpid()}")
        try:
            handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            try:
                _take(handle)
            finally:
                os.close(handle)
            draft.replace(spare)
        except OSError as error:
            draft.unlink(missing_ok=True)
            log.warning("the spare file of the store %s cannot be made: %s", self._file, error.strerror)
            return False
        return True

    def short(self) -> str | None:
        """Why nothing new may begin, as a sentence; None where there is room."""
        if self.full:
            return f"The disk of the store {self._file} is full."
        left = free(self._file)
        if left < SIZE:
            return f"The disk of the store {self._file} is nearly full: {left / 1024 / 1024:.1f} MB are free."
        return None

    def refuse(self) -> None:
        """Raises StoreUnusable where nothing new may begin, so that what is under way can be recorded."""
        if short := self.short():
            raise StoreUnusable(
                short,
                hint="Nothing new is begun or fetched, so that runs under way can be recorded. Nothing is lost. "
                "Make room on the disk; it goes on by itself.",
            )


def _take(handle: int) -> None:
    """Really take the blocks: a file with holes would give nothing back."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, SIZE)
    else:
        for _ in range(SIZE // 65536):
            os.write(handle, bytes(65536))
    os.fsync(handle)
