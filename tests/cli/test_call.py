"""`playbooks call`: JSON as the contract has it, and readable answers."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator

SIX = [
    ("fetch_event", ("--number-of-events", "5")),
    ("get_schedules", ()),
    ("get_on_call_user", ("--schedule-name", "ops_primary")),
    ("get_schedule_timeline", ("--schedule-name", "ops_primary")),
    ("get_single_user", ("--identifier", "ben@example.com")),
    ("test_connection", ()),
]


@pytest.mark.parametrize(("name", "flags"), SIX)
def test_each_of_the_six_commands_answers_in_the_agreed_shape(
    cli: Callable[..., Any], project: Path, name: str, flags: tuple[str, ...]
) -> None:
    ended = cli("call", f"ops.{name.replace('_', '-')}", *flags, "--json")
    document = ended.json
    assert ended.status == 0
    assert list(document) == [
        "command", "status", "return_data", "output", "raw", "error", "duration", "requests",
    ]  # fmt: skip
    assert document["command"] == f"ops.{name}"
    assert (document["status"], document["return_data"], document["error"]) == ("succeeded", "Successful", None)
    assert document["output"] == document["raw"]["data"] or name == "test_connection"
    assert document["requests"] >= 1


@pytest.mark.parametrize(
    ("words", "kind", "indicator"),
    [
        (("get-on-call-user", "--schedule-name", "nope"), "not_found", "Get On-call User failed."),
        (("get-single-user", "--identifier", "nobody@example.com"), "not_found", "Get Single User failed."),
        (("get-schedule-timeline", "--schedule-name", "nope"), "not_found", "Get Schedule Timeline failed."),
    ],
)
def test_a_documented_failure_has_its_three_parts_and_a_hint(
    cli: Callable[..., Any], project: Path, words: tuple[str, ...], kind: str, indicator: str
) -> None:
    ended = cli("call", f"ops.{words[0]}", *words[1:], "--json")
    document = ended.json
    assert ended.status == 1
    assert (document["status"], document["return_data"]) == ("failed", "Failed")
    assert document["output"] is document["raw"] is None
    error = document["error"]
    assert list(error) == ["type", "indicator", "status_code", "message", "hint", "retryable", "request_id"]
    assert (error["type"], error["indicator"], error["status_code"]) == (kind, indicator, 404)
    assert error["hint"]
    assert error["request_id"]


def test_as_a_process_stdout_holds_the_document_and_nothing_else(process: Callable[..., Any], project: Path) -> None:
    ended = process("call", "ops.get-schedules", "--json")
    assert ended.json["return_data"] == "Successful"
    assert ended.err == ""


def test_dashes_and_underscores_are_the_same(cli: Callable[..., Any], project: Path) -> None:
    one = cli("call", "ops.get-on-call-user", "--schedule-name", "ops_primary", "--json").json["output"]
    other = cli("call", "ops.get_on_call_user", "--schedule_name", "ops_primary", "--json").json["output"]
    assert one == other


def test_a_list_is_shown_as_a_table_and_the_summary_beside_it(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("call", "ops.get-schedules")
    assert ended.out.splitlines()[0].split()[:2] == ["id", "name"]
    assert "ops_primary" in ended.out
    assert ended.err.startswith("Get Schedules: Successful, 3 items, 1 request, ")


def test_one_thing_is_shown_as_names_and_values(cli: Callable[..., Any], project: Path) -> None:
    lines = [
        line.split() for line in cli("call", "ops.get-single-user", "--identifier", "ben@example.com").out.splitlines()
    ]
    assert ["username", "ben@example.com"] in lines


def test_a_failure_is_told_in_the_form_that_operators_know(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("call", "ops.get-on-call-user", "--schedule-name", "nope")
    assert ended.out == ""
    assert ended.err.splitlines()[0] == (
        "Get On-call User failed. Status Code: 404. Message: No schedule exists with name [nope]."
    )


def test_help_lists_the_inputs_with_their_limits(cli: Callable[..., Any], project: Path) -> None:
    told = " ".join(cli("call", "ops.create-alert", "--help").out.split())
    assert "--message TEXT The title of the alert. [required; at most 130 characters]" in told
    assert "--priority [P1|P2|P3|P4|P5]" in told
    assert "Needs `allow: {alerts: write}`." in told


def test_help_without_a_command_lists_those_of_the_project(cli: Callable[..., Any], project: Path) -> None:
    assert "ops.get-schedules" in cli("call", "--help").out


def test_help_needs_no_project(cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("call", "--help").status == 0


def test_a_plan_shows_the_request_and_sends_nothing(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    words = ("call", "ops.create-alert", "--message", "hello", "--tags", "a", "--tags", "b", "--plan")
    document = cli(*words, "--json").json
    assert document["status"] == "planned"
    assert document["writes"] == [
        {
            "command": "ops.create_alert",
            "method": "POST",
            "path": "/v2/alerts",
            "body": {"message": "hello", "tags": ["a", "b"]},
        }
    ]
    shown = cli(*words)
    assert "POST /v2/alerts" in shown.out
    assert "Nothing was sent" in shown.err
    assert not opsgenie.applied


def test_a_change_is_confirmed_before_it_counts(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> None:
    document = cli("call", "ops.create-alert", "--message", "hello", "--details", "a=1", "--json").json
    assert document["output"]["isSuccess"] is True
    [alert] = opsgenie.alerts
    assert document["output"]["alertId"] == alert.id


def test_what_is_no_command_says_how_one_is_written(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("call", "get-schedules")
    assert ended.status == 2
    assert "write CONNECTION.COMMAND" in ended.err
    assert "connections of this project: ops" in ended.err


def test_an_unknown_flag_is_told_with_a_suggestion(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("call", "ops.get-on-call-user", "--scedule-name", "x")
    assert ended.status == 2
    assert "Did you mean '--schedule-name'?" in ended.err


def test_an_alert_with_terminal_orders_in_it_is_shown_and_not_obeyed(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    opsgenie.has_alert(message="\x1b[2J\u202eevil")
    plain = cli("call", "ops.list-alerts")
    assert "\\x1b[2J\\u202eevil" in plain.out
    assert "\x1b" not in plain.out + plain.err
    assert cli("call", "ops.list-alerts", "--json").json["output"][0]["message"] == "\x1b[2J\u202eevil"


def test_a_key_that_the_service_sends_back_is_not_shown(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    opsgenie.has_alert(message=f"GenieKey {opsgenie.key}")
    for words in ((), ("--json",)):
        assert opsgenie.key not in cli("call", "ops.list-alerts", *words).out


def test_interrupted_in_a_change_it_says_that_it_may_have_happened(project: Path, opsgenie: Simulator) -> None:
    opsgenie.misbehave("slow", method="POST", seconds=3)
    words = [sys.executable, "-m", "playbooks_engine", "call", "ops.create-alert", "--message", "hello"]
    child = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 20
    while not opsgenie.ledger:
        assert time.monotonic() < end
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=20)
    assert child.returncode == 130
    assert "The change may have happened" in told
    assert "Traceback" not in told
