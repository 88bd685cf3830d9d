"""Notifications that are recorded and not sent."""

from datetime import UTC, datetime, timedelta

from connectors.opsgenie.simulator.notices import MOST, Notice, Notices

START = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)


def test_what_is_due_is_done_in_its_order_and_once():
    notices, done = Notices(), []
    for minutes in (2, 1, 3):
        notices.later(START + timedelta(minutes=minutes), done.append)
    notices.pass_time(START + timedelta(minutes=2))
    notices.pass_time(START + timedelta(minutes=2))
    assert done == [START + timedelta(minutes=1), START + timedelta(minutes=2)]


def test_what_comes_of_it_may_be_due_as_well():
    notices, done = Notices(), []
    notices.later(START, lambda due: notices.later(due, done.append))
    notices.pass_time(START)
    assert done == [START]


def test_a_notice_is_shown_with_its_moment_and_only_the_latest_are_kept():
    notice = Notice(START, "ana@example.com", "email", "ana@example.com", "1", "create-alert", "New Alert")
    assert notice.as_json()["at"] == "2026-03-27T10:00:00Z"
    notices = Notices()
    notices.told.extend([notice] * (MOST + 1))
    assert len(notices.told) == MOST
