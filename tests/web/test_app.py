"""The application around the pages: what is not there, what makes no sense, and that it stays quick."""

from __future__ import annotations

import time

import httpx
import pytest

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store.journal import NewRun, StepRow, add_runs, keep_text, start_run
from tests.web.conftest import NOW, PLAYBOOK, Fill, Get, store_many
from tests.web.test_hostile import check


@pytest.mark.parametrize("path", ["/", "/events", "/events?stream=none", "/runs", "/runs?status=failed",
                                  "/connections/ops", "/?part=live"])  # fmt: skip
def test_every_page_renders_with_an_empty_store(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    check(answer.text)


@pytest.mark.parametrize("path", ["/runs/7", "/events/ops.alerts/none", "/connections/none", "/none"])
def test_what_is_not_there_is_said_on_a_page(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert "Not found" in check(answer.text).text


@pytest.mark.parametrize("path", ["/api/runs/7", "/api/events/a/b", "/api/none", "/api/"])
def test_what_is_not_there_is_said_in_json_below_api(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert answer.json()["error"].keys() == {"type", "message", "hint"}
    assert answer.json()["error"]["type"] == "not_found"


@pytest.mark.parametrize("path", ["/runs?before=x", "/runs/0", "/runs/99999999999999999999", "/runs/1?first=-1",
                                  "/events?before=x"])  # fmt: skip
def test_what_makes_no_sense_is_refused(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 400
    check(answer.text)


def test_a_refusal_names_what_is_wrong_and_does_not_repeat_it(get: Get) -> None:
    page = get("/runs?before=hunter2")
    assert "before is wrong" in check(page.text).text
    assert "hunter2" not in page.text
    told = get("/api/runs?limit=hunter2&before=0").json()["error"]
    assert (told["type"], told["message"]) == (
        "invalid_input", "This address is not understood: before, limit is wrong.",
    )  # fmt: skip


def test_openapi_describes_the_api_and_nothing_else(get: Get) -> None:
    told = get("/api/openapi.json").json()
    assert all(path.startswith("/api/") and len(way) == 1 for path, way in told["paths"].items())
    assert [path for path, way in told["paths"].items() if "get" not in way] == [
        "/api/runs/{run_id}/decide", "/api/runs/{run_id}/cancel",
    ]  # fmt: skip
    assert get("/docs").status_code == get("/redoc").status_code == 404


def test_the_files_that_a_page_asks_for_are_there(get: Get) -> None:
    asked = [given.get("href") or given.get("src") or "" for _, given in check(get("/").text).found]
    files = {path for path in asked if path.startswith("/static/")}
    assert {"/static/page.css", "/static/page.js"} <= files
    assert {get(path).status_code for path in files} == {200}


def test_the_application_opens_and_closes_nothing(get: Get, fill: Fill, engine: Engine) -> None:
    run = fill()
    assert get("/").status_code == get(f"/api/runs/{run}").status_code == 200
    with engine.database.transaction() as connection:
        keep_text(connection, "still open")


def test_ten_thousand_rows_are_quick(get: Get, engine: Engine) -> None:
    store_many(engine, 100)
    with engine.database.transaction() as connection:
        digest = keep_text(connection, PLAYBOOK)
        add_runs(connection, [NewRun(playbook="chase", digest=digest)] * 10_000, NOW)
        run = start_run(connection, NewRun(playbook="chase", digest=digest), engine.owner, NOW, NOW - NOW)
    for index in range(2_000):
        engine.journal.step(
            StepRow(run_id=run.id, path=f"s[{index}]", step_id="s", item=index, status="succeeded", output=index), 1
        )
    engine.journal.flush()
    for path in ("/", "/events", "/runs", f"/runs/{run.id}", "/api/events", "/api/runs", "/api/health"):
        get(path)
        best = min(_seconds(get, path) for _ in range(3))
        assert best < 0.5, f"{path} took {best * 1000:.0f} ms"  # 50 ms on an idle machine; this one is shared


def _seconds(get: Get, path: str) -> float:
    began = time.perf_counter()
    answer: httpx.Response = get(path)
    assert answer.status_code == 200
    return time.perf_counter() - began
