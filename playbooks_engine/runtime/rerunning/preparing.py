"""A run again: what it would reuse, run and repeat is found first; then it is begun, in one transaction."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace

from playbooks_engine.errors import BadPlaybook, BadUsage
from playbooks_engine.faults import fault
from playbooks_engine.language.comparing import differences
from playbooks_engine.language.inputs import accept_inputs
from playbooks_engine.language.playbook import Call, Playbook
from playbooks_engine.runtime.checking import against_project
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.finding import run_called
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.lanes import event_of, in_lane, refuse_busy
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.rerunning.gaps import refuse_gaps
from playbooks_engine.runtime.rerunning.repeating import Sent, sent_again, step_of
from playbooks_engine.runtime.rerunning.reusing import Reuse, choose
from playbooks_engine.runtime.running.notebook import Observer
from playbooks_engine.runtime.running.planning import Planned, plan
from playbooks_engine.runtime.running.runs import began_by, beside, texts_of
from playbooks_engine.runtime.starting import EventVersion, refuse_secrets
from playbooks_engine.runtime.starting import prepare as new_run
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Run


@dataclass(frozen=True)
class Again:
    """A run that may be run again with `loaded`, which `file` names where it is not what the run began with.

    `repeats` are the changes of the run that would be made again, `spared` those that a `once` key keeps from that.
    `edited` tells that the playbook's file says something else by now, `gone` names the steps that `file` has not.
    """

    run: Run
    loaded: Loaded
    reuse: Reuse
    start: str | None = None
    file: str | None = None
    repeats: tuple[Sent, ...] = ()
    spared: tuple[Sent, ...] = ()
    gone: tuple[str, ...] = ()
    edited: bool = False


def prepare(
    engine: Engine, run_id: int, *, start: str | None = None, file: str | None = None, failed_items: bool = False
) -> Again:
    """What running a run again means: from the step with the id `start`, or from the first that did not succeed.

    `file` names an edited playbook; without it, it is what the run began with. Raises BadUsage where there is no such
    run, it goes on still, or what would be reused is not there, has changed or held a secret; BadPlaybook and
    InvalidInput where the playbook cannot run with this project and these inputs.
    """
    run = _ended(engine, run_id)
    before, parts = texts_of(engine, run)
    old = Loaded(before, run.file or "", parts)
    loaded = _edited(engine, run, file) if file is not None else _checked(engine, old, run.connections)
    changed = _changed(old, loaded) if file is not None else {}
    now = engine.clock.now()
    accept_inputs(loaded.playbook, run.inputs, now)
    refuse_secrets(engine, loaded, run.inputs, run.connections)
    with engine.database.reading() as connection:
        rows = journal.steps(connection, run.id)
        reuse = choose(loaded.playbook, run, rows, now, start=start, failed_items=failed_items, changed=changed)
        refuse_gaps(loaded.playbook, reuse)
        done = reuse.paths
        sent = sent_again(connection, run, loaded.playbook, loaded.parts, lambda path: path not in done, now)
    known = {step.id for step in loaded.playbook.every_step()}
    gone = tuple(dict.fromkeys(step_of(row.path) for row in rows if step_of(row.path) not in known))
    return Again(
        run, loaded, reuse, start, file,
        repeats=tuple(one for one in sent if not one.once),
        spared=tuple(one for one in sent if one.once),
        gone=gone,
        edited=file is None and _differs(engine, old),
    )  # fmt: skip


def begin_again(engine: Engine, again: Again, actor: Actor) -> Run:
    """A new run, held by this process from the start, with the steps it reuses: it is there with all of them or not at
    all. Raises StoreUnusable while the disk is full, BadUsage while another run has its concurrency key.
    """
    engine.database.room.refuse()
    run, loaded = again.run, again.loaded
    trigger = {"kind": "rerun", "name": actor.name, "run": run.id, "began": began_by(run), "from": again.start}
    if "event" in run.trigger:  # one that a person gave stands in the trigger
        trigger["event"] = run.trigger["event"]
    with engine.database.transaction() as connection:
        trigger = engine.secrets.clean(trigger)
        new = new_run(connection, loaded, trigger, run.inputs, event=_version(run), bound=run.connections)
        new = in_lane(engine, connection, loaded, new, engine.clock.now())
        refuse_busy(connection, new)
        begun = journal.start_run(connection, new, engine.owner, engine.clock.now(), LEASE)
        fault("rerun_begun")
        journal.add_steps(connection, begun.id, again.reuse.rows)
    return begun


async def plan_again(engine: Engine, again: Again, *, observer: Observer | None = None) -> Planned:
    """What the rerun would do: its reads are real, its changes are listed."""
    run = again.run
    with engine.database.reading() as connection:
        event = event_of(engine, connection, run)
    return await plan(
        engine, again.loaded, run.inputs, event=event, bound=run.connections, trigger=began_by(run),
        reused=again.reuse.rows, observer=observer,
    )  # fmt: skip


def _version(run: Run) -> EventVersion | None:
    if run.event_stream is None or run.event_key is None or run.event_version_id is None:
        return None
    return EventVersion(run.event_stream, run.event_key, run.event_version_id)


def _ended(engine: Engine, run_id: int) -> Run:
    with engine.database.reading() as connection:
        run = run_called(connection, run_id, part="Run that one again: playbooks runs rerun {}")
    if run.status not in journal.ENDED:
        raise BadUsage(
            f"Run {run_id} has not ended: it is {run.status}.",
            hint=f"Go on with it: playbooks runs resume {run_id}; or end it: playbooks runs cancel {run_id}",
        )
    return run


def _edited(engine: Engine, run: Run, file: str) -> Loaded:
    """The edited playbook, by the name of the run's: its `once` and concurrency keys are the same."""
    loaded = engine.library.playbook(file, run.connections)
    return replace(loaded, playbook=replace(loaded.playbook, name=run.playbook))


def _checked(engine: Engine, loaded: Loaded, bound: Mapping[str, str]) -> Loaded:
    """The same, if the project still has all that it needs."""
    every = (loaded.playbook, *loaded.parts.values())
    found = [one for text in every for one in against_project(text, engine.project, engine.catalog, bound)]
    if any(one.severity == "error" for one in found):
        raise BadPlaybook(found, "The text that the run began with does not fit the project any more.")
    return loaded


def _differs(engine: Engine, old: Loaded) -> bool:
    """Whether the file of a playbook is there and says something else than the run began with."""
    try:
        return (engine.project.folder / old.path).read_bytes() != old.playbook.text.encode("utf-8", "surrogatepass")
    except OSError:
        return False


def _changed(before: Loaded, after: Loaded) -> dict[str, str]:
    """What differs, by step; a step that runs another playbook differs when anything that one reaches does."""
    found = differences(before.playbook, after.playbook)
    for step in after.playbook.every_step():
        if step.id in found or not isinstance(step, Call) or step.uses.kind != "playbook":
            continue
        was, is_ = beside(before.path, step.uses.path), beside(after.path, step.uses.path)
        if _texts(was, before.parts) != _texts(is_, after.parts):
            found[step.id] = f"{posixpath.basename(is_)}, or what that uses,"
    return found


def _texts(name: str, parts: Mapping[str, Playbook]) -> frozenset[str]:
    """The digests of a sub-playbook and of all it can reach."""
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        place = waiting.pop()
        part = parts.get(place)
        if part is None or place in found:
            continue
        found[place] = part.digest
        uses = [step.uses for step in part.every_step() if isinstance(step, Call)]
        waiting += [beside(place, one.path) for one in uses if one.kind == "playbook"]
    return frozenset(found.values())
