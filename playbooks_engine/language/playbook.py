"""The playbook as a value: what a checked file means, with the places it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from playbooks_engine.language.position import START, Position

if TYPE_CHECKING:
    from playbooks_engine.language.expressions import Condition, Value

__all__ = [
    "RETRY_ON",
    "Block",
    "Call",
    "Concurrency",
    "EventTrigger",
    "Input",
    "InputType",
    "Once",
    "Parallel",
    "Playbook",
    "Position",
    "Repeat",
    "Retry",
    "ScheduleTrigger",
    "Step",
    "Uses",
]

RETRY_ON = frozenset({"timeout", "connection", "rate_limited", "server_error", "conflict"})
"""The error classes that are tried again when `retry` does not say which."""

InputType = Literal["string", "integer", "number", "boolean", "duration", "datetime", "list", "map"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Uses:
    """What a call runs: `ops.add_note` has alias and name, `core.set` a name, `./other.yml` a path."""

    kind: Literal["command", "core", "playbook"]
    text: str
    alias: str = ""
    name: str = ""
    path: str = ""


@dataclass(frozen=True)
class Retry:
    """How often, and after which failures, a call is tried again; times are in seconds."""

    attempts: int = 3
    delay: float = 1.0
    backoff: Literal["constant", "exponential"] = "exponential"
    max_delay: float = 60.0
    on: frozenset[str] = RETRY_ON


@dataclass(frozen=True)
class Once:
    """The key under which a finished call is reused instead of repeated; `within` is in seconds."""

    key: Value
    within: float | None = None


@dataclass(frozen=True)
class Repeat:
    """A reading call is made again `every` so many seconds until the condition on its `output` holds."""

    until: Condition
    every: float = 30.0


@dataclass(frozen=True)
class Concurrency:
    """Runs of the playbook with the same key go one after the other, or the later one is left out.

    Without a key all runs of the playbook have the same one.
    """

    key: Value | None = None
    when_busy: Literal["queue", "skip"] = "queue"


@dataclass(frozen=True, kw_only=True)
class Step:
    """What calls and blocks have in common; `timeout` is in seconds, `otherwise` is the `else` branch."""

    id: str
    position: Position
    when: Condition | None = None
    otherwise: tuple[Step, ...] = ()
    for_each: Value | None = None
    item_name: str = "item"
    max_parallel: int = 1
    fail_fast: bool = False
    timeout: float | None = None
    continue_on_error: bool = False
    on_error: tuple[Step, ...] = ()
    always: tuple[Step, ...] = ()

    def children(self) -> Iterator[Step]:
        """The steps directly inside this one, in the order of the language."""
        yield from self.otherwise
        yield from self.on_error
        yield from self.always

    def with_descendants(self) -> Iterator[Step]:
        """This step, then every step inside it, however deep."""
        yield self
        for child in self.children():
            yield from child.with_descendants()


@dataclass(frozen=True, kw_only=True)
class Call(Step):
    """A step that runs a command, a `core.` command or another playbook.

    `via` is the command that `core.approval` asks with, and `asked` what the person may fill in.
    `inputs` evaluates to a dict; `input_positions` says where each key of `with` stands and
    `value_positions` where its value does, both by dotted path (`note`, `details.team`, `tags.0`).
    """

    uses: Uses
    inputs: Value
    retry: Retry | None = None
    repeat: Repeat | None = None
    once: Once | None = None
    via: Uses | None = None
    asked: Mapping[str, Input] = field(default_factory=lambda: _NOTHING)
    uses_position: Position = START
    input_positions: Mapping[str, Position] = field(default_factory=lambda: _NOTHING)
    value_positions: Mapping[str, Position] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, kw_only=True)
class Block(Step):
    """A sequence treated as one step."""

    steps: tuple[Step, ...]

    def children(self) -> Iterator[Step]:
        yield from self.steps
        yield from super().children()


@dataclass(frozen=True, kw_only=True)
class Parallel(Step):
    """Branches that run together, by name; the step ends when all of them have ended."""

    branches: Mapping[str, tuple[Step, ...]]

    def children(self) -> Iterator[Step]:
        for steps in self.branches.values():
            yield from steps
        yield from super().children()


@dataclass(frozen=True, kw_only=True)
class Input:
    """One declared input; it is required when it has no default."""

    name: str
    type: InputType
    items: str | None = None
    enum: tuple[Any, ...] | None = None
    default: Value | None = None
    required: bool = True
    description: str = ""
    position: Position = START


@dataclass(frozen=True, kw_only=True)
class ScheduleTrigger:
    """Start by the clock: `every` so many seconds, or by a cron line in a time zone."""

    every: float | None = None
    cron: str | None = None
    timezone: str = "UTC"
    catch_up: Literal["none", "last", "all"] = "last"
    position: Position = START


@dataclass(frozen=True, kw_only=True)
class EventTrigger:
    """Start when a stored event of the stream (`ops.alerts`) enters the condition.

    With `hold`, when it has matched without a break for so many seconds (`for` in the file).
    """

    stream: str
    where: Condition | None = None
    hold: float | None = None
    existing: Literal["baseline", "fire"] = "baseline"
    position: Position = START


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """One checked file; `digest` is the SHA-256 of its text, `timeout` is in seconds."""

    name: str
    file: str
    text: str
    digest: str
    description: str = ""
    version: int = 1
    schedule: ScheduleTrigger | None = None
    event: EventTrigger | None = None
    inputs: Mapping[str, Input] = field(default_factory=lambda: _NOTHING)
    connections: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    connection_positions: Mapping[str, Position] = field(default_factory=lambda: _NOTHING)
    steps: tuple[Step, ...] = ()
    on_error: tuple[Step, ...] = ()
    always: tuple[Step, ...] = ()
    timeout: float | None = None
    vars: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)
    concurrency: Concurrency | None = None
    output: Value | None = None

    def every_step(self) -> Iterator[Step]:
        """Every step of the file, nested ones included, each before what is inside it."""
        for step in (*self.steps, *self.on_error, *self.always):
            yield from step.with_descendants()
