"""Each thing that can be wrong with a store is found, named, and says whose move it is; nothing is changed."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from playbooks_engine.runtime import examining
from playbooks_engine.runtime.examining import Check, examine, file_system
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.service_lease import NAME
from playbooks_engine.sdk import HttpConnection
from playbooks_engine.store import events, health, journal, leases, notifications, room
from playbooks_engine.store.database import Database, connect
from playbooks_engine.store.events import Arrival
from playbooks_engine.store.health import HealthState
from playbooks_engine.store.journal import NewRun
from playbooks_engine.store.owners import Owner, this_process
from playbooks_engine.testing.clock import START

LEASE = timedelta(seconds=30)
GONE = "elsewhere/1:41:7"


@pytest.fixture
def project(tmp_path: Path, pristine_store: bytes) -> Project:
    file = tmp_path / ".playbooks" / "store.db"
    file.parent.mkdir(mode=0o700)
    file.write_bytes(pristine_store)
    account = HttpConnection(
        connector="opsgenie", server_url="https://api.example.com", fetch={"alerts": {"every": "1m"}}
    )
    return Project(tmp_path, connections={"ops": account})


def file_of(project: Project) -> Path:
    return project.folder / ".playbooks" / "store.db"


def checks(project: Project) -> dict[str, Check]:
    return {check.name: check for check in examine(project, START)}


def told(project: Project, name: str) -> tuple[str, str, str]:
    found = checks(project)[name]
    return found.status, found.message, found.move or ""


class Written:
    """A transaction in the project's store."""

    def __init__(self, project: Project) -> None:
        self._database = Database.open(project.store, folder=project.folder)
        self._transaction = self._database.transaction()

    def __enter__(self) -> Connection:
        return self._transaction.__enter__()

    def __exit__(self, *ended: object) -> None:
        self._transaction.__exit__(*ended)  # type: ignore[arg-type]
        self._database.close()


def test_a_sound_store_has_nothing_wrong_and_is_left_as_it_is(project: Project) -> None:
    before = file_of(project).read_bytes()
    found = checks(project)
    assert {check.status for check in found.values()} == {"ok"}, found
    assert {"store", "schema", "permissions", "disk", "clock", "service", "runs", "stream ops.alerts"} <= set(found)
    assert file_of(project).read_bytes() == before


def test_where_no_store_is_none_is_made(tmp_path: Path) -> None:
    assert told(Project(tmp_path), "store")[0] == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_store_is_a_problem_with_the_command_that_mends_it(project: Project) -> None:
    file_of(project).write_bytes(b"")
    status, message, move = told(project, "store")
    assert status == "problem"
    assert str(file_of(project)) in message
    assert "playbooks restore FILE" in move


def test_a_content_that_turned_is_found_by_its_hash(project: Project) -> None:
    with Written(project) as connection:
        events.store_page(connection, "ops.alerts", [Arrival("1", "1", {}, {"text": "as it was"})], START)
    content = file_of(project).read_bytes()
    file_of(project).write_bytes(content.replace(b"as it was", b"as it vas"))
    status, message, _ = told(project, "store")
    assert status == "problem"
    assert "row 1 of event_version has changed" in message


def test_a_row_that_refers_to_nothing_is_found(project: Project) -> None:
    with closing(connect(file_of(project))) as raw:
        raw.execute("INSERT INTO once VALUES ('p', 's', 'ops', 'k', 7, '', 'done', NULL, NULL, '')")
    assert "a row of once refers to a row of run" in told(project, "store")[1]


def test_a_newer_schema_is_a_problem_and_an_older_one_is_not_touched(project: Project) -> None:
    for version, status in (("9999", "problem"), ("0000", "ok")):
        with closing(connect(file_of(project))) as raw:
            raw.execute("UPDATE alembic_version SET version_num = ?", (version,))
        before = file_of(project).read_bytes()
        found = checks(project)
        assert found["schema" if status == "ok" else "store"].status == status
        assert file_of(project).read_bytes() == before


def test_a_folder_that_others_may_enter_is_a_warning(project: Project) -> None:
    file_of(project).parent.chmod(0o755)
    status, _, move = told(project, "permissions")
    assert (status, move) == ("warning", f"chmod 700 {file_of(project).parent}")


@pytest.mark.parametrize(("left", "status"), [(room.SIZE - 1, "problem"), (room.ENOUGH - 1, "warning")])
def test_a_disk_without_room_is_told(project: Project, monkeypatch: pytest.MonkeyPatch, left: int, status: str) -> None:
    monkeypatch.setattr(room, "free", lambda file: left)
    assert told(project, "disk")[0] == status


