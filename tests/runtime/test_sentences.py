"""Rows as sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.sentences import deed, error, hint, outcome, past, sentence
from playbooks_engine.store.audit import AuditRow

NOW = datetime(2026, 11, 22, 3, 10, 2, tzinfo=UTC)


def _row(**values: Any) -> AuditRow:
    told: dict[str, Any] = {
        "id": "1",
        "at": NOW,
        "actor": {"kind": "playbook", "name": "chase_unacknowledged", "run": 41, "step": "note"},
        "connection": "ops",
        "connector": "opsgenie",
        "command": "add_note",
        "area": "alerts",
        "effect": "write",
        "target": "4821",
        "decision": "allowed",
        "rule": "alerts: write",
        "outcome": "succeeded",
        "requests": 2,
        "ended_at": NOW,
        "status_code": None,
    }
    return AuditRow(**{**told, **values})


def test_a_call_reads_as_the_contract_says() -> None:
    assert sentence(_row()) == (
        "playbook chase_unacknowledged, run 41, added a note to alert 4821 on ops: allowed by alerts: write"
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            {"decision": "denied", "rule": "alerts: read", "outcome": "not_allowed"},
            "was kept from this: add a note to alert 4821 on ops: denied by alerts: read",
        ),
        (
            {"decision": "planned", "outcome": None},
            "planned to add a note to alert 4821 on ops: nothing was sent; its rule is alerts: write",
        ),
        (
            {"outcome": "not_found", "status_code": 404},
            "tried to add a note to alert 4821 on ops: allowed by alerts: write; failed: not_found 404",
        ),
        (
            {"outcome": None},
            "tried to add a note to alert 4821 on ops: allowed by alerts: write; how it ended is not known",
        ),
    ],
)
def test_what_did_not_happen_is_not_told_as_if_it_had(values: dict[str, Any], told: str) -> None:
    assert sentence(_row(**values)) == f"playbook chase_unacknowledged, run 41, {told}"


def test_a_look_after_a_crash_does_not_read_as_a_second_change() -> None:
    row = _row(actor={"kind": "playbook", "name": "chase", "run": 41, "step": "note", "looks_back": True})
    assert sentence(row) == (
        "playbook chase, run 41, looked after a crash whether it had added a note to alert 4821 on ops: "
        "allowed by alerts: write"
    )


def test_a_person_and_the_service_are_named_as_such() -> None:
    assert sentence(_row(actor={"kind": "person", "name": "ana"})).startswith("ana added a note ")
    assert sentence(_row(actor={"kind": "service", "name": "fetch"})).startswith("the service (fetch) added ")


@pytest.mark.parametrize(
    ("command", "area", "target", "told"),
    [
        ("close_alert", "alerts", "1", "closed alert 1"),
        ("escalate_alert", "alerts", "1", "escalated alert 1"),
        ("create_alert", "alerts", "Disk full", 'created an alert "Disk full"'),
        ("get_on_call_user", "schedules", "ops_primary", "read the on call user of schedule ops_primary"),
        ("get_schedules", "schedules", None, "read schedules"),
        ("get_single_user", "users", "ana", "read user ana"),
        ("list_alerts", "alerts", None, "listed alerts"),
        ("fetch_event", "alerts", None, "fetched events"),
        ("test_connection", "account", None, "tested the connection"),
        ("remove_tags", "alerts", "1", "removed tags from alert 1"),
        ("add_responder", "alerts", "1", "added a responder to alert 1"),
        ("send", "messages", "It is back", 'sent a message "It is back"'),
        ("delete_policy", "policies", "p", "deleted policy p"),
    ],
)
def test_the_deed_follows_from_the_name_of_the_command(command: str, area: str, target: str | None, told: str) -> None:
    assert deed(command, area, target) == told


@pytest.mark.parametrize(
    ("verb", "told"),
    [("close", "closed"), ("add", "added"), ("copy", "copied"), ("play", "played"), ("tag", "tagged"), ("get", "read"),
     ("snooze", "snoozed"), ("send", "sent"), ("ack", "acked"), ("open", "opened"), ("need", "needed")],
)  # fmt: skip
def test_a_verb_becomes_what_was_done(verb: str, told: str) -> None:
    assert past(verb) == told


def test_every_command_of_every_connector_has_a_deed() -> None:
    catalog = Catalog()
    for name in catalog:
        for command in catalog.connector(name).commands.values():
            for target in (None, "it"):
                told = deed(command.spec.name, command.spec.area, target)
                assert told
                assert "_" not in told


def test_how_a_call_ended_is_said_in_a_few_words() -> None:
    assert outcome(_row()) == "succeeded"
    assert outcome(_row(outcome="not_found", status_code=404)) == "not found, status 404"
    assert outcome(_row(decision="denied", outcome=None)) == "not sent"
    assert outcome(_row(outcome=None)) == "under way, or its process died"


def test_an_error_is_told_in_the_three_parts() -> None:
    told = {"type": "auth", "indicator": "Get Schedules failed.", "status_code": 401, "message": "No.", "hint": "Mend."}
    assert error(told) == "Get Schedules failed. Status Code: 401. Message: No."
    assert hint(told) == "Mend."
    assert error(None) == hint(None) == ""
