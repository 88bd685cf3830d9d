"""Whole runs: taken up from the journal, executed, laid down or ended."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from playbooks_engine.errors import BadPlaybook, CommandFailed, InvalidInput, Unusable, from_json
from playbooks_engine.language.checking import check
from playbooks_engine.language.inputs import accept_inputs, vars_of
from playbooks_engine.language.playbook import Playbook
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.lanes import event_of, lane_of
from playbooks_engine.runtime.running.calls import Caller, SubRuns
from playbooks_engine.runtime.running.commands import Commands, Means, RunFacts
from playbooks_engine.runtime.running.execution import Ended, Execution
from playbooks_engine.runtime.running.halting import GivenBack, Halt
from playbooks_engine.runtime.running.notebook import Notebook, Observer
from playbooks_engine.runtime.running.once import POLL
from playbooks_engine.runtime.running.pausing import waiting_for_another
from playbooks_engine.runtime.running.results import Given
from playbooks_engine.runtime.running.vigil import Parked
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Intent, NewRun, Run, StepRow


async def execute(
    engine: Engine,
    run: Run,
    *,
    halt: Halt | None = None,
    observer: Observer | None = None,
) -> Ended | None:
    """Execute a claimed run from where it stands, and end it; None when it was given back because we stop.

    A run that waits for a time or a person is laid down until then, with status `waiting`. Whoever executes it says by
    `halt` that the process stops, or that the run is cancelled.
    """
    halt = halt or Halt()
    if run.cancel_at is not None:
        halt.call_off()
    playbook, parts = texts_of(engine, run)
    engine.calling.arm(run.connections.get(alias, alias) for alias in playbook.connections)
    rows: list[StepRow] = []
    intents: list[Intent] = []
    if run.fence > 1 or run.trigger.get("kind") == "rerun":  # so there may be something to go on from
        with engine.database.reading() as connection:
            rows = journal.steps(connection, run.id)
            intents = journal.intents(connection, run.id, unsettled_only=True)
    notebook = Notebook(engine.secrets, engine.journal, run.fence, rows, intents, observer)
    url = run_url(engine, run.id)
    facts = RunFacts(run.id, run.playbook, run.fence, run.created_at, run.connections, url)
    started_at = run.started_at or engine.clock.now()
    try:
        roots = roots_of(engine, run, playbook, started_at)
    except InvalidInput as error:
        ended = Ended("failed", None, {"step": "", "command": "", **error.as_json()})
    else:
        means = Means(facts, notebook, engine.database, engine.clock, halt)
        execution = execution_of(
            engine, means, playbook, roots, started_at, _SubRuns(engine, run, parts, halt, observer)
        )
        try:
            ended = await execution.execute()
        except GivenBack:
            await engine.journal.committed()
            with engine.database.transaction() as connection:
                journal.release(connection, run.id, run.fence)
            return None
        except Parked as parked:
            await engine.journal.committed()
            with engine.database.transaction() as connection:
                journal.park(connection, run.id, run.fence, parked.until, engine.clock.now())
            if run.parent_run_id is not None:
                raise  # the run above waits with it
            return Ended("waiting")
    ended = replace(ended, error=engine.secrets.clean(ended.error))
    kept = notebook.clean(ended.output)
    engine.journal.finish(run.id, run.fence, ended.status, kept, ended.error, engine.clock.now())
    await engine.journal.committed()
    return ended


def execution_of(
    engine: Engine, means: Means, playbook: Playbook, roots: Mapping[str, Any], started_at: datetime, subruns: SubRuns
) -> Execution:
    """The execution of a playbook by these means, for a run or for one way of a plan."""
    commands = Commands(means, engine.calling, engine.recorder)
    return Execution(playbook, roots, started_at, means, Caller(means, commands, subruns), commands)


def texts_of(engine: Engine, run: Run) -> tuple[Playbook, dict[str, Playbook]]:
    """The playbook the run began with, and its sub-playbooks: from the store, never from files edited since."""
    file = run.file or run.playbook

    def read(digest: str, name: str) -> Playbook:
        known = _PARSED.get(digest)
        if known is not None:
            return known
        with engine.database.reading() as connection:
            text = journal.text_of(connection, digest)
        if text is None:
            raise Unusable(f"Run {run.id} has lost its playbook text ({name}).")
        checked = check(text, name)
        if checked.playbook is None:
            raise BadPlaybook(checked.findings, f"Run {run.id} began with a playbook this version cannot read.")
        if len(_PARSED) > _KEPT:
            _PARSED.clear()
        _PARSED[digest] = checked.playbook
        return checked.playbook

    return read(run.digest, file), {path: read(digest, path) for path, digest in run.sources.items()}


# Parsed texts by digest: a text never changes, and the same playbook runs again and again.
_PARSED: dict[str, Playbook] = {}
_KEPT = 200


def roots_of(engine: Engine, run: Run, playbook: Playbook, started_at: Any) -> dict[str, Any]:
    """What expressions of a run see besides its steps; raises InvalidInput for inputs or vars without a value."""
    roots: dict[str, Any] = {
        "inputs": accept_inputs(playbook, run.inputs, started_at),
        "run": run_root(engine, run.id, run.playbook, began_by(run), started_at),
    }
    with engine.database.reading() as connection:
        event = event_of(engine, connection, run)
    if event is not None:
        roots["event"] = event
    # Not kept, but the same each time: they see what never changes, at the time the run began.
    roots["vars"] = vars_of(playbook, roots, started_at)
    lane_of(playbook, roots, started_at)
    return roots


def began_by(run: Run) -> str:
    """What started the run, in one word; of a rerun, what started the first run: its conditions see the same."""
    return str(run.trigger.get("began") or run.trigger.get("kind", ""))


def run_root(engine: Engine, run_id: int | None, playbook: str, trigger: str, started_at: Any) -> dict[str, Any]:
    return {
        "id": run_id,
        "playbook": playbook,
        "status": "running",
        "trigger": trigger,
        "started_at": started_at,
        "url": run_url(engine, run_id) if run_id else "",
    }


def run_url(engine: Engine, run_id: int) -> str:
    """The run's place on the page, as other machines reach it; empty when the project does not say how."""
    public = engine.project.web.public_url
    return f"{public.rstrip('/')}/runs/{run_id}" if public else ""


