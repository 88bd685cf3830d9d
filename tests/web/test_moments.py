"""Times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from playbooks_engine.web.moments import ago, between, exact, since, span, stamp

NOW = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "just now"), (-1, "just now"), (2, "2 s ago"), (59.9, "59 s ago"), (60, "1 min ago"), (3599, "59 min ago"),
     (3600, "1 h ago"), (86_399, "23 h ago"), (86_400, "1 d ago"), (8_640_000, "100 d ago"), (-300, "in 5 min")],
)  # fmt: skip
def test_how_long_ago(seconds: float, told: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, ""), (0.0, "< 1 ms"), (0.085, "85 ms"), (0.9996, "1.0 s"), (3.24, "3.2 s"), (59.96, "1 min"),
     (125.0, "2 min 5 s"), (3599.9, "1 h"), (3780.0, "1 h 3 min"), (90_000.0, "1 d 1 h")],
)  # fmt: skip
def test_how_long_it_took(seconds: float | None, told: str) -> None:
    assert span(seconds) == told


def test_a_day_is_told_only_when_it_is_another() -> None:
    assert exact(NOW.replace(hour=1), NOW) == "01:10:00"
    assert exact(NOW - timedelta(days=1), NOW) == "21 Nov 03:10:00"
    assert exact(NOW.replace(year=2025), NOW) == "22 Nov 2025 03:10:00"
    assert exact(NOW.astimezone(timezone(timedelta(hours=9))), NOW) == "03:10:00"


def test_programs_get_iso_times() -> None:
    assert stamp(NOW) == "2026-11-22T03:10:00Z"
    assert stamp(None) is None
    assert between(NOW, NOW + timedelta(seconds=2)) == 2
    assert between(None, NOW) is between(NOW, None) is None
    assert since(NOW + timedelta(seconds=5), NOW) == "0 s"
