"""Concurrency keys: runs of one playbook with the same key go one after the other, or the later one is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.errors import BadUsage, ExpressionError, InvalidInput, Rejected
from playbooks_engine.language.expressions import Scope
from playbooks_engine.language.inputs import accept_inputs
from playbooks_engine.language.playbook import Playbook
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.mappings import event_root
from playbooks_engine.runtime.running.once import once_key
from playbooks_engine.store import events, journal
from playbooks_engine.store.journal import NewRun


def lane_of(playbook: Playbook, roots: Mapping[str, Any], now: datetime) -> str | None:
    """The lane of a run with these inputs and this event; raises InvalidInput where its key has no value."""
    concurrency = playbook.concurrency
    if concurrency is None:
        return None
    if concurrency.key is None:
        return f"{playbook.name}/"
    try:
        return f"{playbook.name}/{once_key(concurrency.key.evaluate(Scope(roots, lambda: now)))}"
    except (ExpressionError, InvalidInput) as error:
        raise InvalidInput(f"concurrency.key: {error.message}", hint=error.hint) from None


def in_lane(engine: Engine, connection: Connection, loaded: Loaded, new: NewRun, now: datetime) -> NewRun:
    """The run in its lane. One whose key has no value gets none: it fails when it begins, and says why."""
    if loaded.playbook.concurrency is None:
        return new
    with suppress(InvalidInput):
        roots = {"inputs": accept_inputs(loaded.playbook, new.inputs, now)}
        if (event := event_of(engine, connection, new)) is not None:
            roots["event"] = event
        return replace(new, lane=lane_of(loaded.playbook, roots, now))
    return new


def queue(engine: Engine, connection: Connection, loaded: Loaded, new: Sequence[NewRun], now: datetime) -> list[int]:
    """Queue runs of a playbook, each in its lane; returns their numbers.

    Where the playbook says `when_busy: skip`, one that comes while another has its lane is ended at once as
    cancelled, so that it can be seen that it was left out.
    """
    concurrency = loaded.playbook.concurrency
    if concurrency is None:
        return journal.add_runs(connection, new, now)
    runs = [in_lane(engine, connection, loaded, one, now) for one in new]
    if concurrency.when_busy == "queue":
        return journal.add_runs(connection, runs, now)
    added = []
    for one in runs:
        holder = journal.lane_holder(connection, one.lane) if one.lane is not None else None
        run_id = journal.add_run(connection, one, now)
        if holder is not None:
            error = Rejected(f"Left out: run {holder} with the same concurrency key was under way.")
            journal.cancel_queued(connection, run_id, {"step": "", "command": "", **error.as_json()}, now)
        added.append(run_id)
    return added


def refuse_busy(connection: Connection, new: NewRun) -> None:
    """Raises BadUsage where another run has the lane: a person does not wait in it."""
    holder = journal.lane_holder(connection, new.lane) if new.lane is not None else None
    if holder is not None:
        raise BadUsage(
            f"Run {holder} of {new.playbook} with the same concurrency key is under way.",
            hint=f"Wait until it has ended, or cancel it: playbooks runs cancel {holder}",
        )


def event_of(engine: Engine, connection: Connection, new: NewRun) -> dict[str, Any] | None:
    """`event` as the expressions of a run see it; None where it has none."""
    if new.event_version_id is not None:
        version = events.version_by_id(connection, new.event_version_id)
        return event_root(engine, version.stream, version.fields, version.raw) if version is not None else None
    given = new.trigger.get("event")
    return event_root(engine, given.get("stream"), given["fields"], given["raw"]) if given else None
