"""The queue behind every 202."""

from datetime import UTC, datetime, timedelta

from connectors.opsgenie.simulator.writes import LateFailure, Outcome, Write, Writes

NOW = datetime(2026, 3, 27, 10, tzinfo=UTC)


def _write(number, seconds, action="Close"):
    due = NOW + timedelta(seconds=seconds)
    return Write(due, number, "alerts", f"r{number}", action, {}, "", lambda at: Outcome(True, "Done"))


def test_writes_come_out_when_due_in_the_order_of_their_time():
    writes = Writes()
    later, sooner, same = _write(1, 2), _write(2, 1), _write(3, 1)
    for write in (later, sooner, same):
        writes.add(write)
    assert writes.next_due(NOW) is None
    assert [writes.next_due(NOW + timedelta(seconds=1)) for _ in range(3)] == [sooner, same, None]
    assert writes.waiting() == 1
    assert writes.find("alerts", "R1") is later
    assert writes.find("incidents", "r1") is None


def test_a_late_failure_strikes_its_action_as_often_as_ordered():
    writes = Writes()
    writes.late_failures.append(LateFailure("Close", "Sorry"))
    assert writes.perform(_write(1, 0, "Create")).success is True
    assert writes.perform(_write(2, 0)) == Outcome(False, "Sorry")
    assert writes.perform(_write(3, 0)).success is True
