"""Hold times: an event fires when it has matched for that long, was looked at all the time, and still matches."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.settings import Pausing
from playbooks_engine.runtime.triggers import holding, looking
from playbooks_engine.runtime.triggers.holding import count
from playbooks_engine.store import events
from playbooks_engine.store.looks import Look
from playbooks_engine.store.triggers import EventMatch
from playbooks_engine.testing.clock import START

MINUTE = timedelta(minutes=1)


def test_an_alert_that_nobody_acknowledges_fires_once_after_ten_minutes(night: Any) -> None:
    alert = night.alert()
    night.look()
    assert night.minute(9) == 0
    assert night.read_again == 0
    assert night.minute() == 1
    assert night.read_again == 1
    assert night.minute(30) == 0
    assert night.kinds == ["baseline", "held", "matched"]
    (run,) = night.runs
    assert (run.event_key, run.event_version_id) == (alert, night.decisions[-1].event_version_id)
    assert night.decisions[-1].run_id == night.held(alert).run_id == run.id


def test_one_acknowledged_after_nine_minutes_starts_nothing(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(9)
    night.acknowledge(alert)
    assert night.minute(10) == 0
    assert night.runs == []
    assert night.kinds == ["baseline", "held", "rearmed"]
    assert night.read_again == 0


def test_one_acknowledged_since_the_last_look_is_read_again_and_dropped(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(9)
    night.acknowledge(alert)
    night.wait(60)
    assert night.look(looked=False) == 0
    assert night.kinds == ["baseline", "held", "dropped"]
    dropped = night.decisions[-1]
    assert "read again" in dropped.reason
    assert ["event.acknowledged", True] in dropped.saw
    with night.engine.database.reading() as connection:
        versions = events.versions(connection, "ops.alerts", alert)
    assert [version.fields["acknowledged"] for version in versions] == [False, True]
    assert dropped.event_version_id == versions[-1].id
    night.acknowledge(alert, False)
    assert night.minute(11) == 1
    assert night.kinds[3:] == ["held", "matched"]


def test_what_is_read_again_is_the_same_content_as_a_page_brings(night: Any) -> None:
    alert = night.alert(description="long", details={"host": "web-1"}, entity="web-1")
    night.look()
    night.minute(12)
    with night.engine.database.reading() as connection:
        assert len(events.versions(connection, "ops.alerts", alert)) == 1


def test_leaving_the_condition_in_between_begins_anew(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(8)
    night.acknowledge(alert)
    night.minute()
    night.acknowledge(alert, False)
    night.minute()
    assert night.minute(9) == 0
    assert night.minute() == 1


def test_out_and_in_again_between_two_looks_of_the_trigger_is_a_break(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(9)
    with night.engine.database.transaction() as connection:
        row = events.event(connection, "ops.alerts", alert)
        assert row is not None
        for acknowledged in (True, False):
            fields, raw = {**row.fields, "acknowledged": acknowledged}, {**row.raw, "n": acknowledged}
            events.store_page(
                connection, "ops.alerts", [events.Arrival(alert, row.version, fields, raw)], night.clock.now()
            )
    night.wait(60)
    assert night.look(looked=False) == 0
    assert night.kinds == ["baseline", "held", "rearmed", "held"]


def test_while_nobody_looks_the_clock_stands_still(night: Any) -> None:
    night.alert()
    night.look()
    night.minute(5)
    night.wait(3600)
    assert night.look(looked=False) == 0
    assert night.look() == 0
    assert night.minute(4) == 0
    assert night.minute() == 1


def test_while_fetches_fail_the_clock_stands_still(night: Any) -> None:
    night.alert()
    night.look()
    night.minute(5)
    night.opsgenie.misbehave("error", times=3, status=403)
    night.minute(3)
    assert night.minute() == 0
    assert night.minute(4) == 0
    assert night.minute() == 1


def test_one_late_look_is_no_gap(night: Any) -> None:
    night.alert()
    night.look()
    night.wait(150)
    night.look()
    night.minute(7)
    assert night.wait(29) is None
    assert night.look(looked=False) == 0
    night.wait(1)
    assert night.look(looked=False) == 1


def test_where_it_cannot_be_read_again_nothing_fires_and_that_is_told_once(night: Any) -> None:
    night.alert()
    night.look()
    night.minute(9)
    night.opsgenie.misbehave("error", times=3, status=403, path="/v2/alerts/")
    assert night.minute() == 0
    assert night.look() == 0
    assert night.read_again == 1  # it waits for the next minute
    assert night.minute(2) == 0
    assert night.kinds == ["baseline", "held", "unread"]
    assert "could not be read again" in night.decisions[-1].reason
    assert night.minute() == 1


def test_an_alert_that_the_service_has_deleted_is_dropped(night: Any) -> None:
    alert = night.alert()
    night.look()
    night.minute(9)
    night.opsgenie.misbehave("error", status=404, path="/v2/alerts/")
    assert night.minute() == 0
    assert night.kinds[-1] == "dropped"
    assert "has it no more" in night.decisions[-1].reason
    assert not night.held(alert).matching


def test_what_matches_when_the_trigger_is_new_is_its_baseline_or_held_from_then_on(
    night: Any, write_project: Callable[..., Path], opsgenie: Simulator
) -> None:
    night.alert()
    night.look()
    night.minute(9)
    chase = (night.engine.project.folder / "playbooks" / "chase.yml").read_text()
    write_project(opsgenie, chase=chase.replace("10m", "5m"))
    assert night.minute(10) == 0
    assert night.kinds == ["baseline", "held", "baseline"]
    write_project(opsgenie, chase=chase.replace("10m", "5m\n    existing: fire"))
    assert night.minute(10) == 0  # `existing` alone makes it no other trigger
    write_project(opsgenie, chase=chase.replace("10m", "6m\n    existing: fire"))
    night.minute()
    assert night.minute(5) == 0
    assert night.minute() == 1
    assert night.kinds[3:] == ["baseline", "held", "matched"]


def test_a_trigger_that_is_no_longer_there_fires_nothing(night: Any) -> None:
    night.alert()
    night.look()
    (night.engine.project.folder / "playbooks" / "chase.yml").unlink()
    assert night.minute(15) == 0


def due_now(asked: Coroutine[Any, Any, list[EventMatch]]) -> list[EventMatch]:
    """What a look gives that waits for nobody."""
    try:
        while True:
            asked.send(None)
    except StopIteration as ended:
        found: list[EventMatch] = ended.value
        return found


def test_what_another_process_fires_is_not_fired_again(night: Any, open_engine: Callable[..., Engine]) -> None:
    night.alert()
    night.look()
    night.minute(9)
    mine = night.engine
    other = open_engine(mine.project.folder)

    def overtaken(engine: Any, loaded: Any, trigger: Any, again: Any) -> Any:
        if engine is mine:
            (due,) = due_now(holding._due(other, loaded, trigger))
            assert holding._fire(other, loaded, trigger, due, read=True) == 1
        return looking.consider(engine, loaded, trigger, again)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holding, "consider", overtaken)
        assert night.minute() == 0
    assert len(night.runs) == 1
    assert night.kinds == ["baseline", "held", "matched"]


def test_events_that_wait_for_a_paused_playbook_are_started_once_it_goes_on(night: Any) -> None:
    project = night.engine.project
    object.__setattr__(project, "pausing", Pausing(after=2, retry=600.0))
    chase = project.folder / "playbooks" / "chase.yml"
    plain = chase.read_text().replace("    for: 10m\n", "")
    chase.write_text(plain)
    night.look()
    failed = {"type": "auth", "message": "no"}
    for _ in range(2):
        night.alert()
        night.look()
        night.end("failed", failed)
    kept, seen, late = night.alert(), night.alert(), night.alert()
    assert night.look() == 0
    night.acknowledge(seen)
    assert night.minute(9) == 0
    assert night.kinds.count("suppressed") == 3
    assert night.read_again == 0
    assert night.minute() == 1  # one to see
    night.end("failed", failed)
    assert night.minute(9) == 0
    chase.write_text(plain.replace("Nobody has acknowledged", "Still nobody has acknowledged"))
    assert night.minute() == 1
    assert night.minute(30) == 0
    assert {run.event_key for run in night.runs[-2:]} == {kept, late}
    left = next(row for row in night.decisions if row.event_key == seen and row.kind == "rearmed")
    assert "while its run could not start" in left.reason


def matching(minutes: float = 0, held: float = 0) -> EventMatch:
    return EventMatch(
        playbook="p", stream="s", key="k", matching=True, since=START, held=held, held_to=START + minutes * MINUTE
    )


@pytest.mark.parametrize(
    ("seen", "now", "seconds", "fresh"),
    [
        ([], 2, 120, True),
        ([], 4, 0, False),
        ([(1, True), (2, True)], 2.5, 150, True),
        ([(1, True), (2, False)], 2.5, 60, False),
        ([(1, True), (2, False), (3, True)], 3.5, 90, True),
        ([(1, True), (6, True), (7, True)], 7, 120, True),
        ([(-1, False), (1, True)], 1, 60, True),
    ],
)
def test_only_time_between_looks_that_ended_well_counts(
    seen: list[tuple[float, bool]], now: float, seconds: float, fresh: bool
) -> None:
    found = [Look(START + at * MINUTE, well) for at, well in seen]
    held = count(matching(), found, START + now * MINUTE, 3 * MINUTE)
    assert (held.seconds, held.fresh) == (seconds, fresh)
    again = count(held.stored, found, START + now * MINUTE, 3 * MINUTE)
    assert again == replace(held, stored=again.stored)


def test_after_the_clock_was_set_back_the_hold_time_goes_on_from_there() -> None:
    held = count(matching(60, 300.0), [], START, 3 * MINUTE)
    assert (held.seconds, held.stored.held_to) == (300.0, START)


CHILD = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.triggers import evaluate, fire_held
from playbooks_engine.testing.clock import START, FakeClock

async def main():
    async with Engine.open(Path(sys.argv[1]), clock=FakeClock(START + timedelta(minutes=10))) as engine:
        watched = Watched(engine)
        watched.look()
        await evaluate(engine, watched.armed)
        await fire_held(engine, watched.armed)

asyncio.run(main())
"""


@pytest.mark.parametrize("fault", ["page_stored:1", "event_claimed:1", "before_send:1"])
def test_killed_anywhere_it_neither_loses_nor_doubles_a_run(night: Any, fault: str) -> None:
    night.alert()
    night.look()
    night.minute(9)
    night.wait(60)
    environment = {**os.environ, "PLAYBOOKS_FAULTS": f"{fault}:kill"}
    command = [sys.executable, "-c", CHILD, str(night.engine.project.folder)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert night.runs == []
    assert night.look() == 1
    assert night.look() == 0
    assert len(night.runs) == 1
