"""Starting runs: a playbook's texts are kept and a run is queued, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.errors import InvalidInput
from playbooks_engine.language.inputs import accept_inputs
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.lanes import queue
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store import journal
from playbooks_engine.store.journal import NewRun


@dataclass(frozen=True)
class EventVersion:
    """The stored version of an event that a run begins with."""

    stream: str
    key: str
    version_id: int


def start(
    engine: Engine,
    loaded: Loaded,
    trigger: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    event: EventVersion | None = None,
    slot: datetime | None = None,
    bound: Mapping[str, str] | None = None,
) -> int:
    """Queue a run; returns its number. `trigger` says by its `kind` who asked: person, event, schedule.

    Raises InvalidInput for inputs that are unknown, missing, do not fit or hold a secret, StoreUnusable while the disk
    is full. What runs is what the files say now.
    """
    engine.database.room.refuse()
    accept_inputs(loaded.playbook, inputs, engine.clock.now())
    refuse_secrets(engine, loaded, inputs, bound or {})
    with engine.database.transaction() as connection:
        new = prepare(connection, loaded, trigger, inputs, event=event, slot=slot, bound=bound)
        [run_id] = queue(engine, connection, loaded, [new], engine.clock.now())
        return run_id


def refuse_secrets(engine: Engine, loaded: Loaded, inputs: Mapping[str, Any], bound: Mapping[str, str]) -> None:
    """Raises InvalidInput for an input with a secret of a connection in it: what a run is given is kept as it is.

    Masked it could not be kept either: the run would go on with the mask.
    """
    used = {alias for playbook in (loaded.playbook, *loaded.parts.values()) for alias in playbook.connections}
    engine.calling.arm(bound.get(alias, alias) for alias in sorted(used))
    for name, value in as_json(dict(inputs)).items():
        if engine.secrets.without(value) != value:
            raise InvalidInput(
                f"the input '{name}' holds a secret of a connection, and what a run is given is kept in the store",
                hint="leave it out: a connection uses its secret by itself",
            )


def prepare(
    connection: Connection,
    loaded: Loaded,
    trigger: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    event: EventVersion | None = None,
    slot: datetime | None = None,
    bound: Mapping[str, str] | None = None,
    frozen: tuple[str, dict[str, str]] | None = None,
) -> NewRun:
    """A run ready to be added in the same transaction; `frozen` is what `freeze` gave, where many are added."""
    digest, parts = frozen or freeze(connection, loaded)
    return NewRun(
        playbook=loaded.playbook.name,
        file=loaded.path,
        digest=digest,
        sources=parts,
        trigger=dict(trigger),
        event_stream=event.stream if event else None,
        event_key=event.key if event else None,
        event_version_id=event.version_id if event else None,
        inputs=as_json(dict(inputs)),
        connections=dict(bound or {}),
        slot_of=loaded.playbook.name if slot else None,
        slot=slot,
    )


def freeze(connection: Connection, loaded: Loaded) -> tuple[str, dict[str, str]]:
    """Keep the texts of a playbook and of every sub-playbook it can reach; returns their digests."""
    parts = {path: journal.keep_text(connection, part.text) for path, part in loaded.parts.items()}
    return journal.keep_text(connection, loaded.playbook.text), parts
