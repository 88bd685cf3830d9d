"""Participants followed down to people."""

import pytest

from connectors.opsgenie.simulator.recipients import nested, people, usernames
from connectors.opsgenie.simulator.rotations import Participant


def _participant(company, kind, name):
    found = company.recipient({"type": kind, "name": name})
    return Participant(kind, found["id"], name)


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("user", "ana@example.com", ["ana@example.com"]),
        ("team", "payments", ["elif@example.com", "farid@example.com"]),
    ],
)
def test_everybody_is_named_once(opsgenie, kind, name, found):
    participant = _participant(opsgenie.state, kind, name)
    assert usernames(opsgenie.state, participant, opsgenie.now) == found
    assert [person.name for person in people(opsgenie.state, participant, opsgenie.now)] == found


def test_an_escalation_holds_a_schedule_holds_people(opsgenie):
    escalation = _participant(opsgenie.state, "escalation", "ops_escalation")
    shown = nested(opsgenie.state, escalation, opsgenie.now)
    schedule, team = shown["onCallParticipants"]
    assert (schedule["type"], team["type"], team["escalationTime"]) == ("schedule", "team", 10)
    assert schedule["onCallParticipants"][0]["type"] == "user"
    assert len(usernames(opsgenie.state, escalation, opsgenie.now)) == 4
