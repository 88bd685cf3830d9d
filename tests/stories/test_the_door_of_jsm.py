"""Nightingale pushes to the door of Jira Service Management: every part a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TOOL = (sys.executable, "-m", "playbooks_engine")
PLAYBOOK = Path(__file__).parents[2] / "playbooks/nightingale_push.yml"
EVENT = {"hash": "3f1c", "rule_name": "Disk almost full", "severity": 2, "is_recovered": False, "tags": ["db-01"]}
OFFERED = ("create_alert", "acknowledge_alert", "close_alert", "add_note", "get_request_status")

Tool = Callable[..., tuple[int, Any]]


@pytest.fixture
def simulator() -> Iterator[dict[str, Any]]:
    """What the simulator says of itself when it begins to serve."""
    child = subprocess.Popen(
        [*TOOL, "simulator", "opsgenie", "--quiet", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    text = ""
    while not text.endswith("\n}\n"):
        text += child.stdout.readline()
    yield json.loads(text)
    child.terminate()
    rest, _ = child.communicate(timeout=20)
    assert (child.returncode, rest) == (0, "")


@pytest.fixture
def tool(simulator: dict[str, Any], tmp_path: Path) -> Tool:
    """Perform a command line in a project on the door; its status and its JSON."""
    (tmp_path / "playbooks").mkdir()
    shutil.copy(PLAYBOOK, tmp_path / "playbooks")
    address = f"{simulator['url']}/jsm/ops/integration"
    connection = {
        "connector": "opsgenie",
        "server_url": address,
        "api_key": "env:DOOR_KEY",
        "allow": {"alerts": "full"},
    }
    (tmp_path / "project.yml").write_text(json.dumps({"connections": {"ops": connection}}))

    def perform(*words: str) -> tuple[int, Any]:
        environment = {**os.environ, "DOOR_KEY": simulator["keys"][0]["key"]}
        command = [*TOOL, "--json", "--project", str(tmp_path), *words]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
        return ended.returncode, json.loads(ended.stdout)

    return perform


def looked(simulator: dict[str, Any], at: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{simulator['url']}/_simulator/{at}") as answer:
        shown: list[dict[str, Any]] = json.load(answer)[at]
        return shown


def test_an_event_of_nightingale_opens_an_alert_and_its_recovery_closes_it(
    simulator: dict[str, Any], tool: Tool
) -> None:
    assert tool("check") == (0, {"files": 2, "findings": []})
    for recovered in (False, True):
        event = json.dumps({**EVENT, "is_recovered": recovered})
        status, ended = tool("run", "nightingale_push", "--input", f"alert={event}")
        assert (status, ended["status"], ended["output"]["closed"]) == (0, "succeeded", recovered)
    effects = [(effect["action"], effect["alias"]) for effect in looked(simulator, "applied")]
    assert effects == [("Create", "3f1c"), ("Close", "3f1c")]


def test_the_five_commands_of_the_door_work_and_the_connection_is_tested(simulator: dict[str, Any], tool: Tool) -> None:
    by = ("--identifier", "k", "--identifier-type", "alias")
    status, made = tool("call", "ops.create_alert", "--message", "x", "--alias", "k")
    assert (status, made["output"]["isSuccess"]) == (0, True)
    for words in (("ops.acknowledge_alert", *by), ("ops.add_note", *by, "--note", "Seen"), ("ops.close_alert", *by)):
        assert tool("call", *words)[0] == 0, words
    request_id = looked(simulator, "applied")[0]["request_id"]
    status, asked = tool("call", "ops.get_request_status", "--request-id", request_id)
    assert (status, asked["output"]["alertId"]) == (0, made["output"]["alertId"])
    assert tool("connections", "test", "ops")[1]["status"] == "passed"
    assert [effect["action"] for effect in looked(simulator, "applied")] == [
        "Create",
        "Acknowledge",
        "AddNote",
        "Close",
    ]


@pytest.mark.parametrize("words", [("ops.get_schedules",), ("ops.delete_alert", "--identifier", "x", "--plan")])
def test_any_other_command_says_what_the_door_offers_and_asks_nothing(
    simulator: dict[str, Any], tool: Tool, words: tuple[str, ...]
) -> None:
    status, ended = tool("call", *words)
    assert (status, ended["status"], ended["error"]["type"]) == (2, "failed", "invalid_input")
    assert all(name in ended["error"]["hint"] for name in OFFERED)
    assert looked(simulator, "ledger") == []
    assert tool("connections", "audit", "ops")[1]["calls"] == []


def test_an_answer_that_is_lost_at_the_door_is_never_called_done_and_never_repeated(
    simulator: dict[str, Any], tool: Tool
) -> None:
    body = json.dumps({"kind": "reset_after", "match": {"method": "POST"}}).encode()
    urllib.request.urlopen(f"{simulator['url']}/_simulator/faults", data=body).close()
    status, ended = tool("call", "ops.create_alert", "--message", "x", "--alias", "k")
    assert (status, ended["error"]["type"]) == (1, "outcome_unknown")
    assert [effect["action"] for effect in looked(simulator, "applied")] == ["Create"]
    assert [request["method"] for request in looked(simulator, "ledger")] == ["POST"]
