"""Cron lines through every change of the clock of every zone, against a slow second implementation.

The second one walks the minutes one by one and knows two rules. A line whose minute and hour are both fixed is a time
of day: it fires once a day at each, at the first moment after where that time does not exist, and the first time where
it comes twice. Any other line is an interval: it fires in each minute that passes and that it matches on the wall.

`PLAYBOOKS_TEST_SIZE=nightly` does all changes of all distinct tables; otherwise some of each are picked, each time the
same.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from playbooks_engine.language.playbook import ScheduleTrigger
from playbooks_engine.runtime.due import latest_dues, next_due

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AROUND = timedelta(hours=14)
A_TABLE = 3
"""Changes of each distinct table that are tried, unless all are."""

LINES = (
    "* * * * *", "*/5 * * * *", "*/7 * * * *", "0 * * * *", "30 * * * *", "15 */2 * * *", "0 */6 * * *", "0 0 * * *",
    "30 0 * * *", "0 1 * * *", "30 1 * * *", "0 2 * * *", "30 2 * * *", "59 2 * * *", "0 3 * * *", "15 1,2,3 * * *",
    "0,30 1-4 * * *", "0 8 * * 1-5", "30 2 * * 0", "10 2 25-31 * 0",
)  # fmt: skip

Change = tuple[datetime, timedelta, timedelta]


def changes(zone: ZoneInfo) -> Iterator[Change]:
    """When the clock of a zone changes, to the minute, and its distance from UTC before and after."""
    days = [FIRST + number * DAY for number in range((LAST - FIRST).days + 1)]
    offsets = [day.astimezone(zone).utcoffset() or timedelta() for day in days]
    for (early, late), (before, after) in zip(pairwise(days), pairwise(offsets), strict=True):
        if before == after:
            continue
        low, high = early, late
        while high - low > MINUTE:
            middle = low + (high - low) // 2 // MINUTE * MINUTE
            if middle.astimezone(zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        yield high, before, after


@pytest.fixture(scope="module")
def tables() -> dict[tuple[Change, ...], str]:
    """The distinct tables of changes, with one zone of each."""
    found: dict[tuple[Change, ...], str] = {}
    for name in sorted(available_timezones() - {"localtime", "posixrules"}):
        table = tuple(changes(ZoneInfo(name)))
        if table:
            found.setdefault(table, name)
    return found


def numbers(text: str, low: int, high: int) -> set[int]:
    """The numbers that one field of a line names."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return found


class Walker:
    """The second implementation."""

    def __init__(self, line: str) -> None:
        minute, hour, day, month, weekday = self.fields = line.split()
        self.minutes, self.hours = numbers(minute, 0, 59), numbers(hour, 0, 23)
        self.days, self.months, self.weekdays = numbers(day, 1, 31), numbers(month, 1, 12), numbers(weekday, 0, 6)
        self.of_day = not minute.startswith("*") and not hour.startswith("*")

    def matches(self, wall: datetime) -> bool:
        return wall.minute in self.minutes and wall.hour in self.hours and self.on(wall.date())

    def on(self, day: date) -> bool:
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        either = self.fields[2] != "*" and self.fields[4] != "*"
        return day.month in self.months and (in_month or in_week if either else in_month and in_week)

    def walk(self, minutes: list[tuple[datetime, datetime]]) -> list[datetime]:
        found = []
        for (_, last), (moment, wall) in pairwise(minutes):
            fires = self.matches(wall) and not (self.of_day and wall.fold)
            if self.of_day and not fires:
                gap = last.replace(tzinfo=None) + MINUTE
                while gap < wall.replace(tzinfo=None) and not fires:
                    fires, gap = self.matches(gap), gap + MINUTE
            if fires:
                found.append(moment)
        return found


def engine_says(trigger: ScheduleTrigger, begin: datetime, end: datetime) -> list[datetime]:
    found, moment = [], begin
    while (due := next_due(trigger, moment)) is not None and due <= end:
        found.append(due)
        moment = due
    return found


def compare(zone: str, change: datetime) -> None:
    begin, end = change - AROUND, change + AROUND
    span = range((end - begin) // MINUTE + 1)
    minutes = [(at := begin + n * MINUTE, at.astimezone(ZoneInfo(zone))) for n in span]
    for line in LINES:
        expected = Walker(line).walk(minutes)
        trigger = ScheduleTrigger(cron=line, timezone=zone)
        assert engine_says(trigger, begin, end) == expected, f"{line} in {zone} around {change}"
        if expected:
            caught_up, _ = latest_dues(trigger, expected[0], end, 100_000)
            assert caught_up == expected, f"{line} in {zone} around {change}, caught up"


def test_every_line_agrees_at_the_changes_of_every_zone(tables: dict[tuple[Change, ...], str]) -> None:
    nightly = os.environ.get("PLAYBOOKS_TEST_SIZE") == "nightly"
    pick = random.Random(17)  # noqa: S311 - which changes are tried, not a secret
    assert len(tables) > 40
    for table, zone in tables.items():
        for change, _, _ in table if nightly else pick.sample(table, min(A_TABLE, len(table))):
            compare(zone, change)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo"])
def test_every_line_agrees_at_a_change_by_half_an_hour_and_at_midnight(zone: str) -> None:
    for change, _, _ in [*changes(ZoneInfo(zone))][-2:]:
        compare(zone, change)


def test_of_a_year_of_minutes_the_latest_are_found() -> None:
    trigger = ScheduleTrigger(cron="* * * * *", timezone="Europe/Berlin")
    dues, following = latest_dues(trigger, FIRST, FIRST + 366 * DAY, 10_000)
    assert (len(dues), dues[-1], following) == (10_000, FIRST + 366 * DAY, FIRST + 366 * DAY + MINUTE)
    assert dues[0] == FIRST + 366 * DAY - 9_999 * MINUTE
