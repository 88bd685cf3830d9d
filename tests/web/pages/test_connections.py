"""One connection: its settings, its health over time, and every call made with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.sdk import Connection as Account
from playbooks_engine.store import health
from playbooks_engine.store.events import Stored, StreamRow, begin_fetch, end_fetch
from playbooks_engine.web.pages.connections import CHECKS, settings, streams_of
from tests.web.conftest import ERROR, KEY, NOW, Fill, Get, words
from tests.web.test_hostile import check


def account(**values: Any) -> Account:
    return Account.model_validate({"connector": "opsgenie", **values})


def test_it_is_shown_without_its_secret(get: Get, fill: Fill) -> None:
    fill()
    answer = get("/connections/ops")
    page = words(check(answer.text).text)
    assert "env:OPSGENIE_API_KEY" in page
    assert KEY not in answer.text
    assert "playbook chase, run 1, tried to add a note to alert The disk is full on ops: allowed by" in page
    assert "not found, status 404" in page
    assert "Main account" in page
    assert "down for 0 s" in page


def test_one_never_used_says_so(get: Get) -> None:
    page = words(check(get("/connections/ops").text).text)
    for told in ("ops unknown", "It was never checked.", "No command was called on it yet.", "not fetched yet"):
        assert told in page


def test_one_that_is_not_in_the_project_is_not_shown(get: Get) -> None:
    answer = get("/connections/chat")
    assert answer.status_code == 404
    assert "There is no connection chat in project.yml." in check(answer.text).text


def test_its_checks_are_counted_and_the_oldest_stands_left(get: Get, engine: Engine) -> None:
    with engine.database.transaction() as connection:
        for turn in range(CHECKS + 5):
            failed = turn == CHECKS + 4
            row = health.HealthCheck(
                connection="ops", checked_at=NOW + timedelta(minutes=turn), status="failed" if failed else "passed",
                latency=0.085, error=ERROR if failed else None,
            )  # fmt: skip
            health.add_check(connection, row)
    page = check(get("/connections/ops").text)
    assert f"The last {CHECKS}, oldest first; 1 of them failed." in page.text
    strip = [given["class"] for tag, given in page.found if tag == "li" and given.get("class") in ("ok", "bad")]
    assert strip == ["ok"] * (CHECKS - 1) + ["bad"]
    assert "Could not authenticate" in page.text
    assert "85 ms" in page.text


def test_its_fetches_are_told_with_what_they_brought(get: Get, engine: Engine) -> None:
    with engine.database.transaction() as connection:
        done = begin_fetch(connection, "ops.alerts", "tick", NOW)
        end_fetch(connection, done, NOW + timedelta(seconds=2), stored=Stored(new=31, updated=4), requests=3)
        failed = begin_fetch(connection, "ops.alerts", "sweep", NOW)
        end_fetch(connection, failed, NOW, error=ERROR)
        begin_fetch(connection, "ops.alerts", "manual", NOW)
    page = words(check(get("/connections/ops").text.replace("<td>", " <td>")).text)
    assert "tick 31 4 0 0 3 took 2.0 s" in page
    assert "sweep 0 0 0 0 0 Test Connection failed." in page
    assert "manual 0 0 0 0 0 under way, or its process died" in page


def test_the_streams_it_is_set_to_fetch_come_first_and_no_other_connections_ones() -> None:
    stored = {name: StreamRow(stream=name) for name in ("ops.old", "ops.alerts", "ops2.alerts", "chat.alerts")}
    assert streams_of("ops", account(fetch={"incidents": {}, "alerts": {}}), stored) == [
        "ops.incidents", "ops.alerts", "ops.old",
    ]  # fmt: skip


def test_settings_are_told_as_the_file_has_them() -> None:
    told = settings(
        account(
            description="never here",
            active=False,
            allow={"alerts": "write"},
            health_check={"every": "5m"},
            fetch={"alerts": {"every": "90s", "page_size": 20}},
        )
    )
    assert told[:4] == [
        ("connector", "opsgenie"), ("active", False), ("allow.alerts", "write"), ("health_check.every", "5m"),
    ]  # fmt: skip
    assert {"fetch.alerts.page_size": 20, "fetch.alerts.detail": False}.items() <= dict(told).items()
    assert dict(told)["fetch.alerts.every"] in ("90s", "1m30s")
    assert not {"description", "health_check.notify", "fetch.alerts.query"} & dict(told).keys()
