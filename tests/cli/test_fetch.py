"""`playbooks fetch`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.opsgenie.simulator.running import Simulator


def test_what_is_new_updated_and_unchanged_is_told_apart(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    first, _ = opsgenie.has_alert(message="a"), opsgenie.has_alert(message="b")
    document = cli("fetch", "ops", "--json").json
    assert (document["stream"], document["new"], document["updated"], document["unchanged"]) == ("ops.alerts", 2, 0, 0)
    assert document["complete_up_to"].endswith("Z")
    assert document["requests"] >= 1
    opsgenie.change(first.id, priority="P1")
    opsgenie.has_alert(message="c")
    ended = cli("fetch", "ops.alerts")
    assert ended.status == 0
    assert ended.out.splitlines()[0].startswith("ops.alerts: 1 new, 1 updated, 1 unchanged (")
    assert ended.out.splitlines()[1].startswith("Complete up to ")


def test_a_fetch_of_a_window_moves_no_watermark(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> None:
    opsgenie.has_alert(message="a")
    for flags in (("--since", "2h"), ("--until", "2099-01-01 00:00"), ("--query", "status: open"), ("--limit", "1")):
        assert cli("fetch", "ops", *flags, "--json").json["complete_up_to"] is None


def test_an_unknown_stream_is_told_with_a_suggestion(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("fetch", "ops.alert")
    assert ended.status == 2
    assert "did you mean ops.alerts?" in ended.err


def test_a_window_that_ends_before_it_begins_fetches_nothing(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    assert cli("fetch", "ops", "--since", "1h", "--until", "2h").status == 2
    assert not opsgenie.ledger


def test_a_refused_fetch_exits_1(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> None:
    opsgenie.change_key(opsgenie.key, enabled=False)
    ended = cli("fetch", "ops", "--json")
    assert ended.status == 1
    assert ended.json["error"]["type"] == "auth"
