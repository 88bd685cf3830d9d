"""Files that requests carry: read from `files/` of the project, and from nowhere else."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import replace
from pathlib import Path

from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import File, Request
from playbooks_engine.sdk.file import FOLDER

LARGEST = 10 * 1024 * 1024
"""Bytes of one file. It is held in memory, and must leave within the time that an exchange may take."""


async def loaded(request: Request, folder: Path) -> Request:
    """The request with what its files hold; raises InvalidInput for one that is not sent. `folder` is the project's."""
    if not request.files:
        return request
    files = {name: await asyncio.to_thread(read, file, folder / FOLDER) for name, file in request.files.items()}
    return replace(request, files=files)


def read(file: File, folder: Path) -> File:
    """The file with its content; raises InvalidInput where it is not a file of this folder, or too large."""
    told = f"{FOLDER}/{file.path}"
    path = folder / file.path
    try:
        # Opened first and judged then, so that what was judged is what is read; a pipe is not waited for.
        with open(path, "rb", opener=_at_once) as opened:
            status, real = os.fstat(opened.fileno()), path.resolve(strict=True)
            if not real.is_relative_to(folder.resolve()) or not os.path.samestat(status, real.stat()):
                raise InvalidInput(
                    f"{told} leads out of {FOLDER}/.", hint=f"Put the file itself into {FOLDER}/ of the project."
                )
            if not stat.S_ISREG(status.st_mode):
                raise InvalidInput(f"{told} is not a file.", hint=f"Only files below {FOLDER}/ are sent.")
            content = opened.read(LARGEST + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        why = (error.strerror if isinstance(error, OSError) else None) or "it cannot be followed"
        raise InvalidInput(
            f"{told} cannot be read: {why}.", hint=f"Only files below {FOLDER}/ of the project are sent."
        ) from None
    if len(content) > LARGEST:
        raise InvalidInput(f"{told} is larger than {LARGEST // 2**20} MB.", hint="Send a smaller part of it.")
    return replace(file, content=content)


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
