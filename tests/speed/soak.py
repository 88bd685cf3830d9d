"""The service for a while under an even load: `python tests/speed/soak.py [SECONDS]`, otherwise ten minutes.

50 connections, 5 events a second, a run a second, a page that is looked at; against the simulator on a real port. The
store holds 20,000 events and 10,000 runs when it begins: beside a small one the caches of SQLite, up to 2 MB for each
of its connections, would grow with it for an hour.
Memory, open files, threads and the log of the store are read of the process every two seconds. The slopes are of the
second half, when what is kept of addresses is full as well, with their standard error: ten minutes hardly show a
megabyte an hour.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import many_runs

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.store import events, journal
from playbooks_engine.store.database import Database

LASTS = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
CONNECTIONS, EVENTS_A_SECOND, INTERVAL, SLOT = 50, 5, 2.0, 5
SAMPLE_EVERY, LOOK_EVERY = 2.0, 5.0
EVENTS_BEFORE, RUNS_BEFORE = 20_000, 10_000
PLAYBOOKS = {
    "paged": """
name: paged
on:
  event: {from: ops.alerts, where: event.status == 'open' and event.priority == 'P1'}
connections: {ops: opsgenie}
steps:
  - {id: who, uses: ops.get_on_call_user, with: {schedule_name: ops_primary}}
  - {id: note, uses: ops.add_note, with: {identifier: "${{ event.id }}", note: "paged ${{ run.id }}"}}
""",
    "beat": f"""
name: beat
on:
  schedule: {{every: {SLOT}s}}
connections: {{ops: opsgenie}}
steps:
  - id: note
    uses: ops.add_note
    with: {{identifier: the-clock, identifier_type: alias, note: "beat ${{{{ run.id }}}}"}}
