"""What the service does for its store: moves the log into the file, keeps room on the disk, prunes what is old."""

from __future__ import annotations

import asyncio
import logging

from playbooks_engine.errors import EngineError
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.retaining import prune

log = logging.getLogger("playbooks.service")

CHECKPOINT_EVERY = 60.0
ROOM_EVERY = 10.0
"""Seconds between two looks whether a full disk has room again."""
PRUNE_AFTER, PRUNE_EVERY = 60.0, 3600.0


async def tend(engine: Engine) -> None:
    """Tend the store until cancelled; what fails is reported, and tried again in its turn."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_checkpointing(engine), name="checkpoint")
        group.create_task(_looking_for_room(engine), name="room")
        group.create_task(_pruning(engine), name="pruning")


def has_room(engine: Engine) -> bool:
    """Whether anything new may begin; while it may not, what is due stays due."""
    return engine.database.room.short() is None


async def _checkpointing(engine: Engine) -> None:
    while True:
        try:
            engine.database.checkpoint()
        except Exception as error:
            _report("the checkpoint", error)
        await engine.clock.sleep(CHECKPOINT_EVERY)


async def _looking_for_room(engine: Engine) -> None:
    told: str | None = None
    while True:
        try:
            engine.database.look_for_room()
            short = engine.database.room.short()
        except Exception as error:
            _report("the look for room on the disk", error)
        else:
            if short and not told:
                log.error("%s Nothing new is begun or fetched until there is room.", short)
            elif told and not short:
                log.info("there is room on the disk again; what is due goes on")
            told = short
        await engine.clock.sleep(ROOM_EVERY)


async def _pruning(engine: Engine) -> None:
    await engine.clock.sleep(PRUNE_AFTER)
    while True:
        try:
            gone = await prune(engine)
        except Exception as error:
            _report("the pruning", error)
        else:
            if gone:
                log.info("pruned: %s", ", ".join(f"{number} {name}" for name, number in gone.items()))
        await engine.clock.sleep(PRUNE_EVERY)


def _report(what: str, error: Exception) -> None:
    if isinstance(error, EngineError):
        log.error("%s: %s", what, error)
    else:
        log.error("%s broke; this is a defect of the engine", what, exc_info=error)
