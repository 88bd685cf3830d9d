"""The book of alerts, without a server."""

from datetime import UTC, datetime, timedelta

from connectors.opsgenie.simulator.alerts import Alert, Alerts, Entry

NOW = datetime(2026, 3, 27, 10, tzinfo=UTC)


def _alert(book, alias="disk", **more):
    number = book.next_tiny_id()
    alert = Alert(f"id-{number}", number, alias, "Disk full", NOW, NOW, NOW, **more)
    book.add(alert)
    return alert


def test_an_alias_finds_the_open_alert_only():
    book = Alerts()
    closed, opened = _alert(book, status="closed"), _alert(book)
    assert book.find("disk", "alias") is opened
    assert book.find(closed.tiny_id, "tiny") is closed
    opened.status = "closed"
    book.changed(opened, NOW)
    assert book.find("disk", "alias") is None


def test_an_alert_that_is_removed_is_found_no_more():
    book = Alerts()
    alert = _alert(book)
    book.remove(alert)
    assert [book.find(alert.id), book.find(alert.tiny_id, "tiny"), book.find("disk", "alias")] == [None] * 3
    assert len(book) == 0


def test_time_ends_a_snooze_and_shows_what_was_hidden():
    book = Alerts()
    snoozed = _alert(book, snoozed_until=NOW + timedelta(hours=1), acknowledged=True)
    hidden = _alert(book, "other", visible_at=NOW + timedelta(hours=1))
    before = book.version
    book.pass_time(NOW)
    assert book.version == before
    book.pass_time(NOW + timedelta(hours=1))
    assert (snoozed.snoozed, snoozed.acknowledged, hidden.visible_at) == (False, False, None)
    assert book.version > before


def test_the_place_of_a_line_is_its_time_and_its_number():
    assert Entry("x", "ana", NOW, "system", 3).offset == "1774605600000_1774605600003"
