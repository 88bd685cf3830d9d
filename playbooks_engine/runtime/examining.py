"""The store looked at from outside: is it whole, private, on a good disk, and does everything in it go on."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.service_lease import NAME
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.store import events, health, leases, location, marking, migrating, owners, room, soundness
from playbooks_engine.store.columns import instant_from
from playbooks_engine.store.copying import schema_of
from playbooks_engine.store.database import Database, connect
from playbooks_engine.store.failures import telling

LARGE_LOG = 64 * 1024 * 1024
LARGE_STORE = 1024 * 1024 * 1024
AHEAD = timedelta(minutes=5)
"""So far behind the newest row a clock may be before it is called wrong."""

_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "beegfs", "fuse.sshfs"}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and whose move it is when it is not well."""

    name: str
    status: Literal["ok", "warning", "problem"]
    message: str
    move: str | None = None


def examine(project: Project, now: datetime) -> Iterator[Check]:
    """Everything about the project's store; nothing in it is changed, an older schema included."""
    try:
        file = location.file_of(project.store, project.folder)
        marking.refuse_half(file)
    except StoreUnusable as error:
        yield Check("store", "problem", error.message, error.hint)
        return
    if file.parent.is_dir():
        yield from _around(file)
    if not file.exists():
        yield Check("store", "ok", f"there is none yet at {file}; any run or fetch makes it")
        return
    try:
        yield _whole(file)
        schema = schema_of(file)
        if schema != migrating.HEAD:
            migrating.refuse_newer(schema, file)
            yield Check("schema", "ok", f"{schema}; the next command brings it to {migrating.HEAD}, after a copy")
            return
        yield Check("schema", "ok", schema)
        with (
            Database.open(project.store, folder=project.folder, create=False) as database,
            database.reading() as connection,
        ):
            yield from _inside(connection, project, now)
    except StoreUnusable as error:
        yield Check("store", "problem", error.message, error.hint)


def _whole(file: Path) -> Check:
    said = marking.told(file)
    soundness.look(file)
    with telling(file), closing(connect(file)) as raw:
        soundness.check(raw, file, whole=True)
        marking.refuse_older(raw, file, said)
        if (wrong := _dangling(raw) or _turned(raw)) is not None:
            raise StoreUnusable(
                f"The store {file} is damaged: {wrong}.",
                hint="Put a backup in its place: playbooks restore FILE",
            )
        (rows,) = raw.execute("SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM run)").fetchone()
    size = file.stat().st_size
    told = f"whole: {size / 1_000_000:.1f} MB, {rows} events and runs"
    if size > LARGE_STORE:
        return Check("store", "warning", told, "Say in project.yml how long to keep what: retention: {events: 400d}")
    return Check("store", "ok", told)


def _dangling(raw: sqlite3.Connection) -> str | None:
    found = raw.execute("PRAGMA foreign_key_check").fetchone()
    return f"a row of {found[0]} refers to a row of {found[2]} that is not there" if found else None


_HASHED = {
    "playbook_text": "SELECT rowid, digest, text FROM playbook_text",
    "event_version": "SELECT id, hash, raw FROM event_version",
}


def _turned(raw: sqlite3.Connection) -> str | None:
    """A content that is not what it was when it was stored, by its sha256."""
    for table, query in _HASHED.items():
        for number, digest, content in raw.execute(query):
            if hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest() != digest:
                return f"the content of row {number} of {table} has changed since it was stored"
    return None


# around the file


def _around(file: Path) -> Iterator[Check]:
    yield _private(file)
    yield _disk(file)
    if (kind := file_system(file)) in _NETWORK:
        yield Check(
            "file system", "problem", f"{file.parent} is on a network file system ({kind}), where locks do not hold",
            "Write another `store:` in project.yml, on a local disk.",
        )  # fmt: skip
    log = Path(f"{file}-wal")
    if log.exists() and log.stat().st_size > LARGE_LOG:
        yield Check(
            "log", "warning", f"{log.name} has {log.stat().st_size / 1_000_000:.0f} MB",
            "`playbooks serve` moves it into the store; a program that reads for hours keeps it from that.",
        )  # fmt: skip
    if left := location.leftovers(file):
        names = ", ".join(one.name for one in left)
        yield Check("leftovers", "warning", f"killed processes left {names}", "`playbooks serve` removes them.")


def _private(file: Path) -> Check:
    there = [file.parent, *(Path(f"{file}{end}") for end in ("", "-wal", "-shm", "-mark"))]
    found = [one for one in there if one.exists() and one.stat().st_mode & 0o077]
    # In a folder that nobody else may enter, nobody else gets to the files.
    if not found or file.parent not in found:
        return Check("permissions", "ok", f"nobody else may read {file.parent}")
    return Check(
        "permissions", "warning", f"others may enter {file.parent}, where alerts and answers are stored",
        f"chmod 700 {file.parent}",
    )  # fmt: skip


def _disk(file: Path) -> Check:
    left = room.free(file)
    told = f"{left / 1_000_000:,.0f} MB are free"
    if left < room.SIZE:
        return Check("disk", "problem", f"{told}, so nothing new is begun or fetched", "Make room on the disk.")
    if left < room.ENOUGH:
        return Check("disk", "warning", told, "Make room on the disk: below 16 MB nothing new is begun.")
    return Check("disk", "ok", told)


