"""What goes into a column comes out as it was, or harmless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from playbooks_engine.store.columns import instant_from, instant_text, json_from, json_text


def test_an_instant_is_fixed_width_text_in_utc() -> None:
    assert instant_text(datetime(2026, 11, 22, 15, 27, 17, tzinfo=UTC)) == "2026-11-22T15:27:17.000000Z"
    berlin = timezone(timedelta(hours=1))
    assert instant_text(datetime(2026, 11, 22, 15, 27, 17, 5, tzinfo=berlin)) == "2026-11-22T14:27:17.000005Z"


def test_an_instant_comes_back_as_it_was() -> None:
    moment = datetime(2026, 11, 22, 15, 27, 17, 123456, tzinfo=UTC)
    assert instant_from(instant_text(moment)) == moment
    assert instant_from(instant_text(moment)).tzinfo is not None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        instant_text(datetime(2026, 11, 22))  # noqa: DTZ001 - that is what is refused


def test_text_order_is_time_order() -> None:
    start = datetime(2026, 12, 31, 23, 59, 59, 999_990, tzinfo=UTC)
    moments = [start + timedelta(microseconds=number) for number in range(20)]
    assert sorted(instant_text(moment) for moment in moments) == [instant_text(moment) for moment in moments]


@pytest.mark.parametrize(
    ("value", "comes_out"),
    [
        ({"a": [1, 2.5, "x", None, True]}, {"a": [1, 2.5, "x", None, True]}),
        ({"n": float("nan"), "i": [float("inf"), -float("inf")]}, {"n": None, "i": [None, None]}),
        ({"bad\x00name": "nul\x00"}, {"bad\ufffdname": "nul\ufffd"}),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ({"\udcff": ["\ud800", float("nan")]}, {"\ufffd": ["\ufffd", None]}),
        ("a backslash \\u0000 is not a NUL", "a backslash \\u0000 is not a NUL"),
        ("emoji \U0001f600", "emoji \U0001f600"),
        (b"bytes \xff", "bytes \ufffd"),
        (12345678901234567890123, 12345678901234567890123),
        (datetime(2026, 11, 22, tzinfo=UTC), "2026-11-22T00:00:00Z"),
        ({"at": datetime(2026, 11, 22, tzinfo=UTC), "s": "\ud800"}, {"at": "2026-11-22T00:00:00Z", "s": "\ufffd"}),
    ],
)
def test_what_no_json_may_hold_is_made_harmless(value: Any, comes_out: Any) -> None:
    assert json_from(json_text(value)) == comes_out


def test_deeply_nested_answers_are_stored_and_read() -> None:
    deep: Any = "bottom"
    for _ in range(400):
        deep = [deep]
    assert json_from(json_text(deep)) == deep
