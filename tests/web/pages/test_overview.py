"""The first page: what needs a person, and how everything stands."""

from __future__ import annotations

from datetime import timedelta

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store.journal import NewRun, add_runs, keep_text
from playbooks_engine.store.schedules import ScheduleRow, set_schedule
from playbooks_engine.web.pages.overview import LATEST, PERIOD
from tests.web.conftest import NOW, PLAYBOOK, Fill, Get, store_many, words
from tests.web.test_hostile import check


def test_an_empty_store_is_calm_and_says_what_to_do_next(get: Get) -> None:
    text = words(check(get("/").text).text)
    for told in ("All is well.", "ops unknown", "Not checked yet.", "ops.alerts not fetched yet",
                 "No playbook has run yet.", "No event is stored yet."):  # fmt: skip
        assert told in text
    assert "attention" not in text


def test_what_needs_attention_stands_on_top(get: Get, fill: Fill) -> None:
    run = fill()
    page = check(get("/").text).text
    for told in ("3 things need attention", "Connection ops is down", "Stream ops.alerts cannot be fetched",
                 f"Run {run} of chase failed", "Status Code: 401. Message: The disk is full."):  # fmt: skip
        assert told in page
    assert page.index("3 things need attention") < page.index("Latest runs")
    assert "All is well." not in page


def test_the_part_that_refreshes_itself_comes_alone(get: Get, fill: Fill) -> None:
    fill()
    part = get("/?part=live").text.strip()
    assert part.startswith('<div id="live"')
    assert "<html" not in part
    assert part in get("/").text
    [given] = [given for tag, given in check(part).found if given.get("id") == "live"]
    assert given["data-every"] == str(PERIOD)
    assert (given["data-title"] or "").startswith("(3) Overview · acme")


def test_only_the_latest_are_shown_and_the_rest_is_a_link_away(get: Get, engine: Engine) -> None:
    store_many(engine, 1)
    with engine.database.transaction() as connection:
        add_runs(connection, [NewRun(playbook="chase", digest=keep_text(connection, PLAYBOOK))] * (LATEST + 1), NOW)
    page = check(get("/").text)
    rows = [given["href"] for tag, given in page.found if tag == "a"]
    assert len([path for path in rows if path and path.startswith("/runs/")]) == LATEST
    assert len([path for path in rows if path and path.startswith("/events/")]) == LATEST
    assert f"All {LATEST + 1} runs" in page.text
    assert "/events" in rows


def test_streams_that_are_fetched_no_more_are_still_shown(get: Get, engine: Engine) -> None:
    store_many(engine, 1, "gone.alerts")
    text = words(check(get("/").text).text)
    assert text.index("ops.alerts not fetched yet") < text.index("gone.alerts fetched")


def test_what_is_due_next_comes_first(get: Get, engine: Engine) -> None:
    assert "Next on schedule" not in get("/").text
    with engine.database.transaction() as connection:
        for name, hours in (("late", 5), ("soon", 1), ("never", None)):
            due = None if hours is None else NOW + timedelta(hours=hours)
            set_schedule(connection, ScheduleRow(playbook=name, digest="d", next_due=due))
    text = words(check(get("/").text).text)
    assert "Next on schedule soon 04:10:00 (in 1 h) late 08:10:00 (in 5 h)" in text
    assert "never" not in text[text.index("Next on schedule") : text.index("Latest runs")]