""",
}


@dataclass
class Samples:
    """What the process was seen to hold, a row for each look."""

    rows: list[tuple[float, float, int, int, float]] = field(default_factory=list)
    """Seconds since the start; megabytes of memory; open files; threads; megabytes of the log."""

    def take(self, since: float, process: int, log: Path) -> None:
        told = Path(f"/proc/{process}/status").read_text()
        memory = int(re.findall(r"VmRSS:\s+(\d+)", told)[0]) / 1024
        threads = int(re.findall(r"Threads:\s+(\d+)", told)[0])
        files = len(os.listdir(f"/proc/{process}/fd"))
        size = log.stat().st_size / 2**20 if log.exists() else 0.0
        self.rows.append((time.monotonic() - since, memory, files, threads, size))

    def slope(self, column: int) -> tuple[float, float]:
        """How much it grows in an hour once it is warm, and the standard error of that.

        Neighbouring looks resemble each other, so the error is that of means over thirtieths of the time.
        """
        warm = [row for row in self.rows if row[0] > self.rows[-1][0] / 2]
        size = max(len(warm) // 30, 1)
        parts = [warm[at : at + size] for at in range(0, len(warm), size)]
        points = [(statistics.fmean(r[0] for r in p) / 3600, statistics.fmean(r[column] for r in p)) for p in parts]
        line = statistics.linear_regression([x for x, _ in points], [y for _, y in points])
        middle = statistics.fmean(x for x, _ in points)
        spread = sum((x - middle) ** 2 for x, _ in points)
        left = sum((y - line.slope * x - line.intercept) ** 2 for x, y in points)
        return line.slope, (left / max(len(points) - 2, 1) / spread) ** 0.5


def project(folder: Path, vendor: Simulator) -> None:
    account = f"connector: opsgenie, server_url: {vendor.url}, api_key: env:SOAK_KEY"
    lines = [f"  ops: {{{account}, allow: {{alerts: write}}, fetch: {{alerts: {{every: {INTERVAL:.0f}s}}}}}}"]
    lines += [f"  other_{n}: {{{account}, health_check: {{every: 20s}}}}" for n in range(1, CONNECTIONS)]
    (folder / "project.yml").write_text("connections:\n" + "\n".join(lines) + "\nweb: {port: 0}\n")
    (folder / "playbooks").mkdir()
    for name, text in PLAYBOOKS.items():
        (folder / "playbooks" / f"{name}.yml").write_text(text)


def soak(folder: Path, vendor: Simulator) -> Samples:
    """Let it work for the time; the process is asked to stop at the end, and must end well."""
    os.environ["SOAK_KEY"] = vendor.key
    dice = random.Random(7)  # noqa: S311 - the same load each time
    with (folder / "serve.log").open("w") as log:
        words = [sys.executable, "-m", "playbooks_engine", "serve"]
        service = subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
        assert service.stdout is not None
        line = service.stdout.readline()
        page = re.findall(r"http://\S+", line)
        assert page, (folder / "serve.log").read_text()
        samples, begun = Samples(), time.monotonic()
        made: list[str] = []
        happens = sample = look = begun
        while (now := time.monotonic()) < begun + LASTS:
            if now >= happens:
                happens += 1 / EVENTS_A_SECOND
                if dice.random() < 0.5 or not made:
                    priority = dice.choice(("P1", "P1", "P3", "P4", "P5"))
                    made.append(vendor.has_alert(message=f"alert {len(made)}", priority=priority).id)
                else:
                    vendor.change(dice.choice(made[-50:]), message=f"changed {dice.randrange(10**6)}")
            if now >= sample:
                sample += SAMPLE_EVERY
                samples.take(begun, service.pid, folder / ".playbooks" / "store.db-wal")
            if now >= look:
                look += LOOK_EVERY
                for path in ("/", "/runs", "/events"):
                    urllib.request.urlopen(page[0].rstrip("/") + path, timeout=30).read()
            time.sleep(max(0.0, min(happens, sample, look) - time.monotonic()))
        time.sleep(INTERVAL)
        service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0, (folder / "serve.log").read_text()[-3000:]
        service.stdout.close()
    return samples


def lags(folder: Path, vendor: Simulator) -> dict[str, list[float]]:
    """Seconds from asked for to begun, from due to the request, and from made to stored."""
    with Database.open("sqlite:///.playbooks/store.db", folder=folder) as database, database.reading() as connection:
        runs = [run for run in journal.runs(connection, limit=1_000_000) if run.id > RUNS_BEFORE]
        stored = {row.key: row.first_seen for row in events.list_events(connection, "ops.alerts", 1_000_000)}
    with closing(sqlite3.connect(folder / ".playbooks" / "store.db")) as raw:
        asked = "SELECT json_extract(actor, '$.run'), min(at) FROM audit GROUP BY 1"
        first = {int(run): _moment(at) for run, at in raw.execute(asked) if run is not None}
    unfinished = [run.id for run in runs if run.status != "succeeded"]
    print(
        f"{len(runs):,} runs, {len(stored):,} events, {len(vendor.ledger):,} requests; not succeeded: {unfinished[:20]}"
    )
    slots = [(run.id, run.slot) for run in runs if run.slot is not None]
    alerts = [alert for alert in vendor.alerts if alert.id in stored]
    return {
        "asked for -> begun": [(run.started_at - run.created_at).total_seconds() for run in runs if run.started_at],
        "due -> first request": [(first[run] - due).total_seconds() for run, due in slots if run in first],
        "new alert -> stored": [(stored[alert.id] - alert.created_at).total_seconds() for alert in alerts],
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def percentile(values: Iterable[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary, Simulator(seed={"alerts": [], "incidents": []}) as vendor:
        folder = Path(temporary)
        vendor.has_alert(message="the clock", alias="the-clock", priority="P3")
        for domain in ("Alert", "Search", "Configuration"):
            vendor.limit(domain, per_second=500, per_minute=30_000)
        project(folder, vendor)
        many_runs.fill(folder, RUNS_BEFORE, EVENTS_BEFORE)
        samples = soak(folder, vendor)
        slow = lags(folder, vendor)
        written = (folder / "serve.log").read_text()
    rows = samples.rows
    missed = 0

    def say(what: str, told: str, goal: str, held: bool) -> None:
        nonlocal missed
        missed += not held
        print(f"{what:<32}{told:<34}{goal:<14}{'' if held else 'missed'}")

    print(f"{LASTS:,.0f} s, {len(rows)} looks; slopes an hour, of the second half, with their standard error")
    slope, error = samples.slope(1)
    start = next(row for row in rows if row[0] > rows[-1][0] / 2)
    say("memory", f"{rows[0][1]:.1f}, {start[1]:.1f}, {rows[-1][1]:.1f} MB", "<= 300 MB", rows[-1][1] <= 300)
    say("memory, slope", f"{slope:+.1f} +- {error:.1f} MB", "< 1 MB", slope - 2 * error < 1)
    for name, column in (("open files", 2), ("threads", 3)):
        slope, error = samples.slope(column)
        most = max(row[column] for row in rows)
        say(name, f"most {most}, {slope:+.1f} +- {error:.1f}", "flat", slope - 2 * error <= 0)
    most_log = max(row[4] for row in rows)
    say("log of the store", f"at most {most_log:.1f} MB", "< 64 MB", most_log < 64)
    goals = {"asked for -> begun": 2.0, "due -> first request": 2.0, "new alert -> stored": INTERVAL + 5}
    for name, goal in goals.items():
        found = percentile(slow[name], 0.99)
        told = f"p50 {percentile(slow[name], 0.5):.2f}, p99 {found:.2f}, most {max(slow[name]):.2f} s"
        say(name, told, f"p99 <= {goal:.0f} s", found <= goal)
    troubles = [line for line in written.splitlines() if " ERROR " in line or "Traceback" in line]
    say("errors in the log", str(len(troubles)), "none", not troubles)
    print("\n".join(troubles[:10]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
