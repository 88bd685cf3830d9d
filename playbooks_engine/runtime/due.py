"""When a schedule falls due: cron lines by the clock on the wall, intervals by elapsed time."""

from __future__ import annotations

import hashlib
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
    assert trigger.cron is not None  # noqa: S101 - the check sees to it that a schedule has one of the two
    # From an instant, not from a local time: in the doubled hour of autumn a local time is two moments.
    for local in CronSim(trigger.cron, after.astimezone(ZoneInfo(trigger.timezone))):
        moment = local.astimezone(UTC)
        # In the doubled hour cronsim gives the first of both moments, which may be past.
        if moment > after:
            return moment
    return None


def digest_of(trigger: ScheduleTrigger) -> str:
    """What makes a schedule another one: its times. How it catches up does not."""
    times = f"{trigger.every}\n{trigger.cron}\n{trigger.timezone if trigger.cron else ''}"
    return hashlib.sha256(times.encode()).hexdigest()
