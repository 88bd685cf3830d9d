from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks_engine.sdk.durations import format_duration, parse_duration, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86400),
        ("1h30m", 5400),
        ("1w", 604800),
        ("0.5s", 0.5),
        (" 5m ", 300),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "5 minutes", "-5m", "30m1h", "1.5h", "1h 30m", "٣s", "99999d"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        parse_duration(text)


@given(st.integers(0, 36_000 * 86_400_000))
def test_what_is_written_reads_back_the_same(milliseconds: int) -> None:
    length = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(length)) == length


def test_the_shortest_form_is_written() -> None:
    assert [format_duration(s) for s in (0, 90, 5400, 86400, 0.25)] == ["0s", "1m30s", "1h30m", "1d", "0.25s"]