def file_system(path: Path) -> str | None:
    """The kind of the file system that the path is on; None where the system does not tell."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError):
        return None
    best: tuple[int, str | None] = (-1, None)
    for line in lines:
        fields = line.split()
        point = Path(fields[4].encode().decode("unicode_escape"))
        if path.resolve().is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), fields[fields.index("-") + 1])
    return best[1]


# inside


def _inside(connection: Connection, project: Project, now: datetime) -> Iterator[Check]:
    yield _clock(connection, now)
    service, serving = _service(connection, now)
    yield service
    yield from _runs(connection, now, serving)
    yield from _streams(connection, project, now, serving)
    yield from _connections(connection, project)
    waiting = connection.exec_driver_sql("SELECT count(*) FROM notification WHERE sent_at IS NULL AND attempts > 0")
    if number := waiting.scalar_one():
        yield Check(
            "messages", "problem", f"{number} could not be sent so far",
            "See the page of `playbooks serve`, and: playbooks connections audit NAME",
        )  # fmt: skip


_NEWEST = """
    SELECT max(at) FROM (
        SELECT max(created_at) AS at FROM run UNION ALL SELECT max(at) FROM audit
        UNION ALL SELECT max(last_fetch_at) FROM stream UNION ALL SELECT max(at) FROM decision)
"""


def _clock(connection: Connection, now: datetime) -> Check:
    newest = connection.exec_driver_sql(_NEWEST).scalar()
    told = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if newest is not None and instant_from(newest) > now + AHEAD:
        return Check(
            "clock", "problem", f"it is {told}, and something was stored at {newest}",
            "Set the clock of this machine right; schedules and leases go by it.",
        )  # fmt: skip
    return Check("clock", "ok", told)


def _service(connection: Connection, now: datetime) -> tuple[Check, bool]:
    held = leases.holder(connection, NAME)
    if held is None or held.owner is None:
        return Check("service", "ok", "not running"), False
    who = f"process {held.pid} on {(held.host or '?').partition('/')[0]}"
    if held.until is None or held.until <= now or owners.is_gone(held.owner):
        told = f"{who} ended without giving the store back"
        return Check("service", "warning", told, "Start it again: playbooks serve"), False
    return Check("service", "ok", f"{who}, since {held.note}"), True


def _runs(connection: Connection, now: datetime, serving: bool) -> Iterator[Check]:
    query = "SELECT id, status, owner, lease_until FROM run WHERE parent_run_id IS NULL AND status IN (?, ?, ?)"
    rows = connection.exec_driver_sql(query, ("queued", "running", "waiting")).all()
    stuck = [
        number
        for number, status, owner, until in rows
        if status == "running" and (owner is None or owners.is_gone(owner) or instant_from(until) <= now)
    ]
    queued, waiting = (sum(status == wanted for _, status, *_ in rows) for wanted in ("queued", "waiting"))
    if stuck:
        first = ", ".join(map(str, stuck[:5])) + (" ..." if len(stuck) > 5 else "")
        move = "The service takes them up by itself." if serving else "playbooks serve, or: playbooks runs resume ID"
        yield Check("runs", "warning" if serving else "problem", f"interrupted: {first}", move)
    elif queued and not serving:
        yield Check("runs", "problem", f"{queued} queued, and no service executes them", "playbooks serve")
    else:
        yield Check("runs", "ok", f"{len(rows)} under way, {waiting} of them waiting")


def _streams(connection: Connection, project: Project, now: datetime, serving: bool) -> Iterator[Check]:
    known = {row.stream: row for row in events.stream_states(connection)}
    for name, account in project.connections.items():
        for stream, settings in account.fetch.items() if account.active else ():
            title, row = f"stream {name}.{stream}", known.get(f"{name}.{stream}")
            if row is None or row.last_fetch_at is None:
                yield Check(title, "ok" if row is None or not row.failing_since else "problem", "never fetched so far")
            elif row.failing_since is not None:
                why = (row.last_error or {}).get("message", "")
                told = f"failing since {row.failing_since:%Y-%m-%d %H:%M:%S} UTC: {why}"
                yield Check(title, "problem", told, f"playbooks connections test {name}")
            elif serving and now - row.last_fetch_at > max(timedelta(seconds=3 * settings.every), timedelta(minutes=5)):
                told = (
                    f"last fetched {row.last_fetch_at:%Y-%m-%d %H:%M:%S} UTC, every {format_duration(settings.every)}"
                )
                yield Check(title, "problem", told, "Look at the log of `playbooks serve`.")
            else:
                yield Check(title, "ok", f"last fetched {row.last_fetch_at:%Y-%m-%d %H:%M:%S} UTC")


def _connections(connection: Connection, project: Project) -> Iterator[Check]:
    for state in health.health_states(connection):
        account = project.connections.get(state.connection)
        if account is None or not account.active:
            continue
        title = f"connection {state.connection}"
        if state.status == "down":
            last = health.checks(connection, state.connection, limit=1)
            why = (last[0].error or {}).get("message", "") if last else ""
            told = f"down since {state.since:%Y-%m-%d %H:%M:%S} UTC: {why}"
            yield Check(title, "problem", told, f"playbooks connections test {state.connection}")
        else:
            yield Check(title, "ok", f"{state.status} since {state.since:%Y-%m-%d %H:%M:%S} UTC")
