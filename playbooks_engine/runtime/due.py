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
    # From an instant, not from a local time: in the doubled hour of autumn a local time is two moments.
    for local in CronSim(trigger.cron, after.astimezone(ZoneInfo(trigger.timezone))):
        moment = local.astimezone(UTC)
        # In the doubled hour cronsim gives the first of both moments, which may be past.
        if moment > after:
            yield moment
            after = moment


def digest_of(trigger: ScheduleTrigger) -> str:
    """What makes a schedule another one: its times. How it catches up does not."""
    times = f"{trigger.every}\n{trigger.cron}\n{trigger.timezone if trigger.cron else ''}"
    return hashlib.sha256(times.encode()).hexdigest()
