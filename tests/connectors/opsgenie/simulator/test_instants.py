"""How moments are written and read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from connectors.opsgenie.simulator.instants import after_milliseconds, milliseconds, read, written


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [(926_000, ".926Z"), (30_000, ".03Z"), (500_000, ".5Z"), (0, "Z"), (999, "Z"), (1_999, ".001Z")],
)
def test_the_fraction_loses_its_trailing_zeros(microsecond, text):
    assert written(datetime(2026, 1, 2, 3, 4, 5, microsecond, tzinfo=UTC)) == "2026-01-02T03:04:05" + text


def test_any_zone_is_written_in_utc():
    berlin = timezone(timedelta(hours=2))
    assert written(datetime(2026, 6, 1, 12, tzinfo=berlin)) == "2026-06-01T10:00:00Z"


@pytest.mark.parametrize(
    "text", ["2026-06-01T10:00:00Z", "2026-06-01T12:00:00+02:00", "2026-06-01T10:00:00", "2026-06-01T10:00:00.000Z"]
)
def test_every_iso_form_is_read(text):
    assert read(text) == datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "today", "2026-06-01", "2026-13-01T00:00:00Z", None, 7])
def test_anything_else_is_no_moment(text):
    with pytest.raises(ValueError):  # noqa: PT011  # the messages are Python's
        read(text)


def test_milliseconds_go_there_and_back():
    moment = datetime(2026, 6, 1, 10, 0, 0, 123_000, tzinfo=UTC)
    assert after_milliseconds(milliseconds(moment)) == moment
    assert milliseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1000
