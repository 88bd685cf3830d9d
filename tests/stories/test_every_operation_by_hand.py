"""Calls of each document as a person makes them: the command line as a process, and one playbook with many of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie import connector
from connectors.opsgenie.simulator.running import Simulator

Tool = Callable[..., subprocess.CompletedProcess[str]]

D3 = {
    "fetch-event": ("--number-of-events", "5"),
    "get-schedules": (),
    "get-on-call-user": ("--schedule-name", "ops_primary"),
    "get-schedule-timeline": ("--schedule-name", "ops_primary"),
    "get-single-user": ("--identifier", "ben@example.com"),
    "test-connection": (),
}


@pytest.fixture(autouse=True)
def all_allowed(project: Path) -> None:
    file = project / "project.yml"
    areas = ", ".join(f"{area}: full" for area in connector.areas)
    file.write_text(file.read_text().replace("alerts: write", areas))


def answered(ended: subprocess.CompletedProcess[str]) -> Any:
    """What a call that succeeded gave."""
    assert ended.returncode == 0, ended.stderr + ended.stdout
    assert ended.stderr == ""
    document = json.loads(ended.stdout)
    assert document["status"] == "succeeded"
    return document["output"]


def test_the_six_of_d3_answer_on_the_command_line(tool: Tool, opsgenie: Simulator) -> None:
    opsgenie.has_alert(message="Disk is full")
    # At once, as six people would: each is a process of its own.
    with ThreadPoolExecutor() as people:
        outputs = list(people.map(lambda name: answered(tool("call", f"ops.{name}", *D3[name], "--json")), D3))
    assert all(outputs)
    assert opsgenie.applied == []


def test_an_alert_is_pushed_and_closed_by_its_alias_on_the_command_line(tool: Tool, opsgenie: Simulator) -> None:
    made = answered(tool("call", "ops.create-alert", "--message", "CPU is hot", "--alias", "n9e-1", "--json"))
    answered(tool("call", "ops.close-alert", "--identifier", "n9e-1", "--identifier-type", "alias", "--json"))
    assert [effect.action for effect in opsgenie.applied] == ["Create", "Close"]
    [alert] = opsgenie.alerts
    assert (alert.id, alert.status, alert.message) == (made["alertId"], "closed", "CPU is hot")


def test_a_notification_rule_is_made_on_the_command_line(tool: Tool, opsgenie: Simulator) -> None:
    steps = json.dumps([{"contact": {"method": "email", "to": "ben@example.com"}, "send_after": {"time_amount": 1}}])
    of_ben = ("--identifier", "ben@example.com", "--json")
    made = answered(
        tool(
            "call", "ops.create-notification-rule", "--name", "By day", "--action-type", "create-alert",
            "--steps", steps, *of_ben,
        )
    )  # fmt: skip
    [ben] = [user for user in opsgenie.state.users if user["username"] == "ben@example.com"]
    [rule] = [rule for rule in ben["notificationRules"] if rule["name"] == "By day"]
    assert (rule["id"], rule["enabled"]) == (made["id"], True)


def test_an_incident_rule_is_made_on_the_command_line(tool: Tool, opsgenie: Simulator) -> None:
    service = opsgenie.state.services[0]
    properties = json.dumps({"message": "Down", "priority": "P1", "stakeholder_properties": {"message": "We look"}})
    conditions = json.dumps([{"field": "message", "operation": "contains", "expected_value": "down"}])
    made = answered(
        tool(
            "call", "ops.create-incident-rule", "--service-id", service["id"], "--incident-properties", properties,
            "--condition-match-type", "match-any-condition", "--conditions", conditions, "--json",
        )
    )  # fmt: skip
    [rule] = service["incidentRules"]
    assert rule["id"] == made["id"]
    assert rule["conditions"][0]["expectedValue"] == "down"


MANY = """
name: many
description: Most of what the documents name, one step each.
connections: {ops: opsgenie}
inputs:
  service: {type: string, description: Id of a service.}
steps:
  - {id: test, uses: ops.test_connection}
  - {id: schedules, uses: ops.get_schedules}
  - id: who
    uses: ops.get_on_call_user
    with: {schedule_name: "${{ steps.schedules.output[0].name }}"}
  - id: timeline
    uses: ops.get_schedule_timeline
    with: {schedule_name: ops_primary}
  - id: person
    uses: ops.get_single_user
    with: {identifier: "${{ steps.who.output.onCallParticipants[0].name }}"}
  - id: create
    uses: ops.create_alert
    with: {message: Disk is full, alias: disk, tags: [prod]}
  - {id: fetch, uses: ops.fetch_event}
  - id: get
    uses: ops.get_alert
    with: {identifier: disk, identifier_type: alias}
  - {id: list, uses: ops.list_alerts, with: {query: "status: open"}}
  - {id: count, uses: ops.count_alerts, with: {query: "status: open"}}
  - id: assign
    uses: ops.assign_alert
    with: {identifier: "${{ steps.get.output.id }}", owner: "${{ steps.person.output.username }}"}
  - {id: ack, uses: ops.acknowledge_alert, with: {identifier: "${{ steps.get.output.id }}"}}
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ steps.get.output.id }}", note: "On call: ${{ steps.person.output.username }}"}
  - id: escalate
    uses: ops.escalate_alert
    with: {identifier: "${{ steps.get.output.id }}", escalation: ops_escalation}
  - {id: close, uses: ops.close_alert, with: {identifier: "${{ steps.get.output.id }}"}}
  - id: incident
    uses: ops.create_incident
    with: {message: Payments are down, service_id: "${{ inputs.service }}"}
  - {id: look, uses: ops.get_incident, with: {identifier: "${{ steps.incident.output.incidentId }}"}}
  - {id: over, uses: ops.close_incident, with: {identifier: "${{ steps.incident.output.incidentId }}"}}
  - id: rule
    uses: ops.create_notification_rule
    with: {identifier: "${{ steps.person.output.username }}", name: Closed ones, action_type: closed-alert}
  - id: rule_off
    uses: ops.disable_notification_rule
    with: {identifier: "${{ steps.person.output.username }}", rule_id: "${{ steps.rule.output.id }}"}
  - id: rules
    uses: ops.list_notification_rules
    with: {identifier: "${{ steps.person.output.username }}"}
  - id: incident_rule
    uses: ops.create_incident_rule
    with:
      service_id: ${{ inputs.service }}
      incident_properties: {message: Down, priority: P1, stakeholder_properties: {message: We look at it}}
  - id: no_incident_rule
    uses: ops.delete_incident_rule
    with: {service_id: "${{ inputs.service }}", rule_id: "${{ steps.incident_rule.output.id }}"}
  - {id: ping, uses: ops.ping_heartbeat, with: {name: nightly-backup}}
"""


def test_one_playbook_calls_two_dozen_operations_and_succeeds(tool: Tool, project: Path, opsgenie: Simulator) -> None:
    (project / "playbooks" / "many.yml").write_text(MANY)
    service = opsgenie.state.services[0]
    ended = tool("run", "many", "--input", f"service={service['id']}", "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    run = json.loads(ended.stdout)
    assert run["status"] == "succeeded"
    [alert] = opsgenie.alerts
    assert (alert.status, alert.tags, alert.notes[-1].text) == ("closed", ["prod"], f"On call: {alert.owner}")
    assert [incident.status for incident in opsgenie.state.incidents] == ["closed"]
    assert service["incidentRules"] == []
    sent = [f"{entry.method} {entry.path}" for entry in opsgenie.ledger if entry.method != "GET"]
    assert len(sent) == len(set(sent)) == 12, "each change is sent once"
