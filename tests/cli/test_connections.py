"""`playbooks connections`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator


def test_the_list_shows_where_a_secret_is_kept_and_never_the_secret(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    ended = cli("connections")
    assert ended.status == 0
    assert ended.out.splitlines()[1].split() == [
        "ops", "opsgenie", opsgenie.url, "env:OPSGENIE_API_KEY", "active", "unknown", "alerts:", "write",
    ]  # fmt: skip
    assert opsgenie.key not in ended.out


def test_the_references_of_a_message_connection_are_listed_too(cli: Callable[..., Any], project: Path) -> None:
    with (project / "project.yml").open("a") as settings:
        settings.write("  chat: {connector: notify, urls: [env:CHAT_URL], active: false}\n")
    text = (project / "project.yml").read_text().replace("web: {port: 0}\n", "")
    (project / "project.yml").write_text(text)
    _, chat = cli("connections", "--json").json["connections"]
    assert chat["secrets"] == ["env:CHAT_URL"]
    assert chat["active"] is False
    assert chat["address"] is None


def test_a_passed_test_is_recorded_and_shown_in_the_history(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("connections", "test", "ops", "--json")
    document = ended.json
    assert ended.status == 0
    assert list(document) == ["connection", "status", "checked_at", "latency", "error"]
    assert (document["connection"], document["status"], document["error"]) == ("ops", "passed", None)
    assert document["checked_at"].endswith("Z")
    history = cli("connections", "health", "ops", "--json").json
    assert (history["health"], [check["status"] for check in history["checks"]]) == ("up", ["passed"])
    assert 'Connection "ops" is up since ' in cli("connections", "health", "ops").out
    assert cli("connections", "--json").json["connections"][0]["health"] == "up"


def test_a_failed_test_exits_1_and_says_so_in_the_agreed_words(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    opsgenie.change_key(opsgenie.key, enabled=False)
    ended = cli("connections", "test", "ops")
    assert ended.status == 1
    assert ended.err.startswith("Test Connection failed. Failed to check the connector. Status Code: 401.")
    document = cli("connections", "test", "ops", "--json").json
    assert (document["status"], document["error"]["type"]) == ("failed", "auth")
    assert "down" in cli("connections", "health", "ops").out


def test_a_missing_secret_is_a_failed_test_and_recorded(
    cli: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPSGENIE_API_KEY")
    assert cli("connections", "test", "ops").status == 1
    assert len(cli("connections", "health", "ops", "--json").json["checks"]) == 1


def test_a_connection_that_was_never_checked_says_how_to(cli: Callable[..., Any], project: Path) -> None:
    assert "playbooks connections test ops" in cli("connections", "health", "ops").err


def test_an_inactive_connection_is_not_called(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> None:
    text = (
        (project / "project.yml").read_text().replace("connector: opsgenie", "connector: opsgenie\n    active: false")
    )
    (project / "project.yml").write_text(text)
    ended = cli("connections", "test", "ops")
    assert ended.status == 2
    assert "is not active" in ended.err
    assert not opsgenie.ledger


def test_each_call_leaves_a_sentence(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> None:
    alert = opsgenie.has_alert(message="a")
    cli("call", "ops.add-note", "--identifier", alert.id, "--note", "seen")
    ended = cli("connections", "audit", "ops")
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \w+ added a note to alert {alert.id} on ops: allowed by alerts: write\n",
        ended.out,
    )
    [call] = cli("connections", "audit", "ops", "--json").json["calls"]
    assert call["sentence"] in ended.out
    assert (call["command"], call["outcome"]) == ("add_note", "succeeded")


def test_without_a_call_the_audit_says_so(cli: Callable[..., Any], project: Path) -> None:
    assert "No call was made" in cli("connections", "audit", "ops").err


def test_the_description_tells_what_each_command_does_and_needs(cli: Callable[..., Any], project: Path) -> None:
    told = cli("connections", "describe", "ops").out
    assert "ops.add_note  write, alerts, allowed\n" in told
    assert "POST /v2/alerts/{identifier}/notes; the key needs: Create and update" in told
    assert "ops.create_incident  write, incidents, not allowed: needs `allow: {incidents: write}`" in told
    commands = {one["command"]: one for one in cli("connections", "describe", "ops", "--json").json["commands"]}
    assert commands["ops.get_on_call_user"]["inputs"][0] == {
        "name": "schedule_name",
        "required": True,
        "type": "text",
        "default": None,
        "description": "The name of the schedule, as get_schedules returns it.",
    }


def test_one_command_is_described_with_its_inputs(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("connections", "describe", "ops", "create_alert")
    lines = ended.out.splitlines()
    assert lines[0] == "ops.create_alert  write, alerts, allowed"
    at = lines.index("    message*  text, at most 130 characters")
    assert lines[at + 1] == "        The title of the alert."
    assert "    priority  P1, P2, P3, P4, P5" in lines
    assert ended.err == "* must be given. Try it: playbooks call ops.create-alert --help\n"
    for spelled in ("create-alert", "ops.create_alert"):
        assert cli("connections", "describe", "ops", spelled).out == ended.out
    assert "    inputs: none" in cli("connections", "describe", "ops", "get_account").out


def test_commands_are_chosen_by_area(cli: Callable[..., Any], project: Path) -> None:
    commands = cli("connections", "describe", "ops", "--area", "schedules", "--json").json["commands"]
    assert {one["area"] for one in commands} == {"schedules"}
    assert {"ops.get_schedules", "ops.get_on_call_user"} <= {one["command"] for one in commands}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["get_oncall_user"], "did you mean ops.get_on_call_user?"),
        (["--area", "schedule"], "did you mean schedules?"),
        (["get_alert", "--area", "alerts"], "Give COMMAND or --area."),
    ],
)
def test_what_is_not_there_to_be_described_is_told(
    cli: Callable[..., Any], project: Path, words: list[str], told: str
) -> None:
    ended = cli("connections", "describe", "ops", *words)
    assert (ended.status, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize("word", ["test", "health", "audit", "describe"])
def test_an_unknown_connection_is_told_with_a_suggestion(cli: Callable[..., Any], project: Path, word: str) -> None:
    ended = cli("connections", word, "op")
    assert ended.status == 2
    assert "did you mean ops?" in ended.err
