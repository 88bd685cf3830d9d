"""What alerts are searched and sorted by has the vendor's names."""

import pytest

from connectors.opsgenie.simulator.alert_fields import SORTS, search_fields


def test_every_field_can_be_read_from_an_alert(opsgenie):
    plain, full = opsgenie.has_alert(), opsgenie.has_alert(teams=["platform"], status="closed", owner="ana@example.com")
    for name, field in search_fields(opsgenie.state).items():
        assert isinstance(list(field.values(plain)), list), name
        assert isinstance(list(field.values(full)), list), name


@pytest.mark.parametrize("sort", list(SORTS))
def test_alerts_can_be_sorted_both_ways(opsgenie, ask, sort):
    opsgenie.has_alert(acknowledged=True, tags=["a"])
    opsgenie.has_alert(status="closed", owner="ana@example.com", count=3)
    up, down = (ask("/v2/alerts", sort=sort, order=order) for order in ("asc", "desc"))
    assert len(up) == len(down) == 2
