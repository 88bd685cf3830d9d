"""The answer in one line, to the two questions of a bad night: why was I not paged, and why twice."""

from typing import Any

from nights import CHASE

from playbooks_engine.web import story


def test_why_was_i_not_paged(night: Any) -> None:
    alert, low = night.alert(), night.alert(priority="P4")
    night.look()
    night.minute(5)
    assert night.answer(alert) == "Nothing ran. chase: it is held: 5m of 10m are over."
    assert night.answer(low) == "Nothing ran. chase: it does not match (event.priority is P4)."
    night.acknowledge(alert)
    night.minute()
    assert night.answer(alert) == (
        "Nothing ran. chase: the event left the condition when 5m of 10m were over (event.acknowledged is true)."
    )


def test_one_that_was_read_again_and_dropped(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(9)
    night.acknowledge(alert)
    night.wait(60)
    night.look(looked=False)
    assert night.answer(alert) == (
        "Nothing ran. chase: it was read again before firing and does not match any more (event.acknowledged is true)."
    )


def test_why_was_i_paged_twice(night: Any) -> None:
    night.write("chase", CHASE.replace("    for: 10m\n", ""))
    night.look()
    alert = night.alert()
    night.look()
    night.execute()
    night.acknowledge(alert)
    night.minute()
    night.acknowledge(alert, False)
    night.minute()
    night.execute()
    assert night.answer(alert) == (
        "2 runs were started for it. Run 1 of chase succeeded, with 1 change made. "
        "Run 2 of chase succeeded, with 1 change made. It fired more than once: "
        "run 1 at 10:00:00 (the event entered the condition); run 2 at 10:02:00 (the event entered the condition)."
    )


def test_a_run_that_failed_says_how(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(10)
    assert night.answer(alert) == "Run 1 of chase waits for its turn."
    night.opsgenie.misbehave("error", status=422, path="/notes", message="Note is too long")
    night.execute()
    assert night.answer(alert).startswith("Run 1 of chase failed (")
    assert "Note is too long" in night.answer(alert)


def test_no_playbook_or_only_broken_ones(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.write("chase", CHASE.replace("ops.add_note", "ops.add_nte"))
    assert "No playbook that watches this stream can be used; playbooks/chase.yml" in night.answer(alert)
    (night.engine.project.folder / "playbooks" / "chase.yml").unlink()
    assert night.answer(alert) == "Nothing ran. No playbook watches this stream."
    assert story.answer([], [], [], ["a", "b"]).endswith("Mind that a; and b.")