def test_a_network_file_system_is_a_problem(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_system(project.folder) is None or file_system(project.folder) not in examining._NETWORK
    monkeypatch.setattr(examining, "file_system", lambda path: "nfs4")
    assert told(project, "file system")[0] == "problem"


def test_what_killed_processes_left_is_named(project: Project) -> None:
    left = file_of(project).with_name(".store.db.new-4194999")
    left.write_bytes(b"half")
    file_of(project).with_name(f".store.db.new-{os.getpid()}").write_bytes(b"in use")
    status, message, _ = told(project, "leftovers")
    assert status == "warning"
    assert left.name in message
    assert str(os.getpid()) not in message


def test_a_large_log_is_a_warning(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "LARGE_LOG", 1000)
    with Database.open(project.store, folder=project.folder) as database:
        database.write([])
        assert told(project, "log")[0] == "warning"


def test_a_service_that_died_is_told_from_one_that_runs(project: Project) -> None:
    with Written(project) as connection:
        leases.take(connection, NAME, Owner("elsewhere/1", 41, "7"), START, LEASE, note="then")
    assert told(project, "service") == ("ok", "process 41 on elsewhere, since then", "")
    with Written(project) as connection:
        leases.take(connection, NAME, Owner("elsewhere/1", 41, "7"), START - LEASE, LEASE)
    assert told(project, "service")[0] == "warning"


def _run(connection: Connection, owner: str | None, **more: str) -> None:
    digest = journal.keep_text(connection, "name: chase")
    if owner is None:
        journal.add_run(connection, NewRun(playbook="chase", digest=digest), START)
    else:
        journal.start_run(connection, NewRun(playbook="chase", digest=digest), owner, START - LEASE, LEASE)


def test_an_interrupted_run_is_a_problem_where_no_service_goes_on_with_it(project: Project) -> None:
    with Written(project) as connection:
        _run(connection, GONE)
    status, message, move = told(project, "runs")
    assert (status, message) == ("problem", "interrupted: 1")
    assert "playbooks runs resume ID" in move
    with Written(project) as connection:
        leases.take(connection, NAME, this_process(), START, LEASE)
    assert told(project, "runs")[0] == "warning"


def test_queued_runs_without_a_service_are_a_problem(project: Project) -> None:
    with Written(project) as connection:
        _run(connection, None)
    assert told(project, "runs") == ("problem", "1 queued, and no service executes them", "playbooks serve")


def test_a_stream_that_fails_and_one_that_stands_still_are_problems(project: Project) -> None:
    with Written(project) as connection:
        leases.take(connection, NAME, this_process(), START, LEASE)
        connection.exec_driver_sql(
            "INSERT INTO stream (stream, last_fetch_at) VALUES ('ops.alerts', '2026-03-27T09:00:00.000000Z')"
        )
    status, message, _ = told(project, "stream ops.alerts")
    assert status == "problem"
    assert "every 1m" in message
    with Written(project) as connection:
        connection.exec_driver_sql(
            "UPDATE stream SET failing_since = last_fetch_at, last_error = ?", ('{"message": "no answer"}',)
        )
    assert "no answer" in told(project, "stream ops.alerts")[1]


def test_a_connection_that_is_down_is_a_problem(project: Project) -> None:
    with Written(project) as connection:
        health.set_health_state(connection, HealthState(connection="ops", status="down", since=START))
    assert told(project, "connection ops")[0] == "problem"


def test_a_message_that_could_not_be_sent_is_a_problem(project: Project) -> None:
    with Written(project) as connection:
        number = notifications.queue_notification(
            connection, subject="down", title="t", body="b", via="chat.send", now=START
        )
        notifications.notification_failed(connection, number, {"message": "no"})
    assert told(project, "messages")[0] == "problem"


def test_a_clock_behind_what_was_stored_is_a_problem(project: Project) -> None:
    with Written(project) as connection:
        digest = journal.keep_text(connection, "name: chase")
        later = START + timedelta(minutes=6)
        run = journal.start_run(connection, NewRun(playbook="chase", digest=digest), GONE, later, LEASE)
        journal.finish(connection, run.id, run.fence, "succeeded", None, None, later)
    status, message, _ = told(project, "clock")
    assert status == "problem"
    assert "2026-03-27T10:06" in message
