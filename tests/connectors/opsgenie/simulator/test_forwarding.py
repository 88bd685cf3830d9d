"""Forwarding, worked out without a server."""

from datetime import UTC, datetime, timedelta

from connectors.opsgenie.simulator.forwarding import Forwarding, edges, forwarded
from connectors.opsgenie.simulator.rotations import Participant

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANA, BEN, CHLOE = (Participant("user", name, f"{name}@example.com") for name in ("ana", "ben", "chloe"))


def _rule(absent, present, start, end):
    return Forwarding("1", "a", absent, present, start, end)


def test_forwarding_holds_from_its_start_to_just_before_its_end():
    rules = [_rule(ANA, BEN, NOON, NOON + HOUR)]
    assert forwarded(rules, ANA, NOON) == Participant("user", "ben", "ben@example.com", ANA)
    assert forwarded(rules, ANA, NOON - timedelta(milliseconds=1)) == ANA
    assert forwarded(rules, ANA, NOON + HOUR) == ANA
    assert forwarded(rules, BEN, NOON) == BEN


def test_it_goes_one_step_and_the_later_rule_holds():
    rules = [_rule(ANA, BEN, NOON, NOON + HOUR), _rule(BEN, CHLOE, NOON, NOON + HOUR)]
    once = forwarded(rules, ANA, NOON)
    assert once.id == "ben"
    assert forwarded(rules, once, NOON) is once
    assert forwarded([*rules, _rule(ANA, CHLOE, NOON, NOON + HOUR)], ANA, NOON).id == "chloe"


def test_teams_and_nobody_are_not_forwarded():
    rules = [_rule(ANA, BEN, NOON, NOON + HOUR)]
    team = Participant("team", "ana", "ana")
    assert forwarded(rules, team, NOON) == team
    assert forwarded(rules, Participant("none"), NOON) == Participant("none")


def test_edges_lie_inside_the_stretch():
    rules = [_rule(ANA, BEN, NOON, NOON + HOUR), _rule(BEN, ANA, NOON, NOON + 2 * HOUR)]
    assert edges(rules, ANA, NOON - HOUR, NOON + 3 * HOUR) == [NOON, NOON + HOUR]
    assert edges(rules, ANA, NOON, NOON + HOUR) == []
