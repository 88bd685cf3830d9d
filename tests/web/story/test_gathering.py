"""The story of an event: everything stored about it in order, and what can be told from that."""

from dataclasses import replace
from typing import Any

from nights import CHASE

from playbooks_engine.store.audit import NewAudit, write_audit


def test_what_came_what_was_decided_what_ran_and_what_was_written(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(10)
    night.execute()
    found = night.entries(alert)
    assert [entry.kind for entry in found] == ["stored", "decided", "decided", "run", "step", "call", "run"]
    assert [entry.at for entry in found] == sorted(entry.at for entry in found)
    texts = [entry.text for entry in found]
    assert texts[0] == "version 1: it was stored for the first time"
    assert texts[1].startswith("held: the event entered the condition")
    assert texts[2].startswith("matched: it has matched for 10m")
    assert texts[3:5] == ["run 1 was asked for", "step note succeeded"]
    assert texts[5] == f"playbook chase, run 1, added a note to alert {alert} on ops: allowed by alerts: write"
    assert texts[6] == "run 1 ended: succeeded"
    saw = [["event.status", "open"], ["event.acknowledged", False], ["event.priority", "P1"]]
    assert [entry.saw for entry in found[1:3]] == [saw, saw]


def test_what_changed_between_versions_and_how_the_trigger_saw_it(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(9)
    night.acknowledge(alert)
    night.minute()
    changed = next(entry for entry in night.entries(alert) if entry.text == "version 2: it changed")
    assert [(c.name, c.before, c.after) for c in changed.changes][:1] == [("acknowledged", False, True)]
    left = night.entries(alert)[-1]
    assert left.text == "rearmed: the event left the condition when 9m of 10m were over: nothing was started"
    assert left.saw == [["event.status", "open"], ["event.acknowledged", True]]


def test_a_trigger_that_considered_it_and_did_not_match_is_judged_now_once_for_the_same(night: Any) -> None:
    low = night.alert(priority="P4")
    night.look()
    for number in range(3):
        night.opsgenie.change(low, message=f"again {number}")
        night.minute()
    (considered,) = [entry for entry in night.entries(low) if entry.kind == "considered"]
    assert (considered.text, considered.playbook, considered.computed) == ("it does not match", "chase", True)
    assert considered.saw[-1] == ["event.priority", "P4"]
    night.opsgenie.change(low, priority="P5")
    night.minute()
    assert len(night.lines(low, "considered")) == 2


def test_the_times_in_which_nobody_looked(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.wait(3600)
    night.look()
    night.opsgenie.misbehave("error", times=2, status=403)
    night.minute(2)
    night.minute()
    night.opsgenie.misbehave("error", status=403)
    night.minute()
    assert night.lines(alert, "fetch") == [
        "ops.alerts was not looked at until 2026-03-27 11:00:00 UTC, as nothing fetched it: hold times stood still",
        "ops.alerts was not looked at until 2026-03-27 11:03:00 UTC, as 2 fetches failed: hold times stood still",
        "ops.alerts was not looked at since: fetches fail",
    ]


def test_a_step_that_is_not_allowed_is_told_with_its_rule(night: Any) -> None:
    project = night.engine.project.folder / "project.yml"
    night.write("chase", CHASE.replace("    for: 10m\n", ""))
    night.look()
    project.write_text(project.read_text().replace("alerts: write", "alerts: read"))
    alert = night.alert()
    night.look()
    object.__setattr__(night.engine.project.connections["ops"], "allow", {"alerts": "read"})
    night.execute()
    (call,) = [entry for entry in night.entries(alert) if entry.kind == "call"]
    assert call.status == "failed"
    assert call.text.endswith("denied by alerts: read")
    assert "run 1 ended: failed" in night.lines(alert)[-1]


def test_a_pause_of_the_playbook_belongs_to_the_story(night: Any) -> None:
    night.write("chase", CHASE.replace("    for: 10m\n", "").replace("event.id", "event.message"))
    night.look()
    for _ in range(10):
        night.alert(message="nothing")
        night.wait(1)
        night.look()
        night.execute()
    alert = night.alert()
    night.minute()
    kinds = [entry.status for entry in night.entries(alert) if entry.kind == "decided"]
    assert kinds == ["suppressed"]
    assert "Run 10" not in night.answer(alert)
    assert "failed in the same way" in night.answer(alert)


def test_a_change_that_no_trigger_of_it_made_is_in_its_story_too(night: Any) -> None:
    alert = night.alert(priority="P4")
    night.look()
    with night.engine.database.transaction() as connection:
        row = NewAudit(
            at=night.engine.clock.now(), actor={"kind": "playbook", "name": "sweep", "run": 99, "step": "tag"},
            connection="ops", connector="opsgenie", command="add_tags", area="alerts", effect="write", target=alert,
            decision="allowed", rule="alerts: write",
        )  # fmt: skip
        write_audit(connection, row)
        write_audit(connection, replace(row, target="another"))
        write_audit(connection, replace(row, effect="read"))
        write_audit(connection, replace(row, actor={**row.actor, "looks_back": True}))
    told, look = sorted((entry for entry in night.entries(alert) if entry.kind == "call"), key=lambda e: e.status)[::-1]
    assert "looked after a crash whether it had added tags" in look.text
    assert night.answer(alert).startswith("It started no run; 1 change of it was made otherwise, see above. chase: ")
    assert told.text.startswith(f"playbook sweep, run 99, tried to add tags to alert {alert} on ops")
    assert (told.playbook, told.run) == ("sweep", 99)
