"""Plays the process that dies: forks a child for each line on stdin, which runs or resumes and may be killed.

Forking saves the second that starting Python and importing everything takes, for hundreds of crashes.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import aiohttp  # noqa: F401 - imported before the fork, so that no child has to
import httpx_aiohttp  # noqa: F401 - as above

from connectors.opsgenie import connector
from playbooks_engine import faults
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.clock import SystemClock
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import NewRun

HURRY = 100.0


class HurriedClock(SystemClock):
    """Waiting takes a hundredth of the time: after a crash, a look that finds nothing is repeated for seconds."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / HURRY)


def note_synced(database: Database, note: Path) -> None:
    """Write down how long the log was after each commit that waited for the disk: what a power cut leaves of it."""
    log = Path(f"{database.file}-wal")
    note.write_text("0")
    full = committed = False

    def traced(sql: str) -> None:
        # A statement is told before it is done, so a commit is over when the next one is told.
        nonlocal full, committed
        if committed:
            note.write_text(str(log.stat().st_size))
        committed = full and sql == "COMMIT"
        if sql.startswith("PRAGMA synchronous="):
            full = sql.endswith("FULL")

    database._raw.set_trace_callback(traced)


def queue(engine: Engine) -> None:
    loaded = engine.library.playbook("reference")
    with engine.database.transaction() as cx:
        digest = journal.keep_text(cx, loaded.playbook.text)
        sources = {path: journal.keep_text(cx, part.text) for path, part in loaded.parts.items()}
        new = NewRun(playbook="reference", digest=digest, file=loaded.path, sources=sources, trigger={"kind": "person"})
        journal.add_run(cx, new, engine.clock.now())


async def go_on(folder: Path, synced: Path | None = None) -> None:
    """Take up whatever run can be taken, as `serve` does when it starts."""
    async with Engine.open(folder, clock=HurriedClock(), catalog=Catalog.of(connector)) as engine:
        if synced is not None:
            note_synced(engine.database, synced)
        with engine.database.reading() as cx:
            known = journal.runs(cx)
        if not known:
            queue(engine)
        with engine.database.transaction() as cx:
            claimed = journal.claim_next(cx, engine.owner, engine.clock.now(), LEASE, 10)
        for run in claimed:
            await execute(engine, run)


def die_or_live(told: dict[str, Any]) -> int:
    """Fork a child that does as told; its exit status, negative for a signal."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.environ["TEST_OPS_KEY"] = told["key"]
            faults._plan = faults._read(told["faults"])
            asyncio.run(go_on(Path(told["folder"]), Path(told["synced"]) if "synced" in told else None))
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(die_or_live(json.loads(line))), flush=True)
