"""Schedules worked out without a server: rotations, overrides, forwarding on top of each other."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.opsgenie.simulator.forwarding import Forwarding
from connectors.opsgenie.simulator.rotations import Participant, Rotation
from connectors.opsgenie.simulator.schedules import Override, Schedule

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANA, BEN, CHLOE = (Participant("user", name, f"{name}@example.com") for name in ("ana", "ben", "chloe"))
DAILY = Rotation("r", "Daily", NOON - timedelta(days=10), "daily", 1, (ANA, BEN))


def _schedule(**more):
    return Schedule("s", "s", ZoneInfo("UTC"), [DAILY], **more)


def _names(schedule, since, until):
    return [(period.participant.id, period.type) for period in schedule.periods(DAILY, since, until)]


def test_layers_lie_on_top_of_each_other():
    override = Override("o", BEN, NOON + 2 * HOUR, NOON + 6 * HOUR)
    away = Forwarding("f", "f", BEN, CHLOE, NOON + 4 * HOUR, NOON + 8 * HOUR)
    schedule = _schedule(overrides=[override], forwardings=[away])
    assert _names(schedule, NOON, NOON + 12 * HOUR) == [
        ("ana", "default"),
        ("ben", "override"),
        ("chloe", "forwarding"),
        ("ana", "default"),
    ]
    assert [period.participant.id for period in schedule.planned(DAILY, NOON, NOON + 12 * HOUR)] == ["ana"]
    assert [period.start for period in schedule.forwarded(DAILY, NOON, NOON + 12 * HOUR)] == [NOON + 4 * HOUR]


def test_the_one_who_comes_next_may_be_away_by_then():
    away = Forwarding("f", "f", BEN, CHLOE, NOON + 20 * HOUR, NOON + 30 * HOUR)
    assert [who.id for who in _schedule(forwardings=[away]).next_in_turn(NOON)] == ["chloe"]
    assert [who.id for who in _schedule().next_in_turn(NOON)] == ["ben"]


def test_an_override_for_a_rotation_goes_with_it():
    one, all_of_them = Override("o", BEN, NOON, NOON + HOUR, ("r",)), Override("p", BEN, NOON, NOON + HOUR)
    two = Override("q", BEN, NOON, NOON + HOUR, ("r", "other"))
    schedule = _schedule(overrides=[one, all_of_them, two])
    schedule.forget("r")
    assert [(override.alias, override.rotation_ids) for override in schedule.overrides] == [
        ("p", ()),
        ("q", ("other",)),
    ]
