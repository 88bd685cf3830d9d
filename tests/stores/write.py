"""Writes tests/stores/vVERSION.db.gz: a store as this version leaves it, for later ones to open and go on with.

Run once for each release, from the root of the repository: `python tests/stores/write.py`. The file is kept for ever;
while its version is not released (CHANGELOG.md says so) it is written again when the schema changes. In it: 2,000
events with two contents each, runs in every state, one killed between the intent of a change and its request, and
whatever commands of the tool leave besides.
"""

import gzip
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine import __version__
from playbooks_engine.store import events, journal
from playbooks_engine.store.database import Database, connect
from playbooks_engine.store.events import Arrival
from playbooks_engine.store.journal import NewRun
from playbooks_engine.testing.clock import START

EVENTS, PAGE = 2_000, 500
PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:OPSGENIE_API_KEY
    allow: {{alerts: write}}
    fetch: {{alerts: {{start: 3d}}}}
"""
PLAYBOOKS = {
    "killed": """
connections: {ops: opsgenie}
steps:
  - {id: schedules, uses: ops.get_schedules}
  - {id: create, uses: ops.create_alert, with: {message: created by an old version}}
  - {id: note, uses: ops.add_note, with: {identifier: "${{ steps.create.output.alertId }}", note: noted}}
output: ${{ steps.schedules.output | length }}
""",
    "once": """
connections: {ops: opsgenie}
steps:
  - {id: create, uses: ops.create_alert, once: one, with: {message: once}}
""",
    "fails": "connections: {}\nsteps: [{id: no, uses: core.fail, with: {message: no}}]\n",
}
STATES = ("queued", "waiting", "succeeded_with_errors", "timed_out", "cancelled")


def main() -> None:
    target = Path(__file__).parent / f"v{__version__}.db.gz"
    with tempfile.TemporaryDirectory() as made, Simulator() as simulator:
        folder = Path(made)
        (folder / "playbooks").mkdir()
        (folder / "project.yml").write_text(PROJECT.format(url=simulator.url))
        for name, text in PLAYBOOKS.items():
            (folder / "playbooks" / f"{name}.yml").write_text(text)
        for words in (["fetch", "ops"], ["connections", "test", "ops"], ["run", "once"], ["run", "fails"]):
            tool(folder, simulator.key, *words)
        tool(folder, simulator.key, "run", "killed", PLAYBOOKS_FAULTS="intent_written:1:kill")
        file = folder / ".playbooks" / "store.db"
        with Database.open(f"sqlite:///{file}") as database:
            fill(database)
            database.checkpoint()
        with closing(connect(file)) as raw:
            # Who wrote it is nobody's business, and must not be alive where it is read.
            raw.execute("UPDATE run SET owner = 'elsewhere/1:41:7', lease_until = started_at WHERE owner IS NOT NULL")
            raw.execute("UPDATE audit SET actor = json_replace(actor, '$.name', 'anna')")
            raw.execute("UPDATE run SET trigger = json_replace(trigger, '$.name', 'anna')")
            raw.execute("DELETE FROM lease")
            raw.execute("VACUUM")
        target.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    print(target, target.stat().st_size)


def tool(folder: Path, key: str, *words: str, **more: str) -> None:
    environment = {**os.environ, "OPSGENIE_API_KEY": key, **more}
    subprocess.run([sys.executable, "-m", "playbooks_engine", *words, "--project", folder], env=environment)


def fill(database: Database) -> None:
    for content in range(2):
        for first in range(0, EVENTS, PAGE):
            page = [
                Arrival(f"old-{n}", str(content), {"status": "open"}, {"id": f"old-{n}", "content": content})
                for n in range(first, first + PAGE)
            ]
            with database.transaction() as connection:
                events.store_page(connection, "ops.alerts", page, START)
    with database.transaction() as connection:
        digest = journal.keep_text(connection, PLAYBOOKS["fails"])
        for status in STATES:
            new = NewRun(playbook=f"a run that is {status}", digest=digest, file="playbooks/fails.yml")
            if status == "queued":
                journal.add_run(connection, new, START)
                continue
            run = journal.start_run(connection, new, "elsewhere/1:41:7", START, timedelta(seconds=30))
            journal.finish(connection, run.id, run.fence, status, None, None, START)


if __name__ == "__main__":
    main()
