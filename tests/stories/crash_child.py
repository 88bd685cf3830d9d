"""Plays the process that dies: forks a child for each line on stdin, which runs or resumes and may be killed.

Forking saves the second that starting Python and importing everything takes, for hundreds of crashes.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp  # noqa: F401 - imported before the fork, so that no child has to
import httpx
import httpx_aiohttp  # noqa: F401 - as above

from connectors.opsgenie import connector
from playbooks_engine import faults
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.clock import SystemClock
from playbooks_engine.runtime.deciding import decide, open_questions
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import NewRun

HURRY = 100.0
LONGEST_WAIT = 45.0


class HurriedClock(SystemClock):
    """Waiting takes a hundredth of the time: after a crash, a look that finds nothing is repeated for seconds.

    What a run waits for comes at once: the time of day jumps there, for every process of the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "jumped"
        self._jumped = float(self._file.read_text()) if self._file.exists() else 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._jumped)

    def jump_to(self, moment: datetime, vendor: str) -> None:
        """The vendor's time of day goes along: a note is looked for by when it was written."""
        jump = max((moment - self.now()).total_seconds(), 0.0) + 0.001
        httpx.post(f"{vendor}/_simulator/clock", json={"advance": jump}).raise_for_status()
        self._jumped += jump
        self._file.write_text(str(self._jumped))

    async def sleep(self, seconds: float) -> None:
        # Time limits are as long as they are: on a busy machine a hundredth of a minute is over too soon.
        await asyncio.sleep(seconds if seconds > LONGEST_WAIT else seconds / HURRY)


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
    async with Engine.open(folder, clock=(clock := HurriedClock(folder)), catalog=Catalog.of(connector)) as engine:
        if synced is not None:
            note_synced(engine.database, synced)
        with engine.database.reading() as cx:
            known = journal.runs(cx)
        if not known:
            queue(engine)
        while True:
            with engine.database.transaction() as cx:
                claimed = journal.claim_next(cx, engine.owner, clock.now(), LEASE, 10)
            for run in claimed:
                with suppress(journal.LeaseLost):
                    await execute(engine, run)
            with engine.database.reading() as cx:
                left = [run for run in journal.runs(cx) if run.status not in journal.ENDED]
            if not left:
                return
            go_on_waiting(engine, clock, left)
            if not claimed:
                await asyncio.sleep(0.05)  # another process has it still


def go_on_waiting(engine: Engine, clock: HurriedClock, left: list[journal.Run]) -> None:
    """Let come what runs wait for: a person approves, or their time is there."""
    for run in left:
        if run.parent_run_id is not None or run.status != "waiting" or run.wake_at is None:
            continue
        questions = open_questions(engine, run.id)
        for question in questions:
            decide(engine, run.id, question.path, "approved", "ben")
        if not questions:
            clock.jump_to(run.wake_at, str(engine.project.connections["ops"].server_url))


def started(told: dict[str, Any]) -> int:
    """Fork a child that does as told."""
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
    return child


def ended(child: int) -> int:
    """How a child ended, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_or_live(told: dict[str, Any]) -> int:
    """One child that runs or resumes, to its end; when a fault stops it, another one takes over before it wakes."""
    child = started(told)
    _, status = os.waitpid(child, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        return os.waitstatus_to_exitcode(status)
    taken_over = ended(started({**told, "faults": ""}))
    os.kill(child, signal.SIGCONT)
    return ended(child) or taken_over


if __name__ == "__main__":
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(die_or_live(json.loads(line))), flush=True)
