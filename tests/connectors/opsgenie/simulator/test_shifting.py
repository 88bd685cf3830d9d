"""Alerts that come and go while somebody turns pages."""

import pytest

from connectors.opsgenie.simulator.shifting import shift


@pytest.mark.parametrize(
    ("by", "left"), [(2, {"old", "new", "1", "2"}), (-1, {"old"}), (-5, set()), (0, {"old", "new"})]
)
def test_new_ones_appear_and_the_newest_vanish(opsgenie, by, left):
    opsgenie.has_alert(message="old", created_at="2026-03-27T08:00:00Z")
    opsgenie.has_alert(message="new", created_at="2026-03-27T09:00:00Z")
    shift(opsgenie.state, by)
    assert {alert.message.removeprefix("Came between two pages (").rstrip(")") for alert in opsgenie.alerts} == left