class _SubRuns:
    """Runs sub-playbooks as runs of their own, linked to their parent."""

    def __init__(
        self,
        engine: Engine,
        run: Run,
        parts: Mapping[str, Playbook],
        halt: Halt,
        observer: Observer | None,
    ) -> None:
        self._engine = engine
        self._run = run
        self._parts = parts
        self._halt = halt
        self._observer = observer

    async def run(self, path: str, step_path: str, attempt: int, inputs: Mapping[str, Any]) -> Given:
        engine = self._engine
        name = beside(self._run.file or "", path)
        child = self._begun(step_path, attempt)
        if child is None:
            self._halt.check()
            child = self._begin(name, step_path, inputs)
        if child.status not in journal.ENDED:
            claimed = await self._claimed(child)
        else:
            claimed = None
        if claimed is not None:
            done = await execute(engine, claimed, halt=Halt(self._halt), observer=below(step_path, self._observer))
            if done is None:
                raise GivenBack
            if done.status == "cancelled" and self._halt.out_of_time:
                raise asyncio.CancelledError  # our time is over: the sub-run has ended itself, and now this step does
            if done.status == "cancelled":
                self._halt.check()  # cancelled with the whole
            # Not as it is kept: what it gave may hold a secret, which the journal does not.
            return given_by(done.status, done.output, done.error, name, child.id)
        with engine.database.reading() as connection:
            ended = journal.run_by_id(connection, child.id)
        assert ended is not None  # noqa: S101 - it was just there
        return given_by(ended.status, ended.output, ended.error, name, child.id)

    def carried_on(self) -> bool:
        if not self._parts:
            return False
        with self._engine.database.reading() as connection:
            return any(one.status == "succeeded_with_errors" for one in journal.children(connection, self._run.id))

    async def _claimed(self, child: Run) -> Run | None:
        """The sub-run, held by us; None when another process, which lost this run, has brought it to its end."""
        engine = self._engine
        while True:
            with engine.database.transaction() as connection:
                claimed = journal.claim_part(connection, child.id, engine.owner, engine.clock.now(), LEASE)
                if claimed is not None:
                    return claimed
                now = journal.run_by_id(connection, child.id)
            if now is None or now.status in journal.ENDED:
                return None
            with waiting_for_another():
                await self._halt.pause(engine.clock, POLL)

    def _begin(self, name: str, step_path: str, inputs: Mapping[str, Any]) -> Run:
        engine, parent = self._engine, self._run
        part = self._parts[name]
        accept_inputs(part, inputs, engine.clock.now())
        if engine.secrets.without(as_json(dict(inputs))) != as_json(dict(inputs)):
            raise InvalidInput(
                f"What {name} is given holds a secret of a connection, and the inputs of a run are kept in the store.",
                hint="Leave it out: a connection uses its secret by itself.",
            )
        # An event that a person gave stands in the trigger; a stored one is known by its version.
        event = {name: value for name, value in parent.trigger.items() if name == "event"}
        new = NewRun(
            playbook=part.name,
            file=name,
            digest=part.digest,
            sources=parent.sources,
            trigger={"kind": "playbook", "name": parent.playbook, "run": parent.id, **event},
            inputs=dict(inputs),
            connections=parent.connections,
            event_stream=parent.event_stream,
            event_key=parent.event_key,
            event_version_id=parent.event_version_id,
            parent_run_id=parent.id,
            parent_path=step_path,
        )
        with engine.database.transaction() as connection:
            run_id = journal.add_run(connection, new, engine.clock.now())
            run = journal.run_by_id(connection, run_id)
        assert run is not None  # noqa: S101 - it was just added
        return run

    def _begun(self, step_path: str, attempt: int) -> Run | None:
        """The run that this attempt of the step began before a crash: each attempt has one of its own."""
        if self._run.fence == 1:  # nothing was begun before
            return None
        with self._engine.database.reading() as connection:
            mine = journal.children(connection, self._run.id, step_path)
        return mine[attempt - 1] if len(mine) >= attempt else None


def below(step_path: str, observer: Observer | None) -> Observer | None:
    """The observer, told of the steps of a sub-playbook as those of the step that calls it: `who/rota`."""
    if observer is None:
        return None
    return lambda row: observer(replace(row, path=f"{step_path}/{row.path}"))


def given_by(status: str, output: Any, error: dict[str, Any] | None, name: str, run_id: int | None) -> Given:
    if status in {"succeeded", "succeeded_with_errors"}:
        return Given(output, output, child_run_id=run_id)
    reason = from_json(error) if error else CommandFailed(f"{name} ended as {status}.")
    where = f" (run {run_id}, step {error['step']})" if error and run_id and error.get("step") else ""
    reason.message = f"{name} {status}{where}: {reason.message}"
    reason.indicator = ""
    raise reason


def beside(file: str, path: str) -> str:
    """A sub-playbook's path, relative to the project folder like its parent's."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
