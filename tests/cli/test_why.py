"""`playbooks why`: both questions of a bad night, asked as people ask them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.cli.app import run

CHASE = """
name: chase
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and event.priority == 'P1'
    for: 10m
connections: {ops: opsgenie}
steps:
  - {id: note, uses: ops.add_note, with: {identifier: "${{ event.id }}", note: hello}}
"""


@pytest.fixture
def low(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> Any:
    """A stored alert that no trigger cares for."""
    (project / "playbooks" / "chase.yml").write_text(CHASE)
    alert = opsgenie.has_alert(message="Disk is filling", priority="P4", alias="disk-web-1")
    cli("fetch", "ops")
    return alert


def test_it_tells_what_happened_and_ends_with_the_answer(cli: Callable[..., Any], low: Any) -> None:
    cli("run", "chase", "--event", low.id)
    ended = cli("why", low.id)
    lines = ended.out.splitlines()
    assert ended.status == 0
    assert lines[0] == "Disk is filling"
    assert lines[1] == f"ops.alerts  {low.id}  P4  open"
    assert any(re.fullmatch(r"\d\d:\d\d:\d\d  version 1: it was stored for the first time", line) for line in lines)
    assert any("chase  it does not match (judged now)" in line for line in lines)
    assert any("event.status is open, event.priority is P4" in line for line in lines)
    assert any(f"run 1, added a note to alert {low.id} on ops: allowed by alerts: write" in line for line in lines)
    assert lines[-1] == "Run 1 of chase succeeded, with 1 change made."


def test_why_nothing_ran(cli: Callable[..., Any], low: Any) -> None:
    lines = cli("why", low.id).out.splitlines()
    assert lines[-1] == (
        "Nothing ran. chase: it has not looked at this stream yet; what matches already is then its baseline. "
        "Mind that no service is running: triggers look at events only while `playbooks serve` runs."
    )


def test_the_document_has_all_of_it(cli: Callable[..., Any], low: Any) -> None:
    document = cli("why", low.id, "--json").json
    assert list(document) == ["event", "story", "triggers", "circumstances", "answer"]
    assert document["event"]["key"] == low.id
    assert [entry["kind"] for entry in document["story"]] == ["stored", "considered"]
    assert document["story"][1]["saw"] == [["event.status", "open"], ["event.priority", "P4"]]
    assert [(one["playbook"], one["state"]) for one in document["triggers"]] == [("chase", "not considered")]


def test_a_tiny_id_or_an_alias_does_as_well(cli: Callable[..., Any], low: Any) -> None:
    for name in (low.tiny_id, low.alias):
        assert cli("why", name, "--json").json["event"]["key"] == low.id


def test_a_key_that_nothing_has_suggests_one_and_how_to_fetch(cli: Callable[..., Any], low: Any) -> None:
    ended = cli("why", low.id[:-4] + "aaaa")
    assert ended.status == 2
    assert f"did you mean {low.id}?" in ended.err
    assert "playbooks fetch ops.alerts --since 1d" in ended.err
    assert cli("why", "x", "--stream", "ops.other").err.startswith('No event "x" is stored in ops.other')


def test_a_name_that_several_have_is_asked_back(cli: Callable[..., Any], low: Any, opsgenie: Simulator) -> None:
    opsgenie.change(low.id, status="closed")
    again = opsgenie.has_alert(message="again", alias=low.alias)
    cli("fetch", "ops")
    ended = cli("why", low.alias)
    assert ended.status == 2
    assert low.id in ended.err
    assert again.id in ended.err


def test_no_secret_is_shown(cli: Callable[..., Any], low: Any, opsgenie: Simulator) -> None:
    opsgenie.change(low.id, message=f"the key is {opsgenie.key}")
    cli("fetch", "ops")
    for more in ((), ("--json",)):
        ended = cli("why", low.id, *more)
        assert opsgenie.key not in ended.out + ended.err
        assert "the key is ***" in ended.out


def test_without_a_terminal_there_is_no_colour(low: Any, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    run(["why", low.id])
    assert "\x1b" not in capsys.readouterr().out
