"""Schedules, overrides and forwarding rules from their JSON."""

import pytest

from connectors.opsgenie.simulator.schedule_making import make_forwarding, make_override, make_schedule

ROTATION = {
    "startDate": "2026-01-01T00:00:00Z",
    "type": "daily",
    "participants": [{"type": "user", "username": "ana@example.com"}],
}


def test_what_a_schedule_shows_makes_the_same_schedule(opsgenie):
    for schedule in opsgenie.state.schedules:
        shown = schedule.shown(with_rotations=True)
        assert make_schedule(opsgenie.state, shown).shown(with_rotations=True) == shown


def test_what_a_rule_shows_makes_the_same_rule(opsgenie):
    for rule in opsgenie.state.forwardings:
        assert make_forwarding(opsgenie.state, rule.shown()).shown() == rule.shown()


@pytest.mark.parametrize(
    "participants", [[], [{"type": "user", "username": "nobody"}], [{"type": "team", "name": "nowhere"}]]
)
def test_a_rotation_of_nobody_is_not_made(opsgenie, participants):
    given = {"name": "x", "rotations": [{**ROTATION, "participants": participants}]}
    with pytest.raises(ValueError, match=r"participants|not there"):
        make_schedule(opsgenie.state, given)


def test_an_override_of_an_unknown_rotation_is_not_made(opsgenie):
    schedule = make_schedule(opsgenie.state, {"name": "x", "rotations": [ROTATION]})
    dates = {"startDate": "2026-01-01T00:00:00Z", "endDate": "2026-01-02T00:00:00Z"}
    with pytest.raises(ValueError, match="lacks"):
        make_override(opsgenie.state, schedule, {"user": {"type": "none"}, "rotations": [{"name": "y"}], **dates})
