"""Numbers, times and spans as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from playbooks_engine.cli.wording import moment, number, one_line, seconds


def test_a_number_brings_its_plural() -> None:
    assert [number(1, "file"), number(0, "file"), number(1200, "entry", "entries")] == [
        "1 file", "0 files", "1,200 entries",
    ]  # fmt: skip


def test_a_moment_is_shown_in_utc() -> None:
    berlin = timezone(timedelta(hours=2))
    assert moment(datetime(2026, 5, 1, 2, 0, tzinfo=berlin)) == "2026-05-01 00:00:00"
    assert moment(datetime(2026, 5, 1, tzinfo=UTC)) == "2026-05-01 00:00:00"
    assert moment(None) == "-"


@pytest.mark.parametrize(
    ("span", "shown"),
    [(None, "-"), (0.123, "0.12 s"), (3.44, "3.4 s"), (125, "2 min 5 s"), (3_700, "1 h 1 min")],
)
def test_a_span_is_as_exact_as_it_matters(span: float | None, shown: str) -> None:
    assert seconds(span) == shown


def test_a_long_text_becomes_one_short_line() -> None:
    assert one_line("a\n  b") == "a b"
    assert one_line("x" * 101) == "x" * 99 + "…"
