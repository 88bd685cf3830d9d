"""The JSON of the API: rows of the store in the shapes that the command line prints too."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from playbooks_engine.runtime.running.frame import duration_of
from playbooks_engine.store.events import EventRow
from playbooks_engine.store.health import HealthCheck
from playbooks_engine.store.journal import Intent, StepRow
from playbooks_engine.store.triggers import Decision
from playbooks_engine.web.attention import Health, Matter
from playbooks_engine.web.changes import Version
from playbooks_engine.web.moments import stamp


class _Shape(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class MatterShape(_Shape):
    """One thing that needs attention."""

    kind: str
    """connection, stream, run or message."""
    text: str
    detail: str
    hint: str
    link: str
    """Its page."""
    since: str


class HealthShape(_Shape):
    """Whether anything needs attention."""

    status: str
    """well or attention."""
    attention: list[MatterShape]
    at: str


class CheckShape(_Shape):
    """One health check, as `playbooks connections test --json` gives it."""

    connection: str
    status: str
    checked_at: str
    latency: float | None
    error: dict[str, Any] | None


class ConnectionShape(_Shape):
    """A connection and its health."""

    connection: str
    connector: str
    description: str
    active: bool
    status: str
    """up, down, unknown, unchecked or inactive."""
    since: str | None
    failures_in_a_row: int
    last_check: CheckShape | None


class ConnectionsShape(_Shape):
    connections: list[ConnectionShape]


class EventShape(_Shape):
    """An event, as `playbooks events list --json` gives it."""

    stream: str
    key: str
    version: str | None
    versions: int
    first_seen: str
    last_seen: str
    fields: dict[str, Any]


class EventsShape(_Shape):
    events: list[EventShape]
    total: int
    next: str | None
    """Give this as `before` to get the next page."""


class RunShape(_Shape):
    """A run in a list."""

    run: int
    playbook: str
    status: str
    trigger: dict[str, Any]
    event: dict[str, str] | None
    parent: int | None
    inputs: dict[str, Any]
    created_at: str
    started_at: str | None
    ended_at: str | None
    wake_at: str | None
    """A waiting run goes on then at the latest; null while no time does that."""
    duration: float | None
    error: dict[str, Any] | None


class RunsShape(_Shape):
    runs: list[RunShape]
    total: int
    next: int | None
    """Give this as `before` to get the next page."""


class StepShape(_Shape):
    """A step, as `playbooks run --json` gives it, with what it was given and what its condition saw."""

    id: str
    path: str
    item: int | None
    status: str
    inputs: Any
    output: Any
    conditions: Any
    error: dict[str, Any] | None
    attempts: int
    started_at: str | None
    duration: float | None
    run: int | None
    """The run of the sub-playbook it started."""


class WriteShape(_Shape):
    """A change that was sent, or was about to be."""

    step: str | None
    attempt: int
    command: str
    connection: str
    effect: str
    method: str | None
    path: str | None
    body: Any
    key: str | None
    written_at: str
    outcome: str | None
    """succeeded, failed or unknown; null while under way, or when its process died."""


class QuestionShape(_Shape):
    """What a run asks a person; `inputs` is what may be filled in, as the playbook declares it."""

    run: int
    step: str
    prompt: str
    ask: str | None
    inputs: dict[str, Any]
    asked_at: str
    due_at: str


class QuestionsShape(_Shape):
    questions: list[QuestionShape]


class Deciding(_Shape):
    """A decision: of the step that asks, by its id or, where it asks several times, its path."""

    step: str = Field(max_length=2_000)
    decision: Literal["approved", "rejected"]
    inputs: dict[str, Any] = {}


class DecidedShape(_Shape):
    """A question as it was decided."""

    run: int
    step: str
    decision: str
    by: str | None
    at: str
    inputs: dict[str, Any]


class WholeRunShape(RunShape):
    """A run with its steps, its writes and what it asks people."""

    output: Any
    steps: list[StepShape]
    writes: list[WriteShape]
    questions: list[QuestionShape]


class DecisionShape(_Shape):
    """Something a trigger decided about an event."""

    at: str
    playbook: str
    kind: str
    reason: str
    run: int | None


class VersionShape(_Shape):
    """One content the event had, and what it changed."""

    number: int
    version: str | None
    stored_at: str
    was_current: bool
    fields: dict[str, Any]
    changed: list[str]


class WholeEventShape(EventShape):
    """An event with its history, the runs it started and what was decided about it."""

    raw: Any
    history: list[VersionShape]
    runs: list[RunShape]
    decisions: list[DecisionShape]


def matter(one: Matter) -> dict[str, Any]:
    return {**one.__dict__, "since": stamp(one.since)}


def check(row: HealthCheck) -> dict[str, Any]:
    return {**row.__dict__, "checked_at": stamp(row.checked_at)}


def connection(one: Health) -> dict[str, Any]:
    return {
        "connection": one.name,
        "connector": one.account.connector,
        "description": one.account.description,
        "active": one.account.active,
        "status": one.word,
        "since": stamp(one.state.since) if one.state else None,
        "failures_in_a_row": one.state.failures_in_a_row if one.state else 0,
        "last_check": check(one.last) if one.last else None,
    }


def event(row: EventRow) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("stream", "key", "version", "versions", "fields")}
    return {**told, "first_seen": stamp(row.first_seen), "last_seen": stamp(row.last_seen)}


def version(one: Version) -> dict[str, Any]:
    row = one.row
    told = {name: getattr(row, name) for name in ("number", "version", "was_current", "fields")}
    return {**told, "stored_at": stamp(row.stored_at), "changed": [change.name for change in one.changes]}


def decision(row: Decision) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("playbook", "kind", "reason")}
    return {**told, "at": stamp(row.at), "run": row.run_id}


def step(row: StepRow) -> dict[str, Any]:
    same = ("path", "item", "status", "inputs", "output", "conditions", "error", "attempts")
    told = {name: getattr(row, name) for name in same}
    ours = {"id": row.step_id, "run": row.child_run_id, "started_at": stamp(row.started_at)}
    return {**told, **ours, "duration": duration_of(row)}


def write(intent: Intent, step_id: str | None) -> dict[str, Any]:
    same = ("attempt", "connection", "effect", "method", "body", "key", "outcome")
    told = {name: getattr(intent, name) for name in same}
    told["command"] = f"{intent.connection}.{intent.command.partition('.')[2]}"
    return {**told, "step": step_id or intent.path, "path": intent.url_path, "written_at": stamp(intent.written_at)}
