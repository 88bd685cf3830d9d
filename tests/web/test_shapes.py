"""Rows of the store as JSON: the names are promised, and the command line has the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from playbooks_engine.errors import CommandFailed
from playbooks_engine.runtime.health import Checked
from playbooks_engine.runtime.telling import run_header, step_document
from playbooks_engine.sdk import Connection as Account
from playbooks_engine.store.events import EventRow, VersionRow
from playbooks_engine.store.health import HealthCheck, HealthState
from playbooks_engine.store.journal import Intent, Run, StepRow
from playbooks_engine.store.triggers import Decision
from playbooks_engine.web import shapes
from playbooks_engine.web.attention import Health, Matter
from playbooks_engine.web.changes import history
from tests.web.conftest import ERROR

NOW = datetime(2026, 11, 22, 3, 10, 0, 250_000, tzinfo=UTC)
TOLD = "2026-11-22T03:10:00.250000Z"
LATER = NOW + timedelta(seconds=2.5)

CHECK = HealthCheck(connection="ops", checked_at=NOW, status="failed", latency=0.1, error=ERROR)
STATE = HealthState(connection="ops", status="down", since=NOW, failures_in_a_row=3)
ACCOUNT = Account(connector="opsgenie", description="Main account")
EVENT = EventRow(
    stream="ops.alerts", key="a1", version_id=2, number=2, version="7", versions=2, first_seen=NOW, last_seen=LATER,
    fields={"status": "closed"}, raw={"id": "a1"},
)  # fmt: skip
VERSIONS = [
    VersionRow(id=n, stream="ops.alerts", key="a1", number=n, version=str(n), hash="h", fields={"status": status},
               raw={}, stored_at=NOW, was_current=True)
    for n, status in ((1, "open"), (2, "closed"))
]  # fmt: skip
DECISION = Decision(id=9, at=NOW, playbook="chase", kind="matched", reason="it matched", run_id=4)
STEP = StepRow(
    run_id=4, path="each[0]/note", step_id="note", item=0, status="failed", inputs={"note": "b"}, output=[1],
    raw={"big": 1}, error=ERROR, attempts=2, conditions=[["a", 1]], started_at=NOW, ended_at=LATER, child_run_id=5,
)  # fmt: skip
INTENT = Intent(
    id="i", run_id=4, path="each[0]/note", command="opsgenie.add_note", connection="ops", effect="write", key="k",
    request_hash="h", method="POST", url_path="/v2/alerts/a1/notes", body={"note": "b"}, written_at=NOW,
    outcome="succeeded",
)  # fmt: skip


def run_of(**values: Any) -> Run:
    told: dict[str, Any] = {
        "id": 4, "playbook": "chase", "digest": "d", "status": "failed", "output": None, "error": ERROR,
        "owner": "me:1:1", "fence": 3, "lease_until": NOW, "created_at": NOW, "started_at": NOW, "ended_at": LATER,
        "trigger": {"kind": "event"}, "event_stream": "ops.alerts", "event_key": "a1",
    }  # fmt: skip
    return Run(**{**told, **values})


@pytest.mark.parametrize(
    ("told", "shape"),
    [
        (shapes.matter(Matter("run", "t", "d", "h", "/runs/4", NOW)), shapes.MatterShape),
        (shapes.check(CHECK), shapes.CheckShape),
        (shapes.connection(Health("ops", ACCOUNT, STATE, CHECK)), shapes.ConnectionShape),
        (shapes.event(EVENT), shapes.EventShape),
        (shapes.version(history(VERSIONS)[0]), shapes.VersionShape),
        (shapes.decision(DECISION), shapes.DecisionShape),
        (run_header(run_of()), shapes.RunShape),
        (shapes.step(STEP), shapes.StepShape),
        (shapes.write(INTENT, None), shapes.WriteShape),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_row_has_the_names_that_are_described_and_no_other(told: dict[str, Any], shape: type[BaseModel]) -> None:
    assert told.keys() == shape.model_fields.keys()
    assert shape.model_validate(told, strict=True).model_dump(mode="json") == told
    assert json.loads(json.dumps(told)) == told


def test_an_event_has_the_shape_of_the_command_line() -> None:
    assert shapes.event(EVENT) == {
        "stream": "ops.alerts", "key": "a1", "version": "7", "versions": 2, "first_seen": TOLD,
        "last_seen": "2026-11-22T03:10:02.750000Z", "fields": {"status": "closed"},
    }  # fmt: skip


def test_a_check_has_the_shape_of_the_command_line() -> None:
    error = CommandFailed("Could not authenticate")
    checked = Checked("ops", "failed", NOW, 0.1, error)
    row = HealthCheck(connection="ops", checked_at=NOW, status="failed", latency=0.1, error=error.as_json())
    assert shapes.check(row) == checked.as_json()
    assert shapes.check(row).keys() == {"connection", "status", "checked_at", "latency", "error"}


def test_a_step_says_all_that_the_command_line_says_and_more() -> None:
    told = shapes.step(STEP)
    assert {name: told[name] for name in step_document(STEP)} == step_document(STEP)
    assert told.keys() - step_document(STEP).keys() == {"inputs", "conditions", "run"}
    assert told["duration"] == 2.5
    assert told["run"] == 5


def test_a_write_says_what_was_sent_with_the_connection_by_its_name() -> None:
    told = shapes.write(INTENT, None)
    promised = {name: told[name] for name in ("command", "method", "path", "body")}
    assert promised == {
        "command": "ops.add_note", "method": "POST", "path": "/v2/alerts/a1/notes", "body": {"note": "b"},
    }  # fmt: skip
    assert "note" in told["step"]


def test_a_run_tells_its_event_only_where_one_started_it() -> None:
    assert run_header(run_of())["event"] == {"stream": "ops.alerts", "key": "a1"}
    assert run_header(run_of(event_key="", event_stream="s"))["event"] == {"stream": "s", "key": ""}
    assert run_header(run_of(event_key=None))["event"] is None


def test_what_did_not_happen_yet_is_null() -> None:
    queued = run_header(run_of(status="queued", started_at=None, ended_at=None, error=None))
    assert (queued["created_at"], queued["started_at"], queued["ended_at"]) == (TOLD, None, None)
    assert queued["duration"] is queued["error"] is None
    running = shapes.step(StepRow(run_id=4, path="a", step_id="a", status="running", started_at=NOW))
    assert (running["started_at"], running["duration"], running["run"]) == (TOLD, None, None)
    unchecked = shapes.connection(Health("ops", ACCOUNT, None, None))
    assert (unchecked["since"], unchecked["failures_in_a_row"], unchecked["last_check"]) == (None, 0, None)


def test_leases_and_owners_are_nobodys_business() -> None:
    assert not {"owner", "fence", "lease_until", "digest"} & run_header(run_of()).keys()
    assert "raw" not in shapes.step(STEP)
    assert "request_hash" not in shapes.write(INTENT, None)


def test_a_version_names_the_fields_it_changed() -> None:
    newest, first = (shapes.version(one) for one in history(VERSIONS))
    assert (newest["number"], newest["changed"]) == (2, ["status"])
    assert (first["number"], first["changed"]) == (1, [])
