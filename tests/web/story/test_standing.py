"""How an event stands with each trigger, and what keeps anything from happening."""

from typing import Any

from nights import CHASE

from playbooks_engine.runtime.service_lease import NAME
from playbooks_engine.store import leases
from playbooks_engine.store.owners import this_process


def states(night: Any, key: str) -> dict[str, str]:
    return {one.playbook: one.state for one in night.standing(key)}


def test_each_state_of_an_event_with_a_trigger(night: Any) -> None:
    old = night.alert()
    night.write("late", CHASE.replace("name: chase", "name: late"))
    night.look()
    assert states(night, old) == {"chase": "held", "late": "baseline"}
    night.write("next", CHASE.replace("name: chase", "name: next"))
    night.write("chase", CHASE + "\n")
    night.wait(60)
    assert states(night, old) == {"chase": "held", "late": "baseline", "next": "not considered"}
    night.minute(9)
    assert states(night, old)["chase"] == "fired"
    night.acknowledge(old)
    night.minute()
    assert set(states(night, old).values()) == {"not matching"}


def test_how_far_the_hold_time_is_over_and_that_it_stands_still(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(4)
    assert night.standing(alert)[0].text == "it is held: 4m of 10m are over"
    night.wait(600)
    assert "4m of 10m are over; the clock stands still" in night.standing(alert)[0].text


def test_what_it_sees_where_it_does_not_match(night: Any) -> None:
    low = night.alert(priority="P4")
    night.look()
    (one,) = night.standing(low)
    assert one.saw == [["event.status", "open"], ["event.acknowledged", False], ["event.priority", "P4"]]


def test_an_edited_condition_and_one_that_cannot_be_judged(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.write("chase", CHASE.replace("'P1'", "'P2'"))
    assert states(night, alert) == {"chase": "not considered"}
    night.write("chase", CHASE.replace("event.priority == 'P1'", "event.message > 3"))
    night.look()
    assert states(night, alert) == {"chase": "unjudged"}


def test_a_playbook_with_errors_is_named_by_its_path_in_the_project(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.write("chase", CHASE.replace("ops.add_note", "ops.add_nte"))
    (one,) = night.standing(alert)
    assert (one.playbook, one.state) == ("playbooks/chase.yml", "broken")
    assert "no command 'add_nte' (line 11)" in one.text


def test_a_stream_that_is_not_fetched_is_told(night: Any) -> None:
    with night.engine.database.transaction() as connection:
        leases.take(connection, NAME, this_process(), night.clock.now(), night.clock.now() - night.clock.now())
    service = "no service is running: triggers look at events only while `playbooks serve` runs"
    assert night.around() == [service]
    night.wait(3600)
    assert night.around() == ["ops.alerts was fetched last at 2026-03-27 10:00:00 UTC", service]
    night.opsgenie.misbehave("error", status=403)
    night.look()
    assert night.around()[0].startswith("fetching ops.alerts fails since 2026-03-27 11:00:00 UTC: ")
    ops = night.engine.project.connections["ops"]
    object.__setattr__(ops, "fetch", {})
    assert night.around()[0].startswith("project.yml does not say to fetch ops.alerts")
    object.__setattr__(ops, "active", False)
    assert night.around()[0] == "connection ops is not active, so ops.alerts is not fetched"
    night.engine.project.connections.pop("ops")
    assert night.around()[0].startswith("project.yml has no connection ops any more")


def test_a_service_that_runs_is_no_news(night: Any) -> None:
    with night.engine.database.transaction() as connection:
        minute = night.clock.now() - night.clock.now() + 60 * (night.clock.now() - night.clock.now()).resolution
        leases.take(connection, NAME, this_process(), night.clock.now(), minute)
    assert night.around() == []
