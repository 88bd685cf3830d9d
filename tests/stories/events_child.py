"""A process that looks at what was stored, and fires what was held, as fast as it can."""

import asyncio
import sys
from pathlib import Path

from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.triggers import evaluate, fire_held


async def main(folder: Path) -> None:
    async with Engine.open(folder) as engine:
        watched = Watched(engine)
        print("ready", flush=True)
        while True:
            watched.look()
            for work in (evaluate, fire_held):
                try:
                    await work(engine, watched.armed)
                except StoreBusy:
                    continue
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
