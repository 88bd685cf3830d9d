"""The pages with nothing stored, with a little of everything, and with a lot."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store.events import Arrival, store_page, stream_fetched
from playbooks_engine.store.journal import NewRun, StepRow, add_runs, keep_text, start_run
from tests.web.conftest import NOW, PLAYBOOK
from tests.web.test_hostile import check

Get = Callable[..., httpx.Response]


@pytest.mark.parametrize("path", ["/", "/events", "/events?stream=none", "/runs", "/runs?status=failed",
                                  "/connections/ops", "/?part=live"])  # fmt: skip
def test_every_page_renders_with_an_empty_store(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    check(answer.text)


def test_an_empty_store_is_calm(get: Get) -> None:
    assert "All is well." in get("/").text
    assert get("/api/health").json()["status"] == "well"
    assert get("/api/events").json() == {"events": [], "total": 0, "next": None}
    assert get("/api/runs").json() == {"runs": [], "total": 0, "next": None}


@pytest.mark.parametrize("path", ["/runs/7", "/events/ops.alerts/none", "/connections/none", "/none", "/api/runs/7",
                                  "/api/events/a/b", "/api/none"])  # fmt: skip
def test_what_is_not_there_is_said_to_be_so(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert ("not_found" if path.startswith("/api") else "Not found") in answer.text


@pytest.mark.parametrize("path", ["/runs?before=x", "/runs/0", "/runs/99999999999999999999", "/events?before=x",
                                  "/api/events?limit=0", "/api/events?before=2026%20a%20b"])  # fmt: skip
def test_what_makes_no_sense_is_refused(get: Get, path: str) -> None:
    assert get(path).status_code == 400


def test_what_needs_attention_stands_on_top(get: Get, fill: Callable[..., int]) -> None:
    run = fill()
    page = check(get("/").text).text
    for told in ("3 things need attention", "Connection ops is down", "Stream ops.alerts cannot be fetched",
                 f"Run {run} of chase failed", "Status Code: 401. Message: The disk is full."):  # fmt: skip
        assert told in page
    assert [one["kind"] for one in get("/api/health").json()["attention"]] == ["connection", "stream", "run"]


def test_a_run_is_told_step_by_step(get: Get, fill: Callable[..., int]) -> None:
    run = fill()
    page = check(get(f"/runs/{run}").text)
    text = " ".join(page.text.split())
    for told in ("failed", "2 attempts", "ops.add_note", "item 0", "POST /v2/alerts/The disk is full",
                 "outcome never learned", "Not reached: last", "line 10", "The playbook it ran"):  # fmt: skip
        assert told in text
    assert ("a", {"href": "/events/ops.alerts/a1"}) in page.found
    assert "data-every" not in get(f"/runs/{run}?part=live").text
    assert 'data-every="2"' in get(f"/runs/{run + 1}?part=live").text


def test_the_json_of_a_run_has_the_names_of_the_command_line(get: Get, fill: Callable[..., int]) -> None:
    run = fill()
    told = get(f"/api/runs/{run}").json()
    assert {"run", "playbook", "status", "output", "steps", "writes"} <= told.keys()
    names = {"id", "status", "output", "error", "attempts", "started_at", "duration", "path", "item"}
    assert all(names <= step.keys() for step in told["steps"])
    assert {"step", "command", "method", "path", "body"} <= told["writes"][0].keys()
    listed = get("/api/events").json()["events"][0]
    assert listed.keys() == {"stream", "key", "version", "versions", "first_seen", "last_seen", "fields"}
    assert [one["changed"] for one in get("/api/events/ops.alerts/a1").json()["history"]] == [["status"], []]


def test_a_connection_is_shown_without_its_secret(get: Get, fill: Callable[..., int]) -> None:
    fill()
    page = " ".join(check(get("/connections/ops").text).text.split())
    assert "env:OPSGENIE_API_KEY" in page
    assert "playbook chase, run 1, tried to add a note to alert The disk is full on ops: allowed by" in page


def test_openapi_describes_the_api_and_nothing_else(get: Get) -> None:
    told = get("/api/openapi.json").json()
    assert all(path.startswith("/api/") and list(way) == ["get"] for path, way in told["paths"].items())
    assert get("/docs").status_code == get("/redoc").status_code == 404


def test_ten_thousand_rows_are_paged_and_quick(get: Get, engine: Engine) -> None:
    with engine.database.transaction() as connection:
        for page in range(100):
            arrivals = [Arrival(f"k{page}-{n}", None, {"message": f"m{n}"}, {"p": page, "n": n}) for n in range(100)]
            store_page(connection, "ops.alerts", arrivals, NOW)
        stream_fetched(connection, "ops.alerts", NOW)
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
    seen: list[str] = []
    before = ""
    for _ in range(3):
        told = get("/api/events", params={"limit": 500, **({"before": before} if before else {})}).json()
        seen += [event["key"] for event in told["events"]]
        before = told["next"]
    assert len(set(seen)) == 1_500
    assert "Steps 101 to 200 of 2000" in check(get(f"/runs/{run.id}?first=100").text).text


def _seconds(get: Get, path: str) -> float:
    began = time.perf_counter()
    assert get(path).status_code == 200
    return time.perf_counter() - began
