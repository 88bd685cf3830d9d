"""Tests for tests written from real runs: they pass when they are run, and hold nobody's name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mail_sink import MailSink

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadUsage
from playbooks_engine.runtime.attending import begin, stored_event, take
from playbooks_engine.runtime.deciding import decide
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.testing.playbooks.session import Session
from playbooks_engine.testing.playbooks.writing import written

WHO = """
connections: {ops: opsgenie}
inputs:
  schedule: {type: string, default: ops_primary}
steps:
  - id: rota
    uses: ops.get_on_call_user
    with: {schedule_name: "${{ inputs.schedule }}"}
  - id: nobody
    when: steps.rota.output.onCallParticipants | length == 0
    uses: core.fail
    with: {message: "Nobody is on call on ${{ inputs.schedule }}."}
  - id: person
    uses: ops.get_single_user
    with: {identifier: "${{ steps.rota.output.onCallParticipants[0].id }}"}
output:
  name: ${{ steps.person.output.fullName }}
  email: ${{ steps.person.output.username }}
"""
NAME = """
on:
  event: {from: ops.alerts, where: event.priority == 'P1'}
connections: {ops: opsgenie}
steps:
  - {id: who, uses: ./who.yml}
  - id: earlier
    uses: core.find_events
    with: {from: ops.alerts, match: {alias: "${{ event.alias }}"}, since: 7d}
  - id: note
    uses: ops.add_note
    with:
      identifier: ${{ event.id }}
      note: >-
        On call is ${{ steps.who.output.name }} (${{ steps.who.output.email }}).
        Alerts, ${{ steps.earlier.output.count }}.
"""
CHASE = """
connections: {ops: opsgenie}
steps:
  - id: find
    uses: ops.list_alerts
    with: {query: "status: open"}
  - id: chase
    for_each: ${{ steps.find.output }}
    as: alert
    max_parallel: 4
    steps:
      - id: note
        uses: ops.add_note
        with: {identifier: "${{ alert.id }}", note: "Seen ${{ alert.message }}"}
      - id: escalate
        uses: ops.escalate_alert
        with: {identifier: "${{ alert.id }}", escalation: ops_escalation}
"""
ASK = """
connections: {chat: notify}
steps:
  - id: ask
    uses: core.approval
    with:
      ask: a@b.example
      via: chat.send
      prompt: Really?
      timeout: 1m
      on_timeout: reject
      inputs: {why: {type: string}}
  - id: say
    uses: chat.send
    with: {body: "${{ steps.ask.output.by }} says ${{ steps.ask.output.inputs.why }}"}
"""
PLAYBOOKS = {"who": WHO, "name": NAME, "chase": CHASE, "ask": ASK}
PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: write}}
    fetch: {{alerts: {{every: 1m}}}}
  chat:
    connector: notify
    urls: [env:TEST_CHAT_URL]
"""

Written = tuple[Path, str, list[str]]


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def mail() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


@pytest.fixture
def recorded(
    tmp_path: Path, opsgenie: Simulator, mail: MailSink, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Written]:
    """Run a playbook on the simulator, and write a test from that run."""
    monkeypatch.setenv("TEST_OPS_KEY", opsgenie.key)
    monkeypatch.setenv("TEST_CHAT_URL", f"mailto://127.0.0.1:{mail.port}?to=team@example.com")
    (tmp_path / "project.yml").write_text(PROJECT.format(url=opsgenie.url))
    (tmp_path / "playbooks").mkdir()
    for file, text in PLAYBOOKS.items():
        (tmp_path / "playbooks" / f"{file}.yml").write_text(text)

    def recorded(name: str, event: str | None = None, edit: str = "", by: str = "", **inputs: Any) -> Written:
        async def whole() -> Written:
            async with Engine.open(tmp_path) as engine:
                loaded = engine.library.playbook(name)
                given = None
                if event is not None:
                    await fetch(engine, "ops.alerts")
                    given = stored_event(engine, loaded, event, {})
                run = begin(engine, loaded, inputs, Actor("person", "test"), event=given)
                await execute(engine, run)
                if by:
                    decide(engine, run.id, "ask", "approved", by, {"why": f"it is {by.split(maxsplit=1)[0]}"})
                    await execute(engine, take(engine, run.id))
                if edit:
                    path = tmp_path / "playbooks" / f"{name}.yml"
                    path.write_text(path.read_text() + edit)
                return await written(engine, run.id, None)

        return asyncio.run(whole())

    return recorded


