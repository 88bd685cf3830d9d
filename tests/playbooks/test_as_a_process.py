"""Every shipped playbook run as a person runs it: the command as a process, against the simulator."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.testing.answering import AnsweringService

TOOL = str(Path(sys.executable).parent / "playbooks")
PATIENCE = 60.0

Tool = Callable[..., dict[str, Any]]


@pytest.fixture
def tool(project: Path) -> Tool:
    """Run a command with --json: its exit status and what it printed."""

    def tool(*words: str) -> dict[str, Any]:
        ended = subprocess.run([TOOL, *words, "--json"], cwd=project, capture_output=True, text=True, timeout=PATIENCE)
        assert "Traceback" not in ended.stderr
        assert ended.stdout, ended.stderr
        return {"exit": ended.returncode, **json.loads(ended.stdout)}

    return tool


def ping(opsgenie: Simulator, heartbeat: str) -> None:
    """The sign of life of a backup."""
    headers = {"Authorization": f"GenieKey {opsgenie.key}"}
    httpx.get(f"{opsgenie.url}/v2/heartbeats/{heartbeat}/ping", headers=headers).raise_for_status()


def actions(opsgenie: Simulator, alert: Any) -> list[str]:
    """What was done to the alert."""
    return [effect.action for effect in opsgenie.applied if effect.subject_id == alert.id]


def test_check_has_nothing_to_say_about_any_of_them_or_of_their_tests(tool: Tool) -> None:
    told = tool("check")
    assert (told["exit"], told.get("findings")) == (0, [])


def test_the_chase_declares_an_incident_for_a_p1(tool: Tool, opsgenie: Simulator) -> None:
    alert = opsgenie.has_alert(message="Checkout is down", priority="P1", created_at="2026-11-20T00:00:00Z")
    service = opsgenie.state.services[0]["id"]
    tool("fetch", "ops")
    first = tool("run", "chase_unacknowledged", "--event", alert.id, "--input", f"service_id={service}")
    assert (first["exit"], first["status"]) == (0, "succeeded"), first
    assert first["output"]["incident"]
    assert opsgenie.alert(alert.id).notes[0].text.startswith("Not acknowledged for ten minutes. On call now is ")
    again = tool("run", "chase_unacknowledged", "--event", alert.id, "--input", f"service_id={service}")
    assert again["output"] == first["output"]
    assert [effect.action for effect in opsgenie.applied].count("Create") == 1


def test_the_chase_escalates_what_has_no_service_and_tells_a_failure(
    tool: Tool, opsgenie: Simulator, mailbox: Any
) -> None:
    alert = opsgenie.has_alert(message="Search is slow", priority="P2", created_at="2026-11-20T00:00:00Z")
    tool("fetch", "ops")
    assert tool("run", "chase_unacknowledged", "--event", alert.id)["exit"] == 0
    assert actions(opsgenie, alert) == ["AddNote", "EscalateToNext"]
    failed = tool("run", "chase_unacknowledged", "--event", alert.id, "--input", "schedule=no_such_schedule")
    assert (failed["exit"], failed["status"]) == (1, "failed")
    (mail,) = mailbox[0].mails
    assert "chase_unacknowledged stopped at who" in mail.get_payload()


def test_the_polling_chase_chases_what_is_stale(tool: Tool, opsgenie: Simulator) -> None:
    for alert in opsgenie.alerts:
        opsgenie.change(alert.id, status="closed")
    stale = opsgenie.has_alert(message="Checkout is down", priority="P1", created_at="2026-11-20T00:00:00Z")
    ended = tool("run", "chase_unacknowledged_polling")
    assert (ended["exit"], ended["output"]) == (0, {"found": 1})
    assert sorted(actions(opsgenie, stale)) == ["AddNote", "EscalateToNext"]


@pytest.fixture
def login(tool: Tool, opsgenie: Simulator) -> Any:
    """An alert about an account, stored, after a closed one of yesterday about the same."""
    about = {"alias": "suspicious-login/carla", "entity": "carla", "tags": ["suspicious-login"]}
    earlier = opsgenie.has_alert(message="Login of carla", **about)
    opsgenie.change(earlier.id, status="closed")
    alert = opsgenie.has_alert(message="Login of carla again", **about)
    tool("fetch", "ops")
    return alert


def test_a_login_is_contained_once_somebody_approves(
    tool: Tool, opsgenie: Simulator, login: Any, mailbox: Any, directory: AnsweringService
) -> None:
    asked = tool("run", "contain_suspicious_login", "--event", login.id)
    assert (asked["exit"], asked["status"]) == (4, "waiting")
    (mail,) = mailbox[0].mails
    assert "Lock carla?" in mail.get_payload()
    assert "seven days: 2" in mail.get_payload()
    assert directory.ledger == []
    run = str(asked["run"])
    assert tool("runs", "approve", run, "ask")["exit"] == 0
    ended = tool("runs", "resume", run)
    assert (ended["exit"], ended["output"]["decision"]) == (0, "approved"), ended
    assert [(one.method, one.path) for one in directory.ledger] == [("POST", "/users/carla/lock")]
    assert opsgenie.alert(login.id).status == "closed"
    assert opsgenie.alert(login.id).notes[-1].text == f"Run {run} ended as succeeded; decision: approved."


def test_a_login_that_is_rejected_locks_nobody_and_goes_on_to_the_escalation(
    tool: Tool, opsgenie: Simulator, login: Any, directory: AnsweringService
) -> None:
    run = str(tool("run", "contain_suspicious_login", "--event", login.id)["run"])
    tool("runs", "reject", run, "ask")
    ended = tool("runs", "resume", run)
    assert (ended["exit"], ended["output"]["decision"]) == (0, "rejected")
    assert directory.ledger == []
    assert actions(opsgenie, login) == ["EscalateToNext", "AddNote"]


def test_the_gaps_of_a_rota_are_told(tool: Tool, mailbox: Any) -> None:
    alone = tool("run", "gaps_in_schedule", "--input", "schedule=ops_secondary")
    assert alone["exit"] == 0
    gaps = alone["output"]["gaps"]
    assert len(gaps) > 5  # it is a rota of office hours
    assert all(gap["from"] < gap["to"] for gap in gaps)
    ended = tool("run", "rota_gaps")
    assert ended["exit"] == 0
    assert [text.split(":")[0] for text in ended["output"]["gaps"]] == ["ops_secondary"] * len(ended["output"]["gaps"])
    (mail,) = mailbox[0].mails
    assert mail["Subject"] == "Gaps in the rota"


def test_alerts_without_an_owner_are_listed_and_given_to_the_person_on_call(
    tool: Tool, opsgenie: Simulator, mailbox: Any
) -> None:
    for alert in opsgenie.alerts:
        opsgenie.change(alert.id, status="closed")
    opsgenie.has_alert(message="Seen to", owner="ana@example.com", created_at="2026-11-20T00:00:00Z")
    lost = opsgenie.has_alert(message="Disk almost full", created_at="2026-11-20T00:00:00Z")
    assert tool("run", "open_without_owner")["output"] == {"found": [lost.id]}
    assert actions(opsgenie, lost) == []
    assert tool("run", "open_without_owner", "--input", "assign=true")["exit"] == 0
    assert opsgenie.alert(lost.id).owner.endswith("@example.com")
    assert [mail["Subject"] for mail in mailbox[0].mails] == ["1 open alerts without an owner"] * 2


def test_a_dead_heartbeat_has_one_alert_until_it_is_back(tool: Tool, opsgenie: Simulator) -> None:
    ended = tool("run", "dead_heartbeats")
    assert (ended["exit"], ended.get("output")) == (0, {"dead": [], "never_heard": ["nightly-backup"]}), ended
    alert = opsgenie.alert("heartbeat/nightly-backup", "alias")
    assert (alert.status, alert.count) == ("open", 1)
    ping(opsgenie, "nightly-backup")
    assert tool("run", "dead_heartbeats")["output"] == {"dead": [], "never_heard": []}
    assert opsgenie.alert(alert.id).status == "closed"
    opsgenie.advance(2 * 86_400)
    assert tool("run", "dead_heartbeats")["output"] == {"dead": ["nightly-backup"], "never_heard": []}


def test_a_storm_becomes_one_incident_that_every_alert_names(tool: Tool, opsgenie: Simulator) -> None:
    alerts = [opsgenie.has_alert(message=f"Checkout fails {n}", tags=["service:checkout"]) for n in range(5)]
    tool("fetch", "ops")
    first = tool("run", "incident_from_storm", "--event", alerts[0].id)
    assert (first["exit"], first["output"]["alerts"]) == (0, 5), first
    incident = first["output"]["incident"]
    assert tool("run", "incident_from_storm", "--event", alerts[4].id)["output"]["incident"] == incident
    for alert in alerts:
        assert [note.text for note in opsgenie.alert(alert.id).notes] == [f"Belongs to incident {incident}."]


def test_the_handover_the_push_and_the_others_end_well(tool: Tool, opsgenie: Simulator, mailbox: Any) -> None:
    named = opsgenie.has_alert(message="Checkout is down", priority="P1", alias="checkout")
    tool("fetch", "ops")
    told = tool("run", "morning_handover")
    assert told["exit"] == 0
    assert told["output"]["open"] > 0
    assert "Oldest P1s: " in mailbox[0].mails[0].get_payload()
    event = json.dumps({"hash": "3f1c", "rule_name": "Disk almost full", "severity": 2})
    pushed = tool("run", "nightingale_push", "--input", f"alert={event}")
    assert opsgenie.alert(pushed["output"]["alert"]).alias == "3f1c"
    assert tool("run", "who_is_on_call")["output"]["email"].endswith("@example.com")
    assert tool("run", "name_the_person_on_call", "--event", named.id)["exit"] == 0
    assert opsgenie.alert(named.id).notes[0].text.startswith("On call is ")
