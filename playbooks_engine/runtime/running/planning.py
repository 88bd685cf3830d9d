"""Plans: a playbook followed on all its ways, with real reads and without any change. They leave no run behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from playbooks_engine.language.inputs import accept_inputs, vars_of
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.running.commands import Means, RunFacts
from playbooks_engine.runtime.running.execution import Ended
from playbooks_engine.runtime.running.foreseeing import MOST_WAYS, Foresight, PlannedWrite, Shared, merged
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.runtime.running.notebook import Notebook, Observer
from playbooks_engine.runtime.running.results import Given
from playbooks_engine.runtime.running.runs import beside, execution_of, given_by, run_root
from playbooks_engine.store.journal import StepRow


@dataclass(frozen=True)
class Planned:
    """What a plan found: how it would end and its steps, on the way on which all that is not known holds; and the
    changes of all ways. `ways` is how many were followed, `assumed` says what was assumed.
    """

    ended: Ended
    steps: list[StepRow]
    writes: list[PlannedWrite]
    ways: int = 1
    assumed: tuple[str, ...] = ()


async def plan(
    engine: Engine,
    loaded: Loaded,
    inputs: Mapping[str, Any],
    *,
    event: Mapping[str, Any] | None = None,
    bound: Mapping[str, str] | None = None,
    trigger: str = "person",
    reused: Sequence[StepRow] = (),
    observer: Observer | None = None,
) -> Planned:
    """Follow every way through a playbook; nothing is kept but the audit of the reads.

    `reused` are the steps that a rerun would begin with; `trigger` is what `run.trigger` says.

    Where a condition hangs on a change that is not made, both ways are followed, up to MOST_WAYS of them.
    """
    shared = Shared()
    now = engine.clock.now()  # of all ways: the same change at another moment would be listed as another one
    waiting: list[dict[str, bool]] = [{}]
    followed: list[Planned] = []
    failures: dict[str, None] = {}
    while waiting and len(followed) < MOST_WAYS:
        way = Foresight(waiting.pop(0), shared)
        root = run_root(engine, None, loaded.playbook.name, trigger, now)
        watcher = None if followed else observer
        planned = await _follow(engine, loaded, inputs, event, bound or {}, way, now, root, reused, watcher)
        waiting.extend(way.other_ways())
        if followed and planned.ended.error is not None:
            where = " and ".join(way.conditions)
            failures[f"if {where}, it fails: {planned.ended.error['message']}"] = None
        followed.append(planned)
    if waiting:
        shared.notes[f"there are more than {MOST_WAYS} ways through it; the changes of the others are not listed"] = (
            None
        )
    clean = engine.secrets.clean
    first = followed[0]
    ended = replace(first.ended, output=clean(first.ended.output), error=clean(first.ended.error))
    assumed = tuple(clean(text) for text in (*shared.notes, *failures))
    return Planned(ended, first.steps, merged(one.writes for one in followed), len(followed), assumed)


async def _follow(
    engine: Engine,
    loaded: Loaded,
    inputs: Mapping[str, Any],
    event: Mapping[str, Any] | None,
    bound: Mapping[str, str],
    way: Foresight,
    now: datetime,
    root: Mapping[str, Any],
    reused: Sequence[StepRow] = (),
    observer: Observer | None = None,
) -> Planned:
    notebook = Notebook(engine.secrets, rows=reused, observer=observer)
    facts = RunFacts(None, loaded.playbook.name, 0, now, bound)
    roots: dict[str, Any] = {
        "inputs": accept_inputs(loaded.playbook, inputs, now),
        "run": root,
    }
    if event is not None:
        roots["event"] = event
    roots["vars"] = vars_of(loaded.playbook, roots, now)
    parts = _Parts(engine, loaded, notebook, bound, event, way, now)
    means = Means(facts, notebook, engine.database, engine.clock, Halt(), plan=way)
    execution = execution_of(engine, means, loaded.playbook, roots, now, parts)
    ended = await execution.execute()
    return Planned(ended, [notebook.cleaned(row) for row in notebook.rows.values()], notebook.planned)


class _Parts:
    """Plans sub-playbooks in place."""

    def __init__(
        self,
        engine: Engine,
        loaded: Loaded,
        notebook: Notebook,
        bound: Mapping[str, str],
        event: Mapping[str, Any] | None,
        way: Foresight,
        now: datetime,
    ) -> None:
        self._engine = engine
        self._loaded = loaded
        self._notebook = notebook
        self._bound = bound
        self._event = event
        self._way = way
        self._now = now
        self._carried_on = False

    def carried_on(self) -> bool:
        return self._carried_on

    async def run(self, path: str, step_path: str, attempt: int, inputs: Mapping[str, Any]) -> Given:
        name = beside(self._loaded.path, path)
        inner = Loaded(self._loaded.parts[name], name, self._loaded.parts)
        way = self._way.inside(step_path)
        root = run_root(self._engine, None, inner.playbook.name, "playbook", self._now)
        planned = await _follow(self._engine, inner, inputs, self._event, self._bound, way, self._now, root)
        for write in planned.writes:
            self._notebook.planned.append(replace(write, path=f"{step_path} > {write.path}"))
        ended = planned.ended
        self._carried_on = self._carried_on or ended.status == "succeeded_with_errors"
        given = given_by(ended.status, ended.output, ended.error, name, None)
        return Given(
            given.output, planned=ended.output is None and any(row.status == "planned" for row in planned.steps)
        )