def passes(path: Path, text: str) -> bool:
    path.write_text(text)
    session = Session()
    ready = session.read(path)
    assert ready.suite.findings == ()
    (outcome,) = session.outcomes(ready)
    assert outcome.passed, outcome.differences
    return outcome.passed


def test_a_test_from_a_run_passes_and_masks_people_everywhere(
    recorded: Callable[..., Written], opsgenie: Simulator
) -> None:
    alert = opsgenie.has_alert(message="Ask Ben about +49 30 1234567", priority="P1", alias="checkout")
    path, text, warnings = recorded("name", event=alert.id)
    assert path.name == "name.run-1.test.yml"
    assert warnings == []
    assert passes(path, text)
    assert 'note: "On call is Name1 Name2 (person1@example.com).' in text
    assert "+49 30 1234567" not in text
    for person in opsgenie.state.users:
        assert person["username"] not in text
        assert person["fullName"] not in text


def test_what_was_found_in_the_store_is_stored_in_the_test(
    recorded: Callable[..., Written], opsgenie: Simulator
) -> None:
    opsgenie.has_alert(message="Before", priority="P3", alias="checkout", status="closed")
    alert = opsgenie.has_alert(message="Now", priority="P1", alias="checkout")
    path, text, _ = recorded("name", event=alert.id)
    assert "message: Before" in text
    assert "Alerts, 2." in text
    assert passes(path, text)


def test_the_calls_of_a_loop_are_answered_in_turn(recorded: Callable[..., Written], opsgenie: Simulator) -> None:
    for alert in opsgenie.alerts:
        opsgenie.change(alert.id, status="closed")
    for number in range(6):
        opsgenie.has_alert(message=f"Stale {number}", priority="P1", created_at="2026-11-20T00:00:00Z")
    path, text, _ = recorded("chase")
    assert text.count("action: EscalateToNext") == 6
    assert passes(path, text)


def test_a_run_that_failed_is_a_test_that_expects_its_error(recorded: Callable[..., Written]) -> None:
    path, text, _ = recorded("who", schedule="nope")
    assert "error: {step: rota, type: not_found}" in text
    assert passes(path, text)


def test_the_files_of_the_project_count_wherever_one_stands(
    recorded: Callable[..., Written], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere" / "playbooks").mkdir(parents=True)
    (tmp_path / "elsewhere" / "playbooks" / "who.yml").write_text("steps: []\n")
    monkeypatch.chdir(tmp_path / "elsewhere")
    path, text, _ = recorded("who")
    assert path == tmp_path / "playbooks" / "who.run-1.test.yml"
    assert passes(path, text)


def test_what_a_person_decided_is_decided_in_the_test(recorded: Callable[..., Written]) -> None:
    path, text, warnings = recorded("ask", by="Ana Pop")
    assert warnings == []
    assert "decision: approved\n        by: Name1 Name2\n        inputs: {why: it is Name1}\n" in text
    assert "body: Name1 Name2 says it is Name1" in text
    assert passes(path, text)


def test_a_test_fails_once_the_playbook_does_something_else(recorded: Callable[..., Written]) -> None:
    path, text, _ = recorded("who")
    path.write_text(text)
    playbook = path.with_name("who.yml")
    playbook.write_text(playbook.read_text().replace("onCallParticipants[0].id", "onCallParticipants[0].name"))
    assert passes(path, text)  # a read: what it is given is not held to
    playbook.write_text(playbook.read_text().replace("length == 0", "length == 1"))
    session = Session()
    (outcome,) = session.outcomes(session.read(path))
    assert not outcome.passed


def test_a_playbook_that_was_edited_since_is_told(recorded: Callable[..., Written]) -> None:
    assert "was edited since run 1" in recorded("who", edit="\n# more\n")[2][0]


@pytest.mark.parametrize(("number", "told"), [(99, "There is no run 99"), (2, "is part of run 1")])
def test_a_run_that_cannot_be_a_test_is_refused(
    number: int, told: str, recorded: Callable[..., Written], opsgenie: Simulator
) -> None:
    alert = opsgenie.has_alert(message="Now", priority="P1")
    path, _, _ = recorded("name", event=alert.id)

    async def again() -> None:
        async with Engine.open(path.parents[1]) as engine:
            await written(engine, number, None)

    with pytest.raises(BadUsage, match=told):
        asyncio.run(again())
