"""Time restrictions of requests."""

import pytest

from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.restrictions import judged_restriction

HOURS = {"startHour": 8, "startMin": 0, "endHour": 18, "endMin": 30}


def _judged(given):
    fields = Fields({"timeRestriction": given})
    return judged_restriction(fields), fields.errors


def test_hours_of_a_day_may_come_alone_or_as_a_list_of_one():
    wanted = {"type": "time-of-day", "restriction": HOURS}
    assert _judged(wanted) == (wanted, {})
    assert _judged({"type": "time-of-day", "restrictions": [HOURS]}) == (wanted, {})


def test_stretches_of_a_week_have_days():
    week = {
        "type": "weekday-and-time-of-day",
        "restrictions": [{"startDay": "monday", "endDay": "friday", **HOURS}] * 15,
    }
    assert _judged(week) == (week, {})


def test_none_is_none():
    assert _judged(None) == (None, {})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("always", "timeRestriction"),
        ({}, "timeRestriction#type"),
        ({"type": "time-of-day", "restriction": {**HOURS, "startHour": 24}}, "timeRestriction#restriction#startHour"),
        ({"type": "time-of-day", "restriction": {**HOURS, "endMin": "0"}}, "timeRestriction#restriction#endMin"),
        ({"type": "time-of-day", "restrictions": [HOURS, HOURS]}, "timeRestriction#restrictions"),
        ({"type": "weekday-and-time-of-day", "restrictions": []}, "timeRestriction#restrictions"),
        (
            {"type": "weekday-and-time-of-day", "restrictions": [{**HOURS, "startDay": "monday", "endDay": "Friday"}]},
            "timeRestriction#restrictions#endDay",
        ),
        (
            {
                "type": "weekday-and-time-of-day",
                "restrictions": [{**HOURS, "startDay": "monday", "endDay": "friday"}] * 16,
            },
            "timeRestriction#restrictions",
        ),
    ],
)
def test_a_wrong_one_is_noted_by_field(given, field):
    assert list(_judged(given)[1]) == [field]
