"""`playbooks events`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.store import tables
from playbooks_engine.store.database import Database


@pytest.fixture
def stored(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> str:
    """An urgent alert of two versions and another one; the key of the urgent one."""
    urgent = opsgenie.has_alert(message="urgent", priority="P1")
    opsgenie.has_alert(message="minor", priority="P4")
    cli("fetch", "ops")
    opsgenie.advance(1)
    opsgenie.change(urgent.id, acknowledged=True)
    cli("fetch", "ops")
    return urgent.id


def test_the_list_has_the_agreed_shape(cli: Callable[..., Any], stored: str) -> None:
    document = cli("events", "list", "--json").json
    assert document["total"] == 2
    event = next(event for event in document["events"] if event["key"] == stored)
    assert list(event) == ["stream", "key", "version", "versions", "first_seen", "last_seen", "fields"]
    assert (event["stream"], event["versions"]) == ("ops.alerts", 2)
    assert event["fields"]["message"] == "urgent"


def test_a_condition_picks_events(cli: Callable[..., Any], stored: str) -> None:
    document = cli("events", "--where", "event.priority == 'P1' and event.acknowledged", "--json").json
    assert [event["key"] for event in document["events"]] == [stored]
    assert document["total"] == 1


def test_the_total_counts_what_the_limit_leaves_out(cli: Callable[..., Any], stored: str) -> None:
    ended = cli("events", "--limit", "1")
    assert len(ended.out.splitlines()) == 2
    assert ended.err == "1 of 2 events.\n"


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("event.prio == 'P1'", "no key 'prio'"),
        ("event.priority", "must be true or false"),
        ("event.priority ==", "--where:"),
    ],
)
def test_a_condition_that_is_none_is_wrong_usage(cli: Callable[..., Any], stored: str, where: str, told: str) -> None:
    ended = cli("events", "--where", where)
    assert ended.status == 2
    assert told in ended.err


def test_without_events_it_says_how_to_get_some(cli: Callable[..., Any], project: Path) -> None:
    assert cli("events").err == "No event is stored. Fetch some: playbooks fetch\n"
    assert cli("events", "--json").json == {"events": [], "total": 0}


def test_an_event_shows_all_its_versions_and_what_changed(cli: Callable[..., Any], stored: str) -> None:
    ended = cli("events", "show", stored)
    assert ended.out.startswith(f"ops.alerts {stored}\n2 versions, first seen ")
    assert "acknowledged: false -> true" in ended.out
    document = cli("events", "show", stored, "--json").json
    assert [one["number"] for one in document["history"]] == [1, 2]
    changed = {change["name"]: change["after"] for change in document["history"][1]["changes"]}
    assert changed["acknowledged"] is True


def test_an_event_is_shown_by_its_tiny_id_too(cli: Callable[..., Any], stored: str, opsgenie: Simulator) -> None:
    tiny = next(alert.tiny_id for alert in opsgenie.alerts if alert.id == stored)
    assert cli("events", "show", tiny, "--json").json["key"] == stored


@pytest.mark.parametrize("words", [("list",), ("show", "1")])
def test_a_stream_that_is_none_is_wrong_usage(cli: Callable[..., Any], stored: str, words: tuple[str, ...]) -> None:
    ended = cli("events", *words, "--stream", "ops.alrts")
    assert (ended.status, ended.out) == (2, "")
    assert "did you mean ops.alerts?" in ended.err


def test_an_unknown_key_is_told(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("events", "show", "nope")
    assert ended.status == 2
    assert 'No event "nope" is stored.' in ended.err


@pytest.fixture
def hours_old(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> list[str]:
    """Four stored alerts of five hours ago."""
    at = opsgenie.now - timedelta(hours=5)
    alerts = [opsgenie.has_alert(created_at=at + timedelta(seconds=n), updated_at=at) for n in range(4)]
    cli("fetch", "ops")
    return [alert.id for alert in alerts]


def test_an_audit_without_gaps_says_so_and_exits_0(cli: Callable[..., Any], hours_old: list[str]) -> None:
    ended = cli("events", "audit")
    assert ended.status == 0
    assert "4 at the service, 4 stored" in ended.out
    assert ended.out.endswith("Nothing is missing.\n")


def test_an_audit_names_each_gap_says_how_to_fill_it_and_exits_1(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator, hours_old: list[str]
) -> None:
    with Database.open("sqlite:///.playbooks/store.db", folder=project) as database, database.transaction() as lost:
        for table in (tables.event, tables.event_version):
            lost.execute(delete(table).where(table.c.key == hours_old[2]))
    alert = opsgenie.alert(hours_old[0])
    assert alert is not None
    opsgenie.state.alerts.remove(alert)

    document = cli("events", "audit", "ops.alerts", "--since", "24h", "--json")
    assert document.status == 1
    [stream] = document.json["streams"]
    assert (stream["status"], stream["listed"], stream["stored"]) == ("gaps", 3, 3)
    assert [one["key"] for one in stream["deleted"]] == [hours_old[0]]

    ended = cli("events", "audit", "--stream", "ops.alerts")
    assert ended.status == 1
    assert f"  missing: {hours_old[2]}, created " in ended.out
    assert f"deleted by the service: {hours_old[0]}, created " in ended.out
    advice = ended.out.splitlines()[-1]
    assert advice.startswith("Fetch what is missing: playbooks fetch ops.alerts --since ")
    assert cli(*advice.partition("playbooks ")[2].split()).status == 0
    assert cli("events", "audit").status == 0


def test_an_audit_of_a_stream_that_was_never_fetched_is_wrong_usage(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("events", "audit", "ops.alerts")
    assert ended.status == 2
    assert "playbooks fetch ops.alerts" in ended.err
    assert cli("events", "audit", "ops.alerts", "--stream", "ops.other").status == 2
