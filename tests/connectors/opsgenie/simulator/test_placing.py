"""Alerts and incidents put straight into the state."""

import pytest


def test_the_rest_of_an_alert_is_as_the_service_would_have_it(opsgenie):
    alert = opsgenie.has_alert(status="closed", owner="ana@example.com", acknowledged=True, notes=["Gone"])
    assert (alert.closed_by, alert.acknowledged_by, alert.seen) == ("ana@example.com", "ana@example.com", True)
    assert [note.text for note in alert.notes] == ["Gone"]


def test_names_of_the_wire_are_understood(opsgenie):
    alert = opsgenie.has_alert(createdAt="2026-03-01T00:00:00Z", tinyId="77", teams=["payments"])
    assert (alert.created_at.day, alert.tiny_id) == (1, "77")
    assert alert.owner_team_id == opsgenie.state.team("payments")["id"]


def test_what_does_not_exist_is_refused(opsgenie):
    for wrong in ({"colour": "red"}, {"teams": ["nowhere"]}, {"responders": [{"type": "user", "id": "x"}]}):
        with pytest.raises(ValueError, match="no"):
            opsgenie.has_alert(**wrong)
    with pytest.raises(ValueError, match="no service"):
        opsgenie.has_incident(services=["nowhere"])


def test_an_incident_that_is_over_has_an_end(opsgenie):
    assert opsgenie.has_incident(status="resolved").impact_end is not None
    assert opsgenie.has_incident().impact_end is None
