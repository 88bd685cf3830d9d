"""When a schedule falls due, through the hours that do not exist and those that come twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from playbooks_engine.language.playbook import ScheduleTrigger
from playbooks_engine.runtime.due import digest_of, next_due


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cron(line: str, zone: str = "UTC") -> ScheduleTrigger:
    return ScheduleTrigger(cron=line, timezone=zone)


def dues(trigger: ScheduleTrigger, after: datetime, number: int) -> list[str]:
    """Due times, each computed from the one before, as the service does it."""
    found = []
    for _ in range(number):
        due = next_due(trigger, after, after if found and trigger.every else None)
        assert due is not None
        found.append(due.strftime("%m-%d %H:%M"))
        after = due
    return found


def test_a_cron_line_follows_the_clock_on_the_wall_of_its_zone() -> None:
    working_days = cron("0 8 * * 1-5", "Europe/Berlin")
    assert dues(working_days, at("2026-03-26 12:00"), 3) == ["03-27 07:00", "03-30 06:00", "03-31 06:00"]


def test_a_time_that_does_not_exist_falls_due_once_at_the_first_moment_after() -> None:
    # Berlin, 29 March 2026: 02:00 becomes 03:00.
    nightly = cron("30 2 * * *", "Europe/Berlin")
    assert dues(nightly, at("2026-03-28 00:00"), 3) == ["03-28 01:30", "03-29 01:00", "03-30 00:30"]


def test_a_time_that_comes_twice_falls_due_the_first_time_only() -> None:
    # Berlin, 25 October 2026: 03:00 becomes 02:00.
    nightly = cron("30 2 * * *", "Europe/Berlin")
    assert dues(nightly, at("2026-10-24 12:00"), 2) == ["10-25 00:30", "10-26 01:30"]
    assert dues(nightly, at("2026-10-25 01:10"), 1) == ["10-26 01:30"]


def test_a_line_of_every_hour_goes_on_through_the_doubled_hour() -> None:
    often = cron("*/30 * * * *", "Europe/Berlin")
    assert dues(often, at("2026-10-25 00:00"), 4) == ["10-25 00:30", "10-25 01:00", "10-25 01:30", "10-25 02:00"]


def test_an_interval_counts_from_its_last_planned_start_by_elapsed_time() -> None:
    every = ScheduleTrigger(every=300)
    planned = at("2026-03-29 00:58")
    assert next_due(every, planned, planned) == at("2026-03-29 01:03")
    assert next_due(every, at("2026-03-29 01:14"), planned) == at("2026-03-29 01:18")
    assert next_due(every, planned) == at("2026-03-29 01:03")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
@pytest.mark.parametrize("line", ["30 2 * * *", "0 0 * * *", "15 1,2,3 * * *", "*/20 * * * *", "0 3 * * 0"])
def test_due_times_only_go_forward_and_are_the_same_from_wherever_one_asks(zone: str, line: str) -> None:
    trigger = cron(line, zone)
    end, moment, found = at("2026-12-31 00:00"), at("2026-02-20 00:00"), list[datetime]()
    while (following := next_due(trigger, moment)) is not None and following < end:
        assert following > moment
        found.append(following)
        moment = following + timedelta(days=9 if line.startswith("*/20") else 0)
    for due in found[:: max(1, len(found) // 40)]:
        assert next_due(trigger, due - timedelta(seconds=1)) == due
        local = due.astimezone(ZoneInfo(zone))
        assert local.second == 0


def test_another_time_makes_another_schedule_and_another_way_to_catch_up_does_not() -> None:
    assert digest_of(cron("0 8 * * *")) != digest_of(cron("0 9 * * *"))
    assert digest_of(cron("0 8 * * *")) != digest_of(cron("0 8 * * *", "Europe/Berlin"))
    assert digest_of(ScheduleTrigger(every=60, catch_up="all")) == digest_of(ScheduleTrigger(every=60))
