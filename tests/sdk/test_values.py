"""Durations and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from playbooks_engine.sdk import Duration, Moment, moment_of
from playbooks_engine.sdk.values import on_the_wire, seconds_of


class Both(BaseModel):
    lasts: Duration = 1.0
    at: Moment = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86_400),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("1.5h", 5400),
        ("0s", 0),
    ],
)
def test_a_duration_is_a_sum_of_numbers_with_units(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds
    assert Both(lasts=text).lasts == seconds  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "30", "s", "5 m", "-5m", "5M", "1w", "5m later", "5m,3s", "٥m and"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write 30s, 5m, 2h or 1d"):
        seconds_of(text)


@pytest.mark.parametrize("value", [30, True, None, [], "soon", float("nan"), float("inf"), -1.0])
def test_a_setting_takes_no_other_value_for_a_duration_and_does_not_repeat_it(value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Both(lasts=value)
    assert caught.value.errors()[0]["msg"] == "this is not a duration; write 30s, 5m, 2h or 1d"


def test_a_timedelta_is_a_duration() -> None:
    assert Both(lasts=timedelta(minutes=2)).lasts == 120  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-06-03 00:00", datetime(2020, 6, 3, tzinfo=UTC)),
        ("2020-06-03", datetime(2020, 6, 3, tzinfo=UTC)),
        ("2020-06-03T00:00:00Z", datetime(2020, 6, 3, tzinfo=UTC)),
        ("2020-06-03T02:00:00+02:00", datetime(2020, 6, 3, tzinfo=UTC)),
        (" 2020-06-03T10:00:41.03Z ", datetime(2020, 6, 3, 10, 0, 41, 30_000, tzinfo=UTC)),
    ],
)
def test_a_moment_is_iso_8601_and_utc_where_no_zone_is_given(text: str, moment: datetime) -> None:
    assert moment_of(text) == moment
    assert moment_of(text).tzinfo is UTC
    assert Both(at=text).at == moment  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "yesterday", "2020-13-01", "2020-06-31", "1591142400000 ms", "03.06.2020"])
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time; write 2020-06-03 00:00"):
        moment_of(text)


@pytest.mark.parametrize("value", [1591142400, None, {"a": "hunter2"}, "hunter2", date(2020, 6, 3)])
def test_a_setting_takes_no_other_value_for_a_moment_and_does_not_repeat_it(value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Both(at=value)
    assert caught.value.errors()[0]["msg"].startswith("this is not a time; write 2020-06-03 00:00 (UTC)")


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


@given(st.integers(0, 10**6), st.sampled_from(["s", "m", "h", "d"]))
def test_a_sum_lasts_as_long_as_its_parts(number: int, unit: str) -> None:
    assert seconds_of(f"{number}{unit}250ms") == seconds_of(f"{number}{unit}") + 0.25
