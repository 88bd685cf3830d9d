"""The changes of an earlier run that a rerun would make again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from playbooks_engine.language.playbook import Call, Playbook
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Intent, Run

Wanted = Callable[[str], bool]
"""Whether the step at a path runs anew."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A change of an earlier run. `outcome` is unknown where nobody knows whether it happened.

    `once` tells that its `once` key is there: a step with the same key takes its result and sends nothing.
    """

    run: int
    path: str
    step: str
    command: str
    method: str | None
    address: str | None
    outcome: Literal["succeeded", "unknown"]
    at: datetime
    once: bool = False

    def as_json(self) -> dict[str, Any]:
        told = {"run": self.run, "path": self.path, "step": self.step, "command": self.command}
        return {**told, "method": self.method, "address": self.address, "outcome": self.outcome, "at": as_json(self.at)}


def sent_again(
    connection: Connection, run: Run, playbook: Playbook, parts: Mapping[str, Playbook], wanted: Wanted, now: datetime
) -> list[Sent]:
    """The changes of a run, of its sub-runs and of the runs it took results over from, that it would make again.

    `playbook` and `parts` are what runs then: what they have no step for is not sent again.
    """
    return sorted(_sent(connection, run, playbook, parts, wanted, now), key=lambda one: one.at)


def _sent(
    connection: Connection,
    run: Run,
    playbook: Playbook | None,
    parts: Mapping[str, Playbook],
    wanted: Wanted,
    now: datetime,
) -> Iterator[Sent]:
    """`playbook` is None where it is not known what runs then: anything may be sent again."""
    steps = {step.id: step for step in playbook.every_step()} if playbook is not None else None
    intents = [one for one in journal.intents(connection, run.id) if one.path is not None]
    children = journal.children(connection, run.id)
    keys = {row.path: row for row in journal.once_of(connection, run.id) if row.done}
    for intent in intents:
        path = intent.path or ""
        step = steps.get(step_of(path)) if steps is not None else None
        if (steps is not None and step is None) or not wanted(path) or intent.outcome == "failed":
            continue
        within = step.once.within if isinstance(step, Call) and step.once is not None else None
        held = isinstance(step, Call) and step.once is not None and path in keys
        held = held and (within is None or keys[path].at >= now - timedelta(seconds=within))
        yield _told(run, intent, path, held)
    for child in children:
        path = child.parent_path or ""
        if wanted(path) and (steps is None or step_of(path) in steps):
            yield from _sent(connection, child, parts.get(child.file or ""), parts, lambda path: True, now)
    if run.trigger.get("kind") != "rerun":
        return
    # What it did itself is told above, and stands for what the earlier run did there.
    mine = {one.path for one in intents} | {child.parent_path for child in children}
    earlier = _earlier(connection, run)
    if earlier is not None:
        yield from _sent(connection, earlier, playbook, parts, lambda path: wanted(path) and path not in mine, now)
        return
    for row in journal.steps(connection, run.id):  # that run is not kept any more: what it sent is not known
        step = steps.get(row.step_id) if steps is not None else None
        if not isinstance(step, Call) or step.uses.kind == "core" or step.once is not None:
            continue
        if row.status == "reused" and wanted(row.path) and row.path not in mine:
            yield Sent(
                run=run.id, path=row.path, step=row.step_id, command=step.uses.text, method=None, address=None,
                outcome="unknown", at=row.started_at or run.created_at,
            )  # fmt: skip


def step_of(path: str) -> str:
    """The id of the step at a path: `b` for `a[0]/b[1]`."""
    return path.rpartition("/")[2].partition("[")[0]


def _earlier(connection: Connection, run: Run) -> Run | None:
    """The run that this one is a rerun of, while it is kept."""
    number = run.trigger.get("run")
    return journal.run_by_id(connection, number) if isinstance(number, int) and number < run.id else None


def _told(run: Run, intent: Intent, path: str, held: bool) -> Sent:
    return Sent(
        run=run.id,
        path=path,
        step=step_of(path),
        command=f"{intent.connection}.{intent.command.partition('.')[2]}",
        method=intent.method,
        address=intent.url_path,
        outcome="succeeded" if intent.outcome == "succeeded" else "unknown",
        at=intent.written_at,
        once=held,
    )
