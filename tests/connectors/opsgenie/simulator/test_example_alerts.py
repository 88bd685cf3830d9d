"""Three days of made-up alerts and incidents."""

import random
from datetime import timedelta

from connectors.opsgenie.simulator.example_alerts import example_alerts, example_incidents
from tests.connectors.opsgenie.simulator.conftest import NOW


def test_the_same_chance_makes_the_same_alerts():
    made = [example_alerts(NOW, random.Random(1)) for _ in range(2)]  # noqa: S311  # made-up alerts
    assert made[0] == made[1]
    assert len(made[0]) == 60


def test_they_are_of_the_last_three_days_the_oldest_first():
    times = [alert["created_at"] for alert in example_alerts(NOW, random.Random(1))]  # noqa: S311  # as above
    assert times == sorted(times)
    assert NOW - timedelta(days=3, minutes=1) < times[0] <= times[-1] < NOW


def test_there_is_an_incident_in_every_status():
    assert {incident["status"] for incident in example_incidents(NOW)} == {"open", "resolved", "closed"}
