"""The machine's own time."""

from datetime import UTC, datetime, timedelta

from playbooks_engine.runtime.clock import SystemClock


def test_now_is_the_time_in_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=1)


async def test_sleep_takes_as_long_as_monotonic_says() -> None:
    clock = SystemClock()
    began = clock.monotonic()
    await clock.sleep(0.02)
    assert 0.019 <= clock.monotonic() - began < 1
