"""What needs a person now, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store import journal, schedules
from playbooks_engine.store.notifications import notification_failed, queue_notification
from playbooks_engine.store.triggers import NewDecision, decide
from playbooks_engine.web.attention import Matter, health_of, matters
from tests.web.conftest import ERROR, NOW


def found(engine: Engine, later: timedelta = timedelta()) -> list[Matter]:
    with engine.database.reading() as connection:
        return matters(connection, health_of(connection, engine.project.connections), NOW + later)


def test_a_failed_run_is_told_for_a_day_and_its_sub_runs_are_not(engine: Engine, fill: Callable[..., int]) -> None:
    run = fill()
    told = [one.text for one in found(engine, timedelta(hours=24)) if one.kind == "run"]
    assert told == [f"Run {run} of chase failed"]
    assert [one.kind for one in found(engine, timedelta(hours=24, seconds=1))] == ["connection", "stream"]


def test_a_message_that_reached_nobody_is_told(engine: Engine) -> None:
    with engine.database.transaction() as connection:
        number = queue_notification(connection, subject="down", title="ops is down", body="", via="chat.send", now=NOW)
    assert found(engine) == []
    with engine.database.transaction() as connection:
        notification_failed(connection, number, ERROR)
    assert [one.text for one in found(engine)] == ['Message "ops is down" could not be sent with chat.send']


def test_a_full_disk_is_told_before_everything_else_on_the_page_and_by_the_api(
    get: Callable[..., Any], engine: Engine, fill: Callable[..., int]
) -> None:
    fill()
    engine.database.room.give_up()
    told = get("/api/health").json()
    assert told["status"] == "attention"
    assert told["attention"][0]["kind"] == "store"
    assert "is full" in told["attention"][0]["text"]
    page = get("/")
    assert page.status_code == 200, "the page stays up, for reading"
    assert "is full" in page.text


def test_a_connection_never_checked_is_unknown_and_no_alarm(engine: Engine) -> None:
    with engine.database.reading() as connection:
        assert [one.word for one in health_of(connection, engine.project.connections)] == ["unknown"]
    assert found(engine) == []


def test_a_trigger_that_could_not_be_judged_is_told_once_for_a_day(engine: Engine) -> None:
    missed = [
        NewDecision(
            at=NOW, playbook="chase", kind="failed", stream="ops.alerts", event_key=key, reason="no key 'priorty'"
        )
        for key in ("a1", "a2")
    ]
    with engine.database.transaction() as connection:
        decide(connection, missed)
    (told,) = found(engine)
    assert (told.kind, told.text, told.detail) == (
        "trigger", "The trigger of chase could not be judged", "no key 'priorty'",
    )  # fmt: skip
    assert found(engine, timedelta(hours=24, seconds=1)) == []


def test_a_paused_playbook_is_told_until_it_goes_on(engine: Engine) -> None:
    def say(kind: str) -> None:
        with engine.database.transaction() as connection:
            decide(connection, [NewDecision(at=NOW, playbook="chase", kind=kind, reason="it fails", run_id=7)])

    say("paused")
    (one,) = found(engine, timedelta(days=9))
    assert (one.kind, one.text, one.detail) == ("trigger", "Playbook chase is paused", "it fails")
    assert "playbooks runs show 7" in one.hint
    say("resumed")
    assert found(engine) == []
    say("paused")
    assert len(found(engine)) == 1


def test_an_event_that_cannot_be_read_again_is_told_until_it_can(engine: Engine) -> None:
    def say(kind: str) -> None:
        row = NewDecision(at=NOW, playbook="chase", kind=kind, reason="no", stream="ops.alerts", event_key="a")
        with engine.database.transaction() as connection:
            decide(connection, [row])

    say("held")
    say("unread")
    assert [one.text for one in found(engine)] == ["chase cannot start for a"]
    assert found(engine, timedelta(days=2)) == []
    say("matched")
    assert found(engine) == []


def test_what_should_have_begun_a_minute_ago_is_told(engine: Engine) -> None:
    with engine.database.transaction() as connection:
        digest = journal.keep_text(connection, "name: chase")
        run = journal.add_run(connection, journal.NewRun(playbook="chase", digest=digest), NOW)
        schedules.set_schedule(connection, schedules.ScheduleRow(playbook="tick", digest="x", next_due=NOW))
    assert found(engine, timedelta(seconds=50)) == []
    told = [one.text for one in found(engine, timedelta(seconds=70))]
    assert told == ["The schedule of tick is late", f"Run {run} of chase has not begun"]
