"""Lists that do not stand still; what comes of it over HTTP is shown in test_faults.py."""

import pytest

from connectors.opsgenie.simulator.shifting import hide, shift


@pytest.mark.parametrize(
    ("by", "left"), [(2, {"old", "new", "1", "2"}), (-1, {"old"}), (-5, set()), (0, {"old", "new"})]
)
def test_new_ones_appear_and_the_newest_vanish(opsgenie, by, left):
    opsgenie.has_alert(message="old", created_at="2026-03-27T08:00:00Z")
    opsgenie.has_alert(message="new", created_at="2026-03-27T09:00:00Z")
    shift(opsgenie.state, by)
    assert {alert.message.removeprefix("Came between two pages (").rstrip(")") for alert in opsgenie.alerts} == left


def test_only_the_making_of_an_alert_can_be_hidden(opsgenie, client):
    alert = opsgenie.has_alert(alias="a")
    for path, body in (("/v2/alerts", {"message": "x", "alias": "a"}), (f"/v2/alerts/{alert.id}/close", {})):
        hide(opsgenie.state, client.post(path, json=body).json()["requestId"], 60)
    hide(opsgenie.state, "nobody's", 60)
    opsgenie.advance(1)
    (shown,) = client.get("/v2/alerts").json()["data"]
    assert (shown["count"], shown["status"]) == (2, "closed")
