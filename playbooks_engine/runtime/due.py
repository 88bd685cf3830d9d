"""When a schedule falls due: cron lines by the clock on the wall, intervals by elapsed time."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from playbooks_engine.language.playbook import ScheduleTrigger


def next_due(trigger: ScheduleTrigger, after: datetime, planned: datetime | None = None) -> datetime | None:
    """The first due time after a moment; None when there never is one.

    An interval counts from `planned`, its last planned start, and from `after` where there is none. A time of day that
    does not exist on a day falls due at the first moment after the gap; one that comes twice counts the first time.
    """
    if trigger.every is not None:
        every = timedelta(seconds=trigger.every)
        start = planned or after
        return start + every * max(1, (after - start) // every + 1)
    return next(_by_cron(trigger, after), None)


def latest_dues(
    trigger: ScheduleTrigger, first: datetime, now: datetime, most: int
) -> tuple[list[datetime], datetime | None]:
    """The due times from `first`, which is one, until now, but only the `most` latest; and the one after them.

    What it takes does not grow with the time since `first`: a schedule of every minute may have missed years.
    """
    if trigger.every is not None:
        every = timedelta(seconds=trigger.every)
        number = (now - first) // every + 1
        dues = [first + every * n for n in range(max(number - most, 0), number)]
        return dues, first + every * number
    span = timedelta(days=7)
    while True:
        begin = max(first - timedelta(microseconds=1), now - span)
        dues, following = _until(_by_cron(trigger, begin), now, most)
        if begin < first or len(dues) == most:
            return dues, following
        span *= 4


def _until(moments: Iterator[datetime], now: datetime, most: int) -> tuple[list[datetime], datetime | None]:
    found: deque[datetime] = deque(maxlen=most)
    for moment in moments:
        if moment > now:
            return list(found), moment
        found.append(moment)
    return list(found), None


def _by_cron(trigger: ScheduleTrigger, after: datetime) -> Iterator[datetime]:
    """The due times of a cron line after a moment, each later than the one before."""
    assert trigger.cron is not None  # noqa: S101 - the check sees to it that a schedule has one of the two
    zone = ZoneInfo(trigger.timezone)
    minute, hour = trigger.cron.split()[:2]
    if minute.startswith("*") or hour.startswith("*"):
        return _passing(trigger.cron, zone, after)
    return _times_of_day(trigger.cron, zone, after)


def _times_of_day(line: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """A line with its minutes and hours named: each once a day, also where it does not exist or comes twice."""
    # From an instant, not from a local time: in the doubled hour of autumn a local time is two moments.
    for local in CronSim(line, after.astimezone(zone)):
        moment = local.astimezone(UTC)
        # In the doubled hour cronsim gives the first of both moments, which may be past.
        if moment > after:
            yield moment
            after = moment


def _passing(line: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Any other line: every minute that passes and that it matches on the wall.

    Cronsim walks over one stretch without a change of the clock at a time: across one that is not by whole hours, as
    on Lord Howe Island, it leaves out due times, by up to a day.
    """
    while True:
        seen = after + _SECOND
        offset = _offset(zone, seen)
        change: datetime | None = None
        for wall in CronSim(line, (after + offset).replace(tzinfo=None)):
            moment = wall.replace(tzinfo=UTC) - offset
            while change is None and seen < moment:
                if _offset(zone, seen + _DAY) != offset:
                    change = _change(zone, seen, seen + _DAY)
                seen += _DAY
            if change is not None and moment >= change:
                break
            yield moment
        if change is None:
            return  # no date fits the line
        after = change - timedelta(microseconds=1)


_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first moment between the two with another distance from UTC than the first."""
    low = low.replace(microsecond=0)
    before = _offset(zone, low)
    while high - low > _SECOND:
        middle = low + (high - low) // 2 // _SECOND * _SECOND
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high.replace(microsecond=0)


def digest_of(trigger: ScheduleTrigger) -> str:
    """What makes a schedule another one: its times. How it catches up does not."""
    times = f"{trigger.every}\n{trigger.cron}\n{trigger.timezone if trigger.cron else ''}"
    return hashlib.sha256(times.encode()).hexdigest()
