"""`playbooks eval`, as people ask it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator


@pytest.fixture
def alert(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> Any:
    """A stored alert."""
    alert = opsgenie.has_alert(message="Disk is filling", priority="P4", alias="disk-web-1", tags=["disk", "web"])
    cli("fetch", "ops")
    return alert


def test_the_value_is_printed_as_json(cli: Callable[..., Any], alert: Any) -> None:
    ended = cli("eval", "event.tags", "--event", alert.id)
    assert (ended.status, json.loads(ended.out), ended.err) == (0, ["disk", "web"], "")
    assert cli("eval", "event.message", "--event", "disk-web-1").out == '"Disk is filling"\n'
    assert cli("eval", "${{ event.priority }}: ${{ event.message }}", "--event", alert.id).json == "P4: Disk is filling"


def test_of_a_condition_it_says_what_each_part_saw(cli: Callable[..., Any], alert: Any) -> None:
    ended = cli("eval", "event.priority == 'P4' and event.tags | length > 3", "--event", alert.id)
    assert (ended.status, ended.out) == (0, "false\n")
    assert ended.err == "  event.priority is P4\n  event.tags | length is 2\n"


def test_a_document_has_all_of_it(cli: Callable[..., Any], alert: Any) -> None:
    told = cli("eval", "event.priority == 'P1'", "--event", alert.id, "--json")
    assert (told.status, told.err) == (0, "")
    saw = [{"expression": "event.priority", "value": "P4"}]
    assert told.json == {"expression": "event.priority == 'P1'", "value": False, "saw": saw, "doubts": []}


def test_an_expression_without_a_value_is_pointed_at(cli: Callable[..., Any], alert: Any) -> None:
    ended = cli("eval", "event.prioritty == 'P1'", "--event", alert.id)
    lines = ended.err.splitlines()
    assert (ended.status, ended.out) == (1, "")
    assert lines[0].startswith("no key 'prioritty'; it has: ")
    assert lines[0].endswith("Did you mean 'priority'?")
    assert lines[1:] == ["    1 | event.prioritty == 'P1'", "      |       ^^^^^^^^^"]


def test_the_error_of_a_document_has_its_place(cli: Callable[..., Any], alert: Any) -> None:
    told = cli("eval", "event.count > 0 and\n  event.x", "--event", alert.id, "--json")
    assert told.status == 1
    error = told.json["error"]
    assert (error["type"], error["line"], error["column"], error["length"]) == ("invalid_input", 2, 9, 1)
    assert told.json["saw"] == [{"expression": "event.count", "value": 1}]


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("event.priority",), 1, "name one with --event KEY, or a run that has one with --run ID"),
        (("steps.a.output",), 1, "name a run with --run ID"),
        (("event.priority", "==", "P1"), 2, "Put it in quotes: playbooks eval \"event.priority == 'P1'\""),
        (("1 = 1",), 1, "to compare, write =="),
        (("",), 1, "there is no expression here"),
        (("1 | uper",), 1, "did you mean upper?"),
        (("1", "--event", "nobody"), 2, 'No event "nobody" is stored.\n  see: playbooks events list'),
        (("1", "--event", "disk-web-2", "--stream", "ops.alerts"), 2, "is stored in ops.alerts."),
        (("1", "--run", "99"), 2, "There is no run 99.\n  See: playbooks runs list"),
        (("1", "--run", "one"), 2, "'one' is not a valid integer"),
        (("1", "--event", "@nothing.json"), 2, "nothing.json cannot be read"),
        (("1", "--stream", "ops.alerts"), 2, "Give --event too."),
        ((), 2, "Missing argument 'EXPR"),
    ],
)
def test_whatever_goes_wrong_it_says_whose_move_it_is(
    cli: Callable[..., Any], alert: Any, words: tuple[str, ...], status: int, told: str
) -> None:
    ended = cli("eval", *words)
    assert (ended.status, ended.out) == (status, "")
    assert told in ended.err


def test_a_key_that_is_nearly_one_is_suggested(cli: Callable[..., Any], alert: Any) -> None:
    wrong = f"{alert.id[:-1]}x"
    assert alert.id in cli("eval", "1", "--event", wrong).err


def test_an_event_may_come_from_a_file(cli: Callable[..., Any], project: Path) -> None:
    (project / "event.json").write_text(json.dumps({"data": {"id": "a1", "priority": "P1", "tags": []}}))
    assert cli("eval", "event.priority == 'P1'", "--event", "@event.json").out == "true\n"
    settings = (project / "project.yml").read_text()
    (project / "project.yml").write_text(settings.replace("web:", "  eu: {connector: opsgenie, api_key: env:K}\nweb:"))
    ended = cli("eval", "event.priority", "--event", "@event.json")
    assert ended.status == 2
    assert "Name it with --stream: ops.alerts, eu.alerts" in ended.err
    assert cli("eval", "event.priority", "--event", "@event.json", "--stream", "eu.alerts").out == '"P1"\n'


def test_a_run_can_be_asked(cli: Callable[..., Any], alert: Any, playbook: Callable[[str, str], Path]) -> None:
    find = "inputs: {limit: {type: integer, default: 5}}\nsteps:\n  - {id: find, uses: ops.list_alerts}\n"
    playbook("look", find)
    assert cli("run", "look").status == 0
    ended = cli("eval", "steps.find.output | length < inputs.limit", "--run", "1")
    assert (ended.out, ended.err) == ("true\n", "  steps.find.output | length is 1\n  inputs.limit is 5\n")
    assert cli("eval", "run.status", "--run", "1").out == '"succeeded"\n'
    # The time is that of the run's end: what a condition saw then, it sees now.
    times = cli("eval", "[now() == run.started_at, now() >= run.started_at]", "--run", "1").json
    assert times[1] is True
    assert cli("eval", "now()", "--run", "1").out == cli("eval", "now()", "--run", "1").out
    both = cli("eval", "event.priority ~ run.id", "--run", "1", "--event", alert.id)
    assert both.out == '"P41"\n'


def test_no_secret_is_shown(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> None:
    leaking = opsgenie.has_alert(message=f"the key {opsgenie.key} leaked")
    cli("fetch", "ops")
    for flags in ((), ("--json",)):
        ended = cli("eval", "event.message is defined and 'leaked' in event.message", "--event", leaking.id, *flags)
        assert ended.status == 0
        assert opsgenie.key not in ended.out + ended.err
