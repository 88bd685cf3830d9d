"""From the flags that work everywhere to an open engine."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playbooks_engine.cli.commands import Asked
from playbooks_engine.cli.logs import to_stderr

if TYPE_CHECKING:
    from playbooks_engine.runtime.engine import Engine


def folder_of(asked: Asked) -> Path:
    """The project folder; raises BadProject where there is none."""
    from playbooks_engine.runtime.project import find_folder

    return asked.project if asked.project is not None else find_folder(Path.cwd())


@asynccontextmanager
async def opened(asked: Asked, *, checkpointing: bool = False, level: int = logging.WARNING) -> AsyncIterator[Engine]:
    """The engine of the project; from here on output is redacted, and logs go to stderr."""
    from playbooks_engine.runtime.engine import Engine

    to_stderr(asked.output, level)
    async with Engine.open(folder_of(asked), checkpointing=checkpointing) as engine:
        asked.output.redact_with(engine.secrets.redact, engine.secrets.clean)
        yield engine
