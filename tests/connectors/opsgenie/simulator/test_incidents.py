"""The book of incidents, without a server."""

from datetime import UTC, datetime

from connectors.opsgenie.simulator.incidents import Incident, Incidents

NOW = datetime(2026, 3, 27, 10, tzinfo=UTC)


def test_incidents_are_found_by_id_and_number_and_a_number_is_given_once():
    book = Incidents()
    first = Incident("a", book.next_tiny_id(), "Down", NOW, NOW)
    book.add(first)
    assert book.find("a") is book.find("1", "tiny") is first
    book.remove(first)
    assert (book.find("a"), len(book), book.next_tiny_id()) == (None, 0, "2")


def test_the_end_of_an_impact_is_shown_once_there_is_one():
    incident = Incident("a", "1", "Down", NOW, NOW, details={"region": "eu"})
    assert "impactEndDate" not in incident.shown()
    assert incident.shown()["extraProperties"] == {"region": "eu"}
    incident.impact_end = NOW
    assert incident.shown()["impactEndDate"] == "2026-03-27T10:00:00Z"


def test_a_note_stands_in_the_log_too():
    incident = Incident("a", "1", "Down", NOW, NOW)
    incident.add_note("Seen", "ana", NOW)
    assert [line.text for line in incident.logs] == ["Added note: Seen"]
