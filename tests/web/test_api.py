"""The JSON API: what is stored, in the shapes that the command line promises, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store.events import Arrival, store_page
from playbooks_engine.store.journal import NewRun, add_runs, keep_text
from playbooks_engine.web import shapes
from playbooks_engine.web.rendering import address
from tests.web.conftest import ERROR, KEY, NOW, PLAYBOOK, Fill, Get, store_many

TOLD = "2026-11-22T03:10:00Z"


def test_an_empty_store_is_well(get: Get) -> None:
    assert get("/api/health").json() == {"status": "well", "attention": [], "at": TOLD}
    assert get("/api/events").json() == {"events": [], "total": 0, "next": None}
    assert get("/api/runs").json() == {"runs": [], "total": 0, "next": None}


def test_what_needs_attention_is_told_with_its_page(get: Get, fill: Fill) -> None:
    run = fill()
    told = get("/api/health").json()
    assert told["status"] == "attention"
    links = {one["kind"]: one["link"] for one in told["attention"]}
    assert links == {"connection": "/connections/ops", "stream": "/connections/ops", "run": f"/runs/{run}"}
    assert {get(link).status_code for link in links.values()} == {200}
    assert told["attention"][0]["since"] == TOLD


def test_every_connection_is_told_with_its_last_check_and_without_its_secret(get: Get, fill: Fill) -> None:
    [told] = get("/api/connections").json()["connections"]
    assert (told["connection"], told["status"], told["last_check"]) == ("ops", "unknown", None)
    fill()
    answer = get("/api/connections")
    [told] = answer.json()["connections"]
    assert (told["connector"], told["status"], told["since"]) == ("opsgenie", "down", TOLD)
    assert told["last_check"].keys() == {"connection", "status", "checked_at", "latency", "error"}
    assert told["last_check"]["error"]["type"] == "auth"
    assert KEY not in answer.text
    assert "api_key" not in answer.text


def test_events_have_the_names_of_the_command_line(get: Get, fill: Fill) -> None:
    fill()
    told = get("/api/events").json()
    [listed] = told["events"]
    assert listed.keys() == {"stream", "key", "version", "versions", "first_seen", "last_seen", "fields"}
    assert (listed["key"], listed["version"], listed["versions"], listed["first_seen"]) == ("a1", "1", 2, TOLD)
    assert (told["total"], told["next"]) == (1, None)


def test_an_event_is_told_with_its_history_its_runs_and_its_decisions(get: Get, fill: Fill) -> None:
    run = fill()
    told = get("/api/events/ops.alerts/a1").json()
    assert told.keys() == shapes.WholeEventShape.model_fields.keys()
    assert [(one["number"], one["changed"]) for one in told["history"]] == [(2, ["status"]), (1, [])]
    assert told["raw"] == {"id": "a1", "turn": 1, "text": "The disk is full"}
    assert [one["run"] for one in told["runs"]] == [run]
    assert [(one["kind"], one["run"]) for one in told["decisions"]] == [("matched", run)]


@pytest.mark.parametrize("key", ["a/b", "a b?c#d", "%2F", "../../etc", "ключ", '"q"'])
def test_an_event_is_found_by_any_key(get: Get, fill: Fill, key: str) -> None:
    fill(key=key)
    assert get("/api" + address("events", "ops.alerts", key)).json()["key"] == key


def test_events_are_paged_without_a_gap(get: Get, engine: Engine) -> None:
    store_many(engine, 7)
    first = get("/api/events", params={"limit": 500}).json()
    assert (len(first["events"]), first["total"]) == (500, 700)
    rest = get("/api/events", params={"limit": 500, "before": first["next"]}).json()
    assert rest["next"] is None
    assert len({event["key"] for event in first["events"] + rest["events"]}) == 700
    exact = get("/api/events", params={"limit": 200, "before": first["next"]}).json()
    assert (len(exact["events"]), exact["next"]) == (200, None)


def test_events_of_one_stream_are_counted_and_listed_alone(get: Get, engine: Engine) -> None:
    store_many(engine, 1)
    store_many(engine, 2, "eu.alerts")
    told = get("/api/events?stream=eu.alerts&limit=500").json()
    assert told["total"] == 200
    assert {event["stream"] for event in told["events"]} == {"eu.alerts"}
    assert get("/api/events").json()["total"] == 300
    assert get("/api/events?stream=none").json() == {"events": [], "total": 0, "next": None}


def test_the_event_last_seen_comes_first(get: Get, engine: Engine) -> None:
    with engine.database.transaction() as connection:
        for key, later in (("old", 0), ("new", 2), ("middle", 1)):
            store_page(connection, "ops.alerts", [Arrival(key, None, {}, {"k": key})], NOW + timedelta(seconds=later))
    store_many(engine, 0)
    assert [event["key"] for event in get("/api/events").json()["events"]] == ["new", "middle", "old"]


def test_a_run_has_the_names_of_the_command_line(get: Get, fill: Fill) -> None:
    run = fill()
    told = get(f"/api/runs/{run}").json()
    # The one answer that is not looked through on its way out.
    assert told.keys() == shapes.WholeRunShape.model_fields.keys()
    shapes.WholeRunShape.model_validate(told, strict=True)
    assert {"run", "playbook", "status", "output", "steps", "writes"} <= told.keys()
    assert (told["run"], told["status"], told["error"]) == (
        run, "failed", {**ERROR, "message": "The disk is full", "hint": "The disk is full", "step": "note"},
    )  # fmt: skip
    names = {"id", "status", "output", "error", "attempts", "started_at", "duration", "path", "item"}
    assert all(names <= step.keys() for step in told["steps"])
    places = [(step["id"], step["path"], step["item"]) for step in told["steps"]]
    assert places[2:4] == [("each", "each[0]", 0), ("note", "each[0]/note", None)]
    [write] = told["writes"]
    assert {"step", "command", "method", "path", "body"} <= write.keys()
    assert (write["command"], write["outcome"]) == ("ops.add_note", None)


def test_runs_are_paged_newest_first(get: Get, engine: Engine) -> None:
    _add(engine, ["chase"] * 7)
    first = get("/api/runs?limit=4").json()
    rest = get("/api/runs", params={"limit": 4, "before": first["next"]}).json()
    assert [run["run"] for run in first["runs"] + rest["runs"]] == [7, 6, 5, 4, 3, 2, 1]
    assert (first["total"], rest["total"], rest["next"]) == (7, 7, None)
    assert get("/api/runs?limit=7").json()["next"] is None


def test_runs_are_found_by_playbook_and_status(get: Get, engine: Engine, fill: Fill) -> None:
    _add(engine, ["other", "chase"])
    failed = fill()
    assert _numbers(get("/api/runs?playbook=other").json()) == [1]
    assert _numbers(get("/api/runs?playbook=chase").json()) == [failed, 2]
    assert _numbers(get("/api/runs?playbook=chase&status=queued").json()) == [2]
    assert get("/api/runs?status=failed").json()["total"] == 1
    assert get("/api/runs?playbook=&status=").json()["total"] == 4
    assert get("/api/runs?status=nonsense").json() == {"runs": [], "total": 0, "next": None}


@pytest.mark.parametrize("path", ["/api/events?limit=0", "/api/events?limit=501", "/api/events?before=2026%20a%20b",
                                  "/api/events?before=x", "/api/runs?before=0", "/api/runs?limit=x", "/api/runs/0",
                                  "/api/runs/x", "/api/runs/9007199254740993"])  # fmt: skip
def test_a_bad_parameter_is_answered_400_as_the_description_says(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 400
    told = answer.json()["error"]
    assert told.keys() == {"type", "message", "hint"}
    assert told["type"] in ("invalid_input", "bad_request")
    assert told["message"]


def test_every_answer_is_as_openapi_describes_it(get: Get, fill: Fill) -> None:
    run = fill()
    described = get("/api/openapi.json").json()
    known = described["components"]["schemas"]
    for path, way in described["paths"].items():
        if "get" not in way:
            continue
        schema = way["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        shape = known[schema["$ref"].rpartition("/")[2]]
        told = get(path.format(stream="ops.alerts", key="a1", run_id=run)).json()
        assert told.keys() == shape["properties"].keys(), path
        assert way["get"]["description"]


def _add(engine: Engine, playbooks: list[str]) -> None:
    with engine.database.transaction() as connection:
        digest = keep_text(connection, PLAYBOOK)
        add_runs(connection, [NewRun(playbook=name, digest=digest) for name in playbooks], NOW)


def _numbers(told: dict[str, Any]) -> list[int]:
    return [run["run"] for run in told["runs"]]
