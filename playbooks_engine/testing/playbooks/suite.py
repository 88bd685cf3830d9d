"""A test file as a value: what each test gives and what it expects, with the places it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playbooks_engine.errors import Finding
from playbooks_engine.language.position import START, Position
from playbooks_engine.language.reading.tree import Lines

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
"""What time it is in a test that does not say."""


@dataclass(frozen=True)
class Answer:
    """What one call is given: an output with its raw answer, or an error (`type`, `message`, `status_code`)."""

    output: Any = None
    raw: Any = None
    error: Mapping[str, Any] | None = None
    position: Position = START


@dataclass(frozen=True)
class Given:
    """The answers of a command or step. In a `sequence` each is for one call, otherwise the one is for all."""

    answers: tuple[Answer, ...]
    sequence: bool = False
    position: Position = START


@dataclass(frozen=True)
class GivenEvent:
    """An event: mapped fields from the fixture, then `raw`, then what is changed; `places` is where each key stands.

    Without a stream it belongs to the one of the playbook's trigger.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    change: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, tuple[Lines, Position]] = field(default_factory=dict)
    stream: str = ""
    position: Position = START


@dataclass(frozen=True)
class Entry:
    """One moment of a timeline, so many seconds after `now`: an event arrives, or one that is there changes."""

    at: float
    event: GivenEvent | None = None
    change: GivenEvent | None = None
    key: str | None = None
    position: Position = START


@dataclass(frozen=True)
class Verdict:
    """What a person says when an approval step asks."""

    decision: str
    by: str = "test"
    inputs: Mapping[str, Any] = field(default_factory=dict)
    position: Position = START


@dataclass(frozen=True)
class ExpectedCall:
    """How often a command is called, and what (a part of) its inputs are: of some call, or of each call in turn."""

    command: str
    times: int | None = None
    inputs: tuple[Mapping[str, Any], ...] = ()
    in_turn: bool = False
    position: Position = START


@dataclass(frozen=True)
class ExpectedStep:
    """How a step ends; `output` is a part of it, in a tuple to tell null from nothing said."""

    name: str
    status: str | None = None
    output: tuple[Any, ...] = ()
    position: Position = START


@dataclass(frozen=True)
class Expected:
    """What a test expects; what it does not say may be anything, but a failure that nobody expects is one."""

    status: str | None = None
    output: tuple[Any, ...] = ()
    ran: tuple[tuple[str, Position], ...] = ()
    not_ran: tuple[tuple[str, Position], ...] = ()
    steps: tuple[ExpectedStep, ...] = ()
    calls: tuple[ExpectedCall, ...] = ()
    ordered: bool = False
    error: Mapping[str, str] | None = None
    runs: int | None = None
    position: Position = START
    places: Mapping[str, Position] = field(default_factory=dict)

    @property
    def wants_failure(self) -> bool:
        """Whether a run that does not succeed is what the test is about."""
        return self.status not in (None, "succeeded", "succeeded_with_errors") or self.error is not None


@dataclass(frozen=True, kw_only=True)
class Test:
    """One test, with the defaults of its file merged in."""

    __test__ = False  # pytest takes whatever is called so

    name: str
    position: Position
    now: datetime = NOW
    inputs: Mapping[str, Any] = field(default_factory=dict)
    event: GivenEvent | None = None
    events: tuple[GivenEvent, ...] = ()
    timeline: tuple[Entry, ...] = ()
    answers: Mapping[str, Given] = field(default_factory=dict)
    steps: Mapping[str, Given] = field(default_factory=dict)
    approvals: Mapping[str, Verdict] = field(default_factory=dict)
    allow_live_reads: bool = False
    expect: Expected = field(default_factory=Expected)


@dataclass(frozen=True)
class Suite:
    """One test file. With an error among its findings none of its tests can be trusted, and none is performed."""

    path: Path
    file: str
    lines: Lines
    playbook: Path | None = None
    playbook_position: Position = START
    tests: tuple[Test, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def usable(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings)

    def given(self) -> Iterator[tuple[str, Given, bool]]:
        """Every name that answers are given for, each place once; True where it is a step's."""
        seen: set[int] = set()
        for test in self.tests:
            for of_step, given in ((False, test.answers), (True, test.steps)):
                for name, answers in given.items():
                    if id(answers) not in seen:
                        seen.add(id(answers))
                        yield name, answers, of_step


def named(text: str, bound: Mapping[str, str]) -> str:
    """`ops.add_note`, or `ops.alerts`, with the connection that the alias is bound to."""
    alias, dot, rest = text.partition(".")
    return f"{bound.get(alias, alias)}{dot}{rest}"
