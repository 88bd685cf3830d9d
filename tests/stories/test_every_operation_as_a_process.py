"""Every operation that the five documents name, as a person calls it: one process each, against a pretend Opsgenie."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from command_line import command_line
from seed_operations import BY_DOCUMENT, OPERATIONS

from connectors.opsgenie import connector
from connectors.opsgenie.simulator.running import Simulator

# Each way is walked from top to bottom; `$name.part` is what an earlier answer of the same way holds there.
WAYS = {
    "D3's six": """
        test-connection
        get-schedules
        get-schedule-timeline --schedule-name ops_primary
        get-on-call-user --schedule-name $get_schedules.output.0.name
        get-single-user --identifier $get_on_call_user.output.onCallParticipants.0.name
        fetch-event --number-of-events 5
    """,
    "who is on call": """
        get-schedule --identifier ops_primary --identifier-type name
        get-on-calls --schedule ops_primary --schedule-identifier-type name
        get-next-on-calls --schedule ops_primary --schedule-identifier-type name
    """,
    "an alert": """
        create-alert --message 'Disk is full' --alias disk --tags prod
        get-request-status --request-id $request
        get-alert --identifier disk --identifier-type alias
        list-alerts --query 'status: open'
        count-alerts --query 'status: open'
        acknowledge-alert --identifier disk --identifier-type alias --note mine
        snooze-alert --identifier disk --identifier-type alias --end-time $tomorrow
        assign-alert --identifier $get_alert.output.id --owner ben@example.com
        escalate-alert --identifier $get_alert.output.id --escalation ops_escalation
        add-note --identifier $get_alert.output.id --note 'looked at'
        close-alert --identifier disk --identifier-type alias
        delete-alert --identifier $get_alert.output.id
    """,
    "an incident": """
        create-incident --message 'Payments are down' --service-id $service
        get-incident --identifier $create_incident.output.incidentId
        list-incidents --query 'status: open'
        close-incident --identifier $create_incident.output.incidentId --note over
    """,
    "people": """
        list-users
        create-user --username zoe@example.com --full-name 'Zoe Z' --role User
        delete-user --identifier zoe@example.com
        list-teams
        create-team --name night
        list-escalations
        create-escalation --name night --rules \
            '[{"delay": {"time_amount": 5}, "recipient": {"type": "team", "name": "night"}}]'
    """,
    "settings": """
        list-integrations
        disable-integration --integration-id $integration
        enable-integration --integration-id $integration
        list-heartbeats
        get-heartbeat --name nightly-backup
        ping-heartbeat --name nightly-backup
        create-alert-policy --name first --message '{{message}}' --filter '{"type": "match-all"}'
        create-notification-policy --name quiet --team-id $team --suppress --filter '{"type": "match-all"}'
        list-alert-policies
        change-policy-order --policy-id $create_alert_policy.output.id --target-index 0
    """,
    "a notification rule": """
        list-notification-rules --identifier ana@example.com
        create-notification-rule --identifier ana@example.com --name 'Closed ones' --action-type closed-alert \
            --steps '[{"contact": {"method": "email", "to": "ana@example.com"}, "send_after": {"time_amount": 1}}]'
        get-notification-rule --identifier ana@example.com --rule-id $create_notification_rule.output.id
        update-notification-rule --identifier ana@example.com --rule-id $create_notification_rule.output.id \
            --repeat '{"loop_after": 7}'
        disable-notification-rule --identifier ana@example.com --rule-id $create_notification_rule.output.id
        enable-notification-rule --identifier ana@example.com --rule-id $create_notification_rule.output.id
        change-notification-rule-order --identifier ana@example.com --rule-id $create_notification_rule.output.id \
            --order 0
        create-contact --identifier ana@example.com --method sms --to 1-5551234567
        list-notification-rule-steps --identifier ana@example.com --rule-id $create_notification_rule.output.id
        create-notification-rule-step --identifier ana@example.com --rule-id $create_notification_rule.output.id \
            --contact '{"method": "sms", "to": "1-5551234567"}'
        get-notification-rule-step --identifier ana@example.com --rule-id $create_notification_rule.output.id \
            --step-id $create_notification_rule_step.output.id
        disable-notification-rule-step --identifier ana@example.com --rule-id $create_notification_rule.output.id \
            --step-id $create_notification_rule_step.output.id
        enable-notification-rule-step --identifier ana@example.com --rule-id $create_notification_rule.output.id \
            --step-id $create_notification_rule_step.output.id
        update-notification-rule-step --identifier ana@example.com --rule-id $create_notification_rule.output.id \
            --step-id $create_notification_rule_step.output.id --send-after '{"time_amount": 9}'
        delete-notification-rule-step --identifier ana@example.com --rule-id $create_notification_rule.output.id \
            --step-id $create_notification_rule_step.output.id
        copy-notification-rules --identifier ana@example.com --to-users ben@example.com --rule-types closed-alert
        delete-notification-rule --identifier ana@example.com --rule-id $create_notification_rule.output.id
    """,
    "an incident rule": """
        create-incident-rule --service-id $service --incident-properties \
            '{"message": "Down", "priority": "P1", "stakeholder_properties": {"message": "We look at it"}}'
        list-incident-rules --service-id $service
        update-incident-rule --service-id $service --rule-id $create_incident_rule.output.id \
            --condition-match-type match-all --incident-properties \
            '{"message": "Down", "priority": "P2", "stakeholder_properties": {"message": "We look at it"}}'
        delete-incident-rule --service-id $service --rule-id $create_incident_rule.output.id
    """,
}
pytestmark = pytest.mark.timeout(300)  # the first test waits for all the processes, and other tests may run beside

SHAPE = {"command", "status", "return_data", "output", "raw", "error", "duration", "requests"}
AT_ONCE = 2
"""Processes at a time."""


def lines(way: str) -> list[list[str]]:
    """The calls of a way, as words of a shell."""
    return [shlex.split(line) for line in way.replace("\\\n", " ").splitlines() if line.strip()]


def command_of(words: list[str]) -> str:
    return words[0].replace("-", "_")


@dataclass
class Walk:
    """What each call ended with, and what the simulator saw of all."""

    ended: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    applied: int = 0
    audited: Any = None

    def answer(self, name: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.ended[name].stdout)
        return document


def filled(word: str, known: dict[str, Any]) -> str:
    """A word with what it names put in."""

    def value(found: re.Match[str]) -> str:
        place: Any = known
        for step in found[1].split("."):
            place = place[int(step)] if isinstance(place, list) else place[step]
        return str(place)

    return re.sub(r"\$(\w+(?:\.\w+)*)", value, word)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """All ways, once, two at a time; the tests look at what they left."""
    with Simulator(seed={"alerts": [], "incidents": []}) as opsgenie:
        opsgenie.process_after(0)
        opsgenie.has_alert(message="A door is open")
        state = opsgenie.state
        [integration] = [one["id"] for one in state.integrations if one["name"] == "Prometheus"]
        given = {
            "service": state.services[0]["id"],
            "team": state.teams[0]["id"],
            "integration": integration,
            "tomorrow": (opsgenie.now + timedelta(days=1)).isoformat(),
        }
        tool = command_line(tmp_path_factory.mktemp("as_a_process"), opsgenie)
        made = Walk()

        def go(way: str) -> None:
            known: dict[str, Any] = dict(given)
            for words in lines(way):
                name = command_of(words)
                call = [f"ops.{words[0]}", *(filled(word, known) for word in words[1:])]
                ended = made.ended[name] = tool("call", *call, "--json")
                if ended.returncode:
                    return  # what comes after it needs its answer; the test of each names what was not reached
                known[name] = json.loads(ended.stdout)
                if name == "create_alert":
                    # The id that Opsgenie gave the request; Nightingale has it from the answer to its own POST.
                    [known["request"]] = [effect.request_id for effect in opsgenie.applied if effect.alias == "disk"]

        with ThreadPoolExecutor(AT_ONCE) as people:
            list(people.map(go, sorted(WAYS.values(), key=len, reverse=True)))
        made.asked = [f"{entry.method} {entry.path}" for entry in opsgenie.ledger]
        made.applied = len(opsgenie.applied)
        made.audited = json.loads(tool("connections", "audit", "ops", "--limit", "1000", "--json").stdout)
        yield made


def test_no_operation_of_the_documents_is_without_a_call() -> None:
    called = {command_of(words) for way in WAYS.values() for words in lines(way)}
    for document, names in BY_DOCUMENT.items():
        assert names <= called, document


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_of_the_documents_succeeds_on_the_command_line(walk: Walk, name: str) -> None:
    assert name in walk.ended, "not reached: a call before it failed"
    ended = walk.ended[name]
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""
    answer = walk.answer(name)
    assert set(answer) == SHAPE
    told = (answer["command"], answer["status"], answer["return_data"], answer["error"])
    assert told == (f"ops.{name}", "succeeded", "Successful", None)
    assert answer["output"] not in (None, [], {}, "")
    assert answer["raw"]
    assert answer["requests"] >= 1
    assert 0 <= answer["duration"] < 30


def test_each_change_reached_the_service_once(walk: Walk) -> None:
    changes = [connector.commands[command_of(words)].spec for way in WAYS.values() for words in lines(way)]
    expected = Counter(pattern(spec.route) for spec in changes if not spec.reads)
    sent = [asked for asked in walk.asked if not asked.startswith("GET ") or asked.endswith("/ping")]
    assert len(sent) == expected.total()
    assert {route: sum(bool(re.fullmatch(route, asked)) for asked in sent) for route in expected} == dict(expected)
    # A ping need not be on the simulator's list of changes.
    assert walk.applied >= expected.total() - 1


def pattern(route: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route))


def test_each_process_left_its_row_in_the_audit(walk: Walk) -> None:
    made = [command_of(words) for way in WAYS.values() for words in lines(way)]
    assert len(walk.audited["calls"]) == len(made)
