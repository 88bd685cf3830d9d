"""Every operation that the five documents name, in one playbook for each document, run as a process."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import command_line
from seed_operations import BY_DOCUMENT

from connectors.opsgenie import connector
from connectors.opsgenie.simulator.running import Simulator

PLAYBOOKS = Path(__file__).parent / "playbooks"
EVENT = {
    "hash": "n9e-1", "rule_name": "CPU is hot", "severity": 2, "content": "CPU above 90 %", "tags": ["env=prod"],
    "target_ident": "db-1", "cluster": "Default",
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """One run, and what the simulator saw of it."""

    status: int
    said: str
    run: dict[str, Any]
    asked: list[str]
    calls: list[str]
    """The command of each step."""


@pytest.fixture(scope="module", params=sorted(BY_DOCUMENT))
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Ran]]:
    document = request.param
    text = (PLAYBOOKS / f"{document}.yml").read_text(encoding="utf-8")
    with Simulator(seed={"alerts": [], "incidents": []}) as opsgenie:
        opsgenie.process_after(0)
        tool = command_line(tmp_path_factory.mktemp(document), opsgenie)
        (tool.folder / "playbooks" / f"{document}.yml").write_text(text, encoding="utf-8")
        tool("call", "ops.create-alert", "--message", "A door is open")
        before = len(opsgenie.ledger)
        given = {
            "request": opsgenie.applied[-1].request_id,
            "service": opsgenie.state.services[0]["id"],
            "until": (opsgenie.now + timedelta(days=1)).isoformat(),
            "event": json.dumps(EVENT),
        }
        inputs = [
            word
            for name, value in given.items()
            if f"  {name}: {{type" in text
            for word in ("--input", f"{name}={value}")
        ]
        ended = tool("run", document, *inputs, "--json")
        assert ended.stdout, ended.stderr
        yield (
            document,
            Ran(
                ended.returncode,
                ended.stdout + ended.stderr,
                json.loads(ended.stdout),
                [f"{entry.method} {entry.path}" for entry in opsgenie.ledger[before:]],
                re.findall(r"uses: ops\.(\w+)", text),
            ),
        )


def test_there_is_a_playbook_for_each_document_and_a_step_for_each_operation_of_it() -> None:
    assert {file.stem for file in PLAYBOOKS.iterdir()} == set(BY_DOCUMENT)
    for document, names in BY_DOCUMENT.items():
        text = (PLAYBOOKS / f"{document}.yml").read_text(encoding="utf-8")
        assert names <= set(re.findall(r"uses: ops\.(\w+)", text)), document


def test_the_run_succeeds_step_by_step(ran: tuple[str, Ran]) -> None:
    _, it = ran
    assert it.status == 0, it.said
    assert it.run["status"] == "succeeded"
    assert [step["status"] for step in it.run["steps"]] == ["succeeded"] * len(it.calls)
    assert not [step["id"] for step in it.run["steps"] if step["error"] or step["output"] in (None, [], {}, "")]
    assert it.run["output"]


def test_each_operation_of_the_document_was_asked_and_each_change_once(ran: tuple[str, Ran]) -> None:
    document, it = ran
    for name in BY_DOCUMENT[document]:
        assert any(re.fullmatch(pattern(name), asked) for asked in it.asked), name
    changes = [name for name in it.calls if not connector.commands[name].spec.reads]
    expected = Counter(pattern(name) for name in changes)
    sent = [asked for asked in it.asked if not asked.startswith("GET ") or asked.endswith("/ping")]
    assert {route: sum(bool(re.fullmatch(route, asked)) for asked in sent) for route in expected} == dict(expected)
    assert len(sent) == len(changes)
    assert [write["command"] for write in it.run["writes"]] == [f"ops.{name}" for name in changes]


def pattern(name: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(connector.commands[name].spec.route))
