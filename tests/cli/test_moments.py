"""Times as people give them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest

from playbooks_engine.cli.moments import Moment, at

NOW = datetime(2026, 5, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-05-01T10:12:00Z", datetime(2026, 5, 1, 10, 12, tzinfo=UTC)),
        ("2020-06-03 00:00", datetime(2020, 6, 3, tzinfo=UTC)),
        ("2h", NOW - timedelta(hours=2)),
        ("1h30m", NOW - timedelta(minutes=90)),
    ],
)
def test_a_time_or_a_span_before_now_is_understood(text: str, meant: datetime) -> None:
    assert at(Moment().convert(text, None, None), NOW) == meant


def test_nothing_given_is_nothing_meant() -> None:
    assert at(None, NOW) is None


def test_anything_else_is_refused_with_examples() -> None:
    with pytest.raises(click.BadParameter, match="2h for two hours ago"):
        Moment().convert("yesterday", None, None)
