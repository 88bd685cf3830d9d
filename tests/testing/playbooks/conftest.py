"""A project with a playbook or two, and its test files: written, read and performed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.testing.playbooks.session import Outcome, Ready, Session
from playbooks_engine.testing.playbooks.telling import failure

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: http://127.0.0.1:9
    api_key: env:NO_SUCH_KEY
    allow: {alerts: write}
    fetch: {alerts: {every: 1m}}
  eu:
    connector: opsgenie
    server_url: http://127.0.0.1:9
    api_key: env:NO_SUCH_KEY
  chat:
    connector: notify
    urls: [env:NO_SUCH_URL]
"""

WATCH = """
name: watch
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and event.priority == 'P1'
connections: {ops: opsgenie, chat: notify}
inputs:
  team: {type: string, default: payments}
steps:
  - id: who
    uses: ops.get_on_call_user
    with: {schedule_name: "${{ inputs.team }}"}
  - id: note
    when: event.owner == ''
    uses: ops.add_note
    with:
      identifier: ${{ event.id }}
      note: On call is ${{ steps.who.output.onCallParticipants[0].name }}.
    retry: {attempts: 2, delay: 30s}
  - id: tell
    when: event.priority == 'P1'
    uses: chat.send
    with: {body: "${{ event.message }}"}
    else:
      - id: quiet
        uses: core.set
        with: {told: nobody}
output:
  person: ${{ steps.who.output.onCallParticipants[0].name }}
  at: ${{ now() }}
"""

FIXTURE = """
id: a-1
message: Checkout is down
status: open
priority: P1
acknowledged: false
created_at: 2026-05-01T10:00:00Z
owner: ""
"""

DEFAULTS = """
playbook: ./watch.yml
defaults:
  now: 2026-05-01T10:00:00Z
  event: {fixture: alert.yml}
  answers:
    ops.get_on_call_user:
      output: {onCallParticipants: [{id: u1, name: ana@example.com, type: user}]}
    ops.add_note: {output: {isSuccess: true}}
    chat.send: {output: {id: m1, delivered: 1}}
tests:
"""


class Bench:
    """One project folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bound: dict[str, str] = {}

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def ready(self, text: str) -> Ready:
        """A test file with this text, read and checked."""
        path = self.write("playbooks/it.test.yml", text)
        return Session(bound=self.bound).read(path)

    def findings(self, text: str) -> list[str]:
        """`line:column code message` of each finding."""
        return [f"{one.line}:{one.column} {one.code} {one.message}" for one in self.ready(text).suite.findings]

    def outcomes(self, text: str) -> dict[str, Outcome]:
        """How each test of the file ended."""
        ready = self.ready(text)
        assert ready.suite.usable, ready.suite.findings
        return {one.test.name: one for one in Session(bound=self.bound).outcomes(ready)}

    def outcome(self, test: str) -> Outcome:
        """How one test ended, on the playbook `watch` with the defaults."""
        (outcome,) = self.outcomes(DEFAULTS + "  - name: it\n" + _indented(test)).values()
        return outcome

    def told(self, test: str) -> list[str]:
        """What is not as that test expects: `what: expected, got actual`."""
        return [
            f"{one.what}: {one.expected}, got {one.actual}" if one.position else one.what
            for one in self.outcome(test).differences
        ]

    def failure(self, test: str) -> str:
        """The whole text of its failure."""
        ready = self.ready(DEFAULTS + "  - name: it\n" + _indented(test))
        (outcome,) = Session().outcomes(ready)
        return failure(ready.suite, outcome.differences, outcome.happened)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.strip().splitlines())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.write("project.yml", PROJECT)
    bench.write("playbooks/watch.yml", WATCH)
    bench.write("playbooks/fixtures/alert.yml", FIXTURE)
    return bench


@pytest.fixture
def playbook(bench: Bench) -> Callable[..., Any]:
    """Perform tests of a playbook of one's own; gives what each test's runs came to."""

    def performed(text: str, tests: str) -> dict[str, Outcome]:
        bench.write("playbooks/own.yml", text)
        return bench.outcomes(f"playbook: ./own.yml\n{tests}")

    return performed
