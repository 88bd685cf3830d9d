"""Durations and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from playbooks_engine.sdk import Duration, Moment, durations, moment_of, times
from playbooks_engine.sdk.values import on_the_wire


class Both(BaseModel):
    lasts: Duration = 1.0
    at: Moment = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("1h30m", 5400), ("0.25s", 0.25), ("0s", 0)])
def test_a_setting_takes_a_duration_as_text(text: str, seconds: float) -> None:
    assert Both(lasts=text).lasts == seconds  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [30, True, None, [], "soon", float("nan"), float("inf"), -1.0])
def test_a_setting_takes_no_other_value_for_a_duration_and_does_not_repeat_it(value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Both(lasts=value)
    assert caught.value.errors()[0]["msg"] == f"is not a duration; {durations.FORMS}"


def test_a_timedelta_is_a_duration() -> None:
    assert Both(lasts=timedelta(minutes=2)).lasts == 120  # type: ignore[arg-type]


def test_a_setting_takes_a_moment_as_text_in_utc_where_no_zone_is_given() -> None:
    assert Both(at="2020-06-03 00:00").at == datetime(2020, 6, 3, tzinfo=UTC)  # type: ignore[arg-type]
    assert Both(at=" 2020-06-03T02:00:00+02:00 ").at == datetime(2020, 6, 3, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1591142400, None, {"a": "hunter2"}, "hunter2", date(2020, 6, 3)])
def test_a_setting_takes_no_other_value_for_a_moment_and_does_not_repeat_it(value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Both(at=value)
    assert caught.value.errors()[0]["msg"] == f"is not a time; {times.FORMS}"


def test_a_datetime_is_a_moment_in_utc() -> None:
    berlin = timezone(timedelta(hours=2))
    assert Both(at=datetime(2020, 6, 3, 2, tzinfo=berlin)).at.hour == 0
    assert Both(at=datetime(2020, 6, 3, 2)).at == datetime(2020, 6, 3, 2, tzinfo=UTC)  # noqa: DTZ001 - a naive one on purpose


def test_a_moment_is_sent_in_utc_with_milliseconds() -> None:
    berlin = timezone(timedelta(hours=2))
    assert on_the_wire(datetime(2020, 6, 3, 2, 0, 0, 123_456, tzinfo=berlin)) == "2020-06-03T00:00:00.123Z"
    assert '"at":"2020-01-01T00:00:00.000Z"' in Both().model_dump_json()


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_on_the_wire_reads_back_to_the_millisecond(moment: datetime) -> None:
    assert abs(moment_of(on_the_wire(moment)) - moment) < timedelta(milliseconds=1)
