"""Runs: a list, and one run step by step."""

from __future__ import annotations

import pytest

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store.journal import NewRun, StepRow, add_runs, finish, keep_text, start_run
from playbooks_engine.web.pages.runs import PAGE, STATUSES, STEPS, StepText, _steps_of
from tests.web.conftest import ERROR, NOW, PLAYBOOK, Fill, Get, words
from tests.web.test_hostile import Page, check


def add(engine: Engine, playbook: str, count: int) -> None:
    with engine.database.transaction() as connection:
        add_runs(connection, [NewRun(playbook=playbook, digest=keep_text(connection, PLAYBOOK))] * count, NOW)


def started(engine: Engine, text: str = PLAYBOOK) -> int:
    with engine.database.transaction() as connection:
        new = NewRun(playbook="chase", digest=keep_text(connection, text))
        return start_run(connection, new, engine.owner, NOW, NOW - NOW).id


def rows(page: Page) -> list[int]:
    found = [given["href"] or "" for tag, given in page.found if tag == "a"]
    return [int(href[6:]) for href in found if href.startswith("/runs/") and href[6:].isdigit()]


def older(page: Page) -> list[str | None]:
    return [given["href"] for tag, given in page.found if given.get("rel") == "next"]


def test_the_list_is_paged_newest_first_and_keeps_what_was_asked(get: Get, engine: Engine) -> None:
    add(engine, "chase", PAGE + 3)
    add(engine, "other", 2)
    page = check(get("/runs?playbook=chase").text)
    assert rows(page) == list(range(PAGE + 3, 3, -1))
    assert f"The latest {PAGE} of {PAGE + 3} runs" in page.text
    [following] = older(page)
    page = check(get(str(following)).text)
    assert rows(page) == [3, 2, 1]
    assert older(page) == []


def test_every_status_can_be_asked_for(get: Get, engine: Engine) -> None:
    add(engine, "chase", 1)
    page = check(get("/runs?status=queued").text)
    assert rows(page) == [1]
    offered = [given["value"] for tag, given in page.found if tag == "option"]
    assert offered == ["", "chase", "", *STATUSES]
    assert ("option", {"value": "queued", "selected": None}) in page.found
    for status in STATUSES[1:]:
        assert "No run is like that." in check(get(f"/runs?status={status}").text).text


def test_a_playbook_that_never_ran_is_offered_too(get: Get, engine: Engine) -> None:
    add(engine, "deleted_since", 1)
    page = check(get("/runs?playbook=unheard_of").text)
    offered = [given["value"] for tag, given in page.found if tag == "option"]
    assert offered[:3] == ["", "chase", "unheard_of"]
    page = check(get("/runs").text)
    assert [given["value"] for tag, given in page.found if tag == "option"][:3] == ["", "chase", "deleted_since"]


def test_a_run_is_told_step_by_step(get: Get, fill: Fill) -> None:
    run = fill()
    page = check(get(f"/runs/{run}").text)
    text = words(page.text)
    for told in ("failed", "2 attempts", "ops.add_note", "item 0", "POST /v2/alerts/The disk is full",
                 "outcome never learned", "Not reached: last", "line 10", "The playbook it ran"):  # fmt: skip
        assert told in text
    assert ("a", {"href": "/events/ops.alerts/a1"}) in page.found


def test_the_step_that_failed_is_one_click_away(get: Get, fill: Fill) -> None:
    page = check(get(f"/runs/{fill()}").text)
    jump = "step-each%5B0%5D%2Fnote"
    assert [given["href"] for _, given in page.found if (given.get("href") or "").endswith(jump)] == [f"/runs/1#{jump}"]
    assert jump in [given.get("id") for _, given in page.found]


def test_a_run_under_way_refreshes_itself_and_one_that_ended_does_not(get: Get, fill: Fill) -> None:
    run = fill()
    assert "data-every" not in get(f"/runs/{run}?part=live").text
    assert 'data-every="2"' in get(f"/runs/{run + 1}?part=live").text


def test_a_run_under_way_does_not_say_what_it_will_not_reach(get: Get, engine: Engine) -> None:
    run = started(engine)
    text = words(check(get(f"/runs/{run}").text).text)
    assert "No step has begun yet." in text
    assert "Not reached" not in text
    with engine.database.transaction() as connection:
        finish(connection, run, 1, "failed", None, {**ERROR, "step": None}, NOW)
    text = words(check(get(f"/runs/{run}").text).text)
    assert "No step was reached." in text
    assert "Not reached: find, each, last" in text


def test_a_run_names_its_sub_runs_and_they_name_it(get: Get, fill: Fill) -> None:
    run = fill()
    assert run + 1 in rows(check(get(f"/runs/{run}").text))
    child = check(get(f"/runs/{run + 1}").text)
    assert run in rows(child)
    assert "step each[0]/note" in words(child.text)


@pytest.mark.parametrize(
    ("first", "told"),
    [(0, "1 to 100"), (99, "1 to 100"), (100, "101 to 200"), (240, "201 to 250"), (9999, "201 to 250")],
)
def test_many_steps_come_in_pages(get: Get, engine: Engine, first: int, told: str) -> None:
    run = started(engine)
    for index in range(250):
        row = StepRow(run_id=run, path=f"s[{index}]", step_id="s", item=index, status="succeeded", output=index)
        engine.journal.step(row, 1)
    engine.journal.flush()
    page = check(get(f"/runs/{run}?first={first}").text)
    assert f"Steps {told} of 250" in page.text
    begin = int(told.split(maxsplit=1)[0]) - 1
    shown = [given["id"] for tag, given in page.found if tag == "li" and (given.get("id") or "").startswith("step-")]
    assert shown == [f"step-s%5B{index}%5D" for index in range(begin, min(begin + STEPS, 250))]


def test_what_a_playbook_says_of_its_steps_is_read_from_the_text_that_ran() -> None:
    order, said = _steps_of(PLAYBOOK)
    assert order == ["find", "each", "last"]
    assert said["note"] == StepText("ops.add_note", 10, "")
    assert said.keys() == {"find", "each", "note", "last"}


def test_a_text_that_this_version_cannot_read_is_shown_all_the_same(get: Get, engine: Engine) -> None:
    text = "name: [broken"
    assert _steps_of(text) == ([], {})
    page = check(get(f"/runs/{started(engine, text)}").text)
    assert text in page.text


def test_a_run_that_is_not_there_is_named(get: Get) -> None:
    answer = get("/runs/7")
    assert answer.status_code == 404
    assert "There is no run 7." in check(answer.text).text
