"""What a look at events leads to is written together, and says what each condition saw."""

from datetime import timedelta
from typing import Any

import pytest

from playbooks_engine.store import journal, triggers


def test_a_run_its_match_and_its_decision_belong_together(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(10)
    (run,) = night.runs
    matched = night.decisions[-1]
    assert (matched.kind, matched.run_id, matched.event_key, matched.stream) == ("matched", run.id, alert, "ops.alerts")
    assert matched.event_version_id == run.event_version_id
    assert matched.saw == [["event.status", "open"], ["event.acknowledged", False], ["event.priority", "P1"]]
    assert night.held(alert).run_id == run.id


def test_when_a_decision_cannot_be_written_no_run_is_either(night: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    night.alert()
    night.look()
    night.minute(9)
    with monkeypatch.context() as patch:
        patch.setattr(triggers, "decide", lambda *_: 1 / 0)
        assert night.minute() == 0
    assert night.runs == []
    assert night.look() == 1


def test_the_same_failure_is_told_once_and_again_when_it_changes(night: Any) -> None:
    chase = night.engine.project.folder / "playbooks" / "chase.yml"
    chase.write_text(chase.read_text().replace("event.priority == 'P1'", "event.message > 3"))
    night.look()
    alert = night.alert()
    for number in range(3):
        night.opsgenie.change(alert, message=f"again {number}")
        night.minute()
    assert night.kinds == ["baseline", "baseline", "failed"]
    night.acknowledge(alert)
    night.opsgenie.change(alert, message="judged")
    night.minute()
    assert night.kinds == ["baseline", "baseline", "failed"]


def test_one_that_is_left_out_as_another_is_under_way_is_told_as_overlapped(night: Any) -> None:
    chase = night.engine.project.folder / "playbooks" / "chase.yml"
    plain = chase.read_text().replace("    for: 10m\n", "")
    chase.write_text(f"{plain}concurrency: {{when_busy: skip}}\n")
    night.look()
    night.alert()
    night.look()
    night.alert()
    night.look()
    first, second = night.decisions[-2:]
    assert (first.kind, second.kind) == ("matched", "overlapped")
    assert "run 1 with the same concurrency key was under way" in second.reason
    assert [run.status for run in night.runs] == ["queued", "cancelled"]


def test_runs_of_one_event_go_one_after_the_other_and_those_of_others_together(night: Any) -> None:
    chase = night.engine.project.folder / "playbooks" / "chase.yml"
    chase.write_text(chase.read_text().replace("    for: 10m\n", ""))
    night.look()
    alert, other = night.alert(), night.alert()
    night.look()
    night.acknowledge(alert)
    night.minute()
    night.acknowledge(alert, False)
    night.minute()
    keys = [run.event_key for run in night.runs]
    assert sorted(keys) == sorted([alert, alert, other])
    with night.engine.database.transaction() as connection:
        now = night.clock.now()
        taken = journal.claim_next(connection, "host:1:1", now, timedelta(seconds=30), 10)
        assert {run.event_key for run in taken} == {alert, other}
        first = next(run for run in taken if run.event_key == alert)
        journal.finish(connection, first.id, first.fence, "succeeded", None, None, now)
        (then,) = journal.claim_next(connection, "host:1:1", now, timedelta(seconds=30), 10)
    assert then.event_key == alert
