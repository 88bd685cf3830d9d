"""Fields of bodies: judged one by one, refused together."""

from datetime import UTC, datetime

import pytest

from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.refusals import Refused


def test_reasons_pile_up_until_the_end():
    fields = Fields({"name": "", "count": "3", "tags": "a"})
    fields.text("name", 10, required=True)
    fields.whole("count", 0, 5)
    fields.texts("tags", 3, 3)
    with pytest.raises(Refused) as refused:
        fields.done()
    assert refused.value.status == 422
    assert set(refused.value.errors) == {"name", "count", "tags"}


def test_parts_are_named_with_a_number_sign():
    fields = Fields({"rules": [{"delay": {"amount": -1}}, {}], "owner": 3})
    for part in fields.each("rules"):
        delay = part.inside("delay", required=True)
        if delay:
            delay.whole("amount", 0, 5)
    assert fields.inside("owner") is None
    assert set(fields.errors) == {"rules#delay#amount", "rules#delay", "owner"}


def test_moments_are_read_to_the_millisecond():
    fields = Fields({"at": "2026-03-27T12:00:00.123456+02:00"})
    assert fields.moment("at") == datetime(2026, 3, 27, 10, 0, 0, 123000, tzinfo=UTC)
    assert fields.moment("other") is None
    assert fields.errors == {}


@pytest.mark.parametrize("value", ["soon", "2026-03-27", 5, "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z"])
def test_what_is_no_moment_is_noted(value):
    fields = Fields({"at": value})
    fields.moment("at")
    assert list(fields.errors) == ["at"]


@pytest.mark.parametrize(
    ("value", "good"), [(0, True), (5, True), (6, False), (-1, False), (1.0, False), (True, False)]
)
def test_whole_numbers_have_bounds(value, good):
    fields = Fields({"count": value})
    assert (fields.whole("count", 0, 5) is not None) == good
    assert (not fields.errors) == good


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/New_York"])
def test_a_zone_has_a_name(zone):
    assert Fields({"timezone": zone}).zone("timezone") == zone


@pytest.mark.parametrize("zone", ["Berlin", "../UTC", "/etc/passwd", 3, "Europe"])
def test_what_is_no_zone_is_noted(zone):
    fields = Fields({"timezone": zone})
    assert fields.zone("timezone") is None
    assert list(fields.errors) == ["timezone"]


def test_a_flag_that_is_null_is_as_if_not_there():
    assert Fields({"enabled": None}).flag("enabled", default=True) is True
    assert Fields({"enabled": False}).flag("enabled", default=True) is False
