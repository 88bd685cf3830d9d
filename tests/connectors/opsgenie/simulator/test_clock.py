"""The simulator's own time."""

import time
from datetime import UTC, datetime

from connectors.opsgenie.simulator.clock import Clock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_frozen_clock_moves_only_when_told():
    clock = Clock(NOON, frozen=True)
    time.sleep(0.005)
    assert clock.now() == NOON
    clock.advance(1.5)
    assert clock.now() == datetime(2026, 1, 1, 12, 0, 1, 500_000, tzinfo=UTC)


def test_a_running_clock_runs_on_from_its_start():
    clock = Clock(NOON)
    time.sleep(0.005)
    assert 0.005 <= (clock.now() - NOON).total_seconds() < 5


def test_a_clock_can_be_stopped_and_let_go():
    clock = Clock(NOON)
    clock.freeze()
    stopped = clock.now()
    time.sleep(0.005)
    assert clock.now() == stopped
    clock.run()
    time.sleep(0.005)
    assert clock.now() > stopped


def test_a_restarted_clock_is_as_it_was_made():
    clock = Clock(NOON, frozen=True)
    clock.run()
    clock.advance(99)
    clock.restart()
    assert (clock.now(), clock.frozen) == (NOON, True)


def test_time_comes_in_whole_milliseconds():
    assert all(Clock().now().microsecond % 1000 == 0 for _ in range(20))
