"""What a look at events leads to is written together, and says what each condition saw."""

from typing import Any

import pytest

from playbooks_engine.store import triggers


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
