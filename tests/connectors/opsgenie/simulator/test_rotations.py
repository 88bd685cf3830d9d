"""Rotations against a slow second way to compute them, through both clock changes."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from connectors.opsgenie.simulator.rotations import DAYS, Participant, Rotation, Window

PEOPLE = tuple(Participant("user", name, f"{name}@example.com") for name in ("ana", "ben", "chloe"))
NOBODY = Participant("none")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

OFFICE = tuple(Window(8, 0, 18, 30, day, day) for day in DAYS[:5])
RESTRICTIONS = {
    None: (),
    "day": (Window(8, 0, 18, 30),),
    "night": (Window(22, 0, 6, 0),),
    "office": OFFICE,
    "weekend": (Window(18, 0, 8, 0, "friday", "monday"),),
    "whole week": (Window(9, 0, 9, 0, "monday", "monday"),),
}


def _rotation(kind="daily", length=1, people=PEOPLE, windows=(), start=START, end=None):
    return Rotation("r", "R", start, kind, length, tuple(people), end, tuple(windows))


def _slowly_on_call(rotation, at, zone):
    """Walk the turns one by one on the wall clock, and look at the hands of the clock for the restriction."""
    if at < rotation.start or (rotation.end and at >= rotation.end):
        return None
    turn, wall = 0, rotation.start.astimezone(zone).replace(tzinfo=None)
    step = timedelta(days=rotation.length * (7 if rotation.type == "weekly" else 1))
    while True:
        if rotation.type == "hourly":
            finish = rotation.start + timedelta(hours=rotation.length * (turn + 1))
        else:
            finish = (wall + step * (turn + 1)).replace(tzinfo=zone).astimezone(UTC)
        if at < finish:
            break
        turn += 1
    participant = rotation.participants[turn % len(rotation.participants)]
    if participant.type == "none" or not _slowly_allowed(rotation.windows, at.astimezone(zone)):
        return None
    return participant


def _slowly_allowed(windows, local):
    minute = local.hour * 60 + local.minute
    week_minute = local.weekday() * 1440 + minute
    for window in windows:
        start, end = window.start_hour * 60 + window.start_minute, window.end_hour * 60 + window.end_minute
        if window.start_day:
            start += DAYS.index(window.start_day) * 1440
            end += DAYS.index(window.end_day) * 1440
            here = week_minute
        else:
            here = minute
        if (start <= here < end) if start < end else (here >= start or here < end):
            return True
    return not windows


def _on_call(rotation, at, zone):
    found = list(rotation.periods(at, at + timedelta(milliseconds=1), zone))
    return found[0][2] if found else None


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize(("kind", "length"), [("daily", 1), ("daily", 3), ("weekly", 1), ("hourly", 5), ("hourly", 12)])
@pytest.mark.parametrize("restriction", RESTRICTIONS)
def test_on_call_agrees_with_the_slow_way(zone_name, kind, length, restriction):
    zone = ZoneInfo(zone_name)
    people = [*PEOPLE, NOBODY]
    rotation = _rotation(kind, length, people, RESTRICTIONS[restriction])
    chance = random.Random(f"{zone_name} {kind} {length} {restriction}")  # noqa: S311  # picks moments
    for _ in range(25):
        # The minutes of a clock change read alike twice; the hands alone can not tell which is meant.
        at = START + timedelta(minutes=chance.randint(0, 365 * 24 * 60), seconds=30)
        if at.astimezone(zone).utcoffset() != (at + timedelta(hours=2)).astimezone(zone).utcoffset():
            continue
        assert _on_call(rotation, at, zone) == _slowly_on_call(rotation, at, zone), at


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize("restriction", RESTRICTIONS)
@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_periods_agree_with_on_call_at_every_half_hour(zone_name, restriction, month):
    zone = ZoneInfo(zone_name)
    rotation = _rotation("daily", 1, [*PEOPLE, NOBODY], RESTRICTIONS[restriction])
    since = datetime(2026, month, 1, tzinfo=UTC)
    until = since + timedelta(days=12)
    periods = list(rotation.periods(since, until, zone))
    at = since
    while at < until:
        covering = [participant for start, end, participant in periods if start <= at < end]
        assert covering == [found for found in (_on_call(rotation, at, zone),) if found], at
        at += timedelta(minutes=30)


@pytest.mark.parametrize("zone_name", ZONES)
def test_an_unrestricted_rotation_has_no_gap_and_no_overlap(zone_name):
    rotation = _rotation("daily", 1)
    since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)
    periods = list(rotation.periods(since, until, ZoneInfo(zone_name)))
    assert periods[0][0] == since
    assert periods[-1][1] == until
    assert all(one[1] == other[0] for one, other in pairwise(periods))


def test_a_day_long_turn_keeps_its_wall_time_through_a_clock_change():
    berlin = ZoneInfo("Europe/Berlin")
    rotation = _rotation("daily", 1, start=datetime(2026, 3, 27, 8, 0, tzinfo=UTC))  # nine on the wall
    starts = [rotation.turn_start(turn, berlin) for turn in range(4)]
    assert [start.astimezone(berlin).hour for start in starts] == [9, 9, 9, 9]
    assert [other - one for one, other in pairwise(starts)] == [
        timedelta(hours=24),
        timedelta(hours=23),
        timedelta(hours=24),
    ]


def test_an_hourly_turn_counts_hours_as_they_pass():
    berlin = ZoneInfo("Europe/Berlin")
    rotation = _rotation("hourly", 12, start=datetime(2026, 3, 28, 8, 0, tzinfo=UTC))
    assert rotation.turn_start(2, berlin) - rotation.turn_start(1, berlin) == timedelta(hours=12)
    assert rotation.turn_start(2, berlin).astimezone(berlin).hour == 10


def test_a_turn_begins_at_its_first_instant():
    rotation = _rotation("weekly", 1)
    zone = ZoneInfo("UTC")
    change = START + timedelta(days=7)
    assert _on_call(rotation, change - timedelta(milliseconds=1), zone) == PEOPLE[0]
    assert _on_call(rotation, change, zone) == PEOPLE[1]


def test_nobody_is_on_call_before_the_start_and_after_the_end():
    zone = ZoneInfo("UTC")
    rotation = _rotation(end=START + timedelta(days=2))
    assert _on_call(rotation, START - timedelta(minutes=1), zone) is None
    assert _on_call(rotation, START, zone) == PEOPLE[0]
    assert _on_call(rotation, START + timedelta(days=2), zone) is None


def test_a_none_participant_leaves_a_gap():
    rotation = _rotation("daily", 1, [PEOPLE[0], NOBODY])
    zone = ZoneInfo("UTC")
    assert _on_call(rotation, START, zone) == PEOPLE[0]
    assert _on_call(rotation, START + timedelta(days=1), zone) is None
    assert _on_call(rotation, START + timedelta(days=2), zone) == PEOPLE[0]


def test_windows_that_touch_or_overlap_make_one_period():
    windows = (Window(8, 0, 12, 0), Window(11, 0, 15, 0), Window(15, 0, 18, 0))
    rotation = _rotation("weekly", 1, windows=windows)
    day = datetime(2026, 1, 6, tzinfo=UTC)
    assert list(rotation.periods(day, day + timedelta(days=1), ZoneInfo("UTC"))) == [
        (day + timedelta(hours=8), day + timedelta(hours=18), PEOPLE[0])
    ]
