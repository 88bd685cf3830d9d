"""Every shipped playbook is checked, planned and run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.testing.playbooks.session import Session

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
NAMES = sorted(path.stem for path in PLAYBOOKS.glob("*.yml") if not path.name.endswith(".test.yml"))

FIRING = {
    "hash": "3f1c",
    "rule_name": "Disk almost full",
    "severity": 2,
    "is_recovered": False,
    "content": "Volume /var at 93 percent",
    "tags": ["ident=db-01", "team=platform"],
    "annotations": {"runbook": "https://example.com/disk"},
    "target_ident": "db-01",
    "cluster": "prod",
}


@pytest.fixture
def findings(project: Path) -> Callable[[str], list[str]]:
    def findings(name: str) -> list[str]:
        async def whole() -> list[str]:
            async with Engine.open(project) as engine:
                return [f"{f.place} {f.message}" for f in engine.library.playbook(name).findings]

        return asyncio.run(whole())

    return findings


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_playbook_has_no_findings_and_says_when_to_use_it(
    name: str, findings: Callable[[str], list[str]]
) -> None:
    text = (PLAYBOOKS / f"{name}.yml").read_text(encoding="utf-8")
    assert findings(name) == []
    assert text.startswith("# When to use it: ")
    assert "\n# What it needs: " in text
    assert f"name: {name}\n" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_playbook_has_tests_of_its_own_and_they_pass(name: str) -> None:
    session = Session()
    ready = session.read(PLAYBOOKS / f"{name}.test.yml")
    assert not ready.suite.findings
    assert len(ready.suite.tests) > 1
    assert [outcome.test.name for outcome in session.outcomes(ready) if not outcome.passed] == []


def test_a_stale_p1_is_noted_and_escalated_once_however_often_the_chase_runs(
    run: Callable[..., Any], opsgenie: Simulator
) -> None:
    opsgenie.reset()
    for alert in opsgenie.alerts:
        opsgenie.change(alert.id, status="closed")
    stale = opsgenie.has_alert(message="Checkout is down", priority="P1", created_at="2026-11-20T00:00:00Z")
    opsgenie.has_alert(message="Seen to", priority="P1", acknowledged=True, created_at="2026-11-20T00:00:00Z")
    first = run("chase_unacknowledged_polling")
    assert (first.status, first.output) == ("succeeded", {"found": 1}), first.error
    second = run("chase_unacknowledged_polling")
    assert second.status == "succeeded"
    assert second.steps["chase_all/chase[0]/note"].status == "reused"
    done = [effect.action for effect in opsgenie.applied if effect.subject_id == stale.id]
    assert sorted(done) == ["AddNote", "EscalateToNext"]


def test_nothing_stale_means_nothing_is_done(run: Callable[..., Any], opsgenie: Simulator) -> None:
    for alert in opsgenie.alerts:
        opsgenie.change(alert.id, status="closed")
    ended = run("chase_unacknowledged_polling")
    assert ended.output == {"found": 0}
    assert ended.steps["chase_all"].status == "skipped"
    assert opsgenie.applied == []


def test_a_plan_of_the_chase_sends_nothing_and_lists_each_change(
    planned: Callable[..., Any], opsgenie: Simulator
) -> None:
    found = planned("chase_unacknowledged_polling")
    assert found.ended.status == "succeeded"
    assert {write.command for write in found.writes} == {"ops.add_note", "ops.escalate_alert"}
    assert opsgenie.applied == []
    assert {entry.method for entry in opsgenie.ledger} == {"GET"}


def test_a_firing_event_becomes_an_alert_and_its_recovery_closes_it(
    run: Callable[..., Any], opsgenie: Simulator
) -> None:
    fired = run("nightingale_push", alert=FIRING)
    assert fired.status == "succeeded", fired.error
    alert = opsgenie.alert("3f1c", "alias")
    assert alert is not None
    assert (alert.message, alert.priority, alert.entity, alert.source) == ("Disk almost full", "P2", "db-01", "prod")
    assert alert.details == {"runbook": "https://example.com/disk"}
    assert set(alert.tags) == {"ident=db-01", "team=platform"}
    run("nightingale_push", alert=FIRING)
    assert opsgenie.alert(alert.id).count == 2
    recovered = run("nightingale_push", alert={**FIRING, "is_recovered": True})
    assert recovered.status == "succeeded", recovered.error
    assert recovered.output == {"alert": alert.id, "closed": True}
    assert opsgenie.alert(alert.id).status == "closed"


@pytest.mark.parametrize(
    ("severity", "priorities", "expected"),
    [(1, None, "P1"), (3, None, "P3"), (5, None, "P5"), (2, {"2": "P4"}, "P4")],
)
def test_a_severity_becomes_a_priority(
    severity: int, priorities: Any, expected: str, run: Callable[..., Any], opsgenie: Simulator
) -> None:
    inputs = {"priorities": priorities} if priorities else {}
    ended = run("nightingale_push", alert={**FIRING, "severity": severity}, **inputs)
    assert ended.status == "succeeded", ended.error
    assert opsgenie.alert("3f1c", "alias").priority == expected


def test_a_long_description_is_cut_to_what_opsgenie_takes(run: Callable[..., Any], opsgenie: Simulator) -> None:
    ended = run("nightingale_push", alert={**FIRING, "content": "x" * 20_000, "rule_name": "y" * 200})
    assert ended.status == "succeeded", ended.error
    alert = opsgenie.alert("3f1c", "alias")
    assert (len(alert.description), len(alert.message)) == (15_000, 130)


def test_a_new_p1_names_the_person_on_call(run: Callable[..., Any], opsgenie: Simulator) -> None:
    alert = opsgenie.has_alert(message="Checkout is down", priority="P1", alias="checkout")
    ended = run("name_the_person_on_call", event=alert.id)
    assert ended.status == "succeeded", ended.error
    notes = [note.text for note in opsgenie.alert(alert.id).notes]
    assert len(notes) == 1
    assert notes[0].startswith("On call is ")


def test_who_is_on_call_gives_name_and_mail(run: Callable[..., Any]) -> None:
    ended = run("who_is_on_call", schedule="security_primary")
    assert ended.status == "succeeded"
    assert ended.output["email"].endswith("@example.com")


def test_who_is_on_call_fails_on_a_schedule_that_does_not_exist(run: Callable[..., Any]) -> None:
    ended = run("who_is_on_call", schedule="nope")
    assert ended.status == "failed"
    assert ended.error["message"] == "No schedule exists with name [nope]"


def test_the_morning_handover_is_sent_to_the_team(run: Callable[..., Any], mailbox: Any) -> None:
    ended = run("morning_handover", schedules=["ops_primary", "no_such_schedule"])
    assert ended.status == "succeeded_with_errors", ended.error
    (mail,) = mailbox[0].mails
    assert mail["Subject"] == "Morning hand-over"
    body = mail.get_payload()
    assert "On call today: " in body
    assert "Open alerts: 0." in body
    assert "Some schedules could not be read." in body
