from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from playbooks_engine.sdk.times import as_json, format_time, in_utc, moment_of


@pytest.mark.parametrize(
    "text",
    ["2020-06-03 00:00", "2020-06-03", "2020-06-03T00:00:00Z", "2020-06-03T00:00:00.000Z", "2020-06-03T02:00:00+02:00"],
)
def test_the_same_moment_is_read_from_every_form(text: str) -> None:
    assert moment_of(text) == datetime(2020, 6, 3, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2020-02-30", "2020-W01-1", "20200603", "2020-06-03T25:00", "12:30"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        moment_of(text)


def test_a_moment_of_another_zone_is_shown_in_utc() -> None:
    there = datetime(2020, 6, 3, 2, tzinfo=timezone(timedelta(hours=2)))
    assert format_time(there) == "2020-06-03T00:00:00Z"
    assert in_utc(datetime(2020, 6, 3)) == datetime(2020, 6, 3, tzinfo=UTC)  # noqa: DTZ001 - that is the case


def test_times_and_durations_become_text_for_json() -> None:
    value = {"at": datetime(2020, 6, 3, tzinfo=UTC), "for": [timedelta(minutes=5)], "n": 1}
    assert as_json(value) == {"at": "2020-06-03T00:00:00Z", "for": ["5m"], "n": 1}
