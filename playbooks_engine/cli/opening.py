"""From the flags that work everywhere to an open engine."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playbooks_engine.cli.commands import Asked
from playbooks_engine.cli.logs import to_stderr
from playbooks_engine.errors import BadProject

if TYPE_CHECKING:
    from playbooks_engine.runtime.engine import Engine


def folder_of(asked: Asked) -> Path:
    """The project folder; raises BadProject where there is none."""
    from playbooks_engine.runtime.project import find_folder

    if asked.project is not None:
        return asked.project
    try:
        return find_folder(Path.cwd())
    except FileNotFoundError:
        raise BadProject("The folder you are in was deleted.", hint="Go to one that is there: cd") from None


@asynccontextmanager
async def opened(asked: Asked, *, checkpointing: bool = False, level: int = logging.WARNING) -> AsyncIterator[Engine]:
    """The engine of the project; from here on output is redacted, and logs go to stderr."""
    from playbooks_engine.runtime.engine import Engine

    to_stderr(asked.output, level)
    async with Engine.open(folder_of(asked), checkpointing=checkpointing) as engine:
        asked.output.redact_with(engine.secrets.redact, engine.secrets.clean)
        yield engine
