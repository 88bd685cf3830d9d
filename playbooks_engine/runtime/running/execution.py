"""The steps of one run in order: blocks, branches, conditions, and what follows a failure or a halt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from playbooks_engine.errors import ExpressionError, InvalidInput, Rejected, TimedOut, UnexpectedAnswer
from playbooks_engine.faults import fault
from playbooks_engine.language.expressions import Condition
from playbooks_engine.language.playbook import Block, Call, Parallel, Playbook, Step
from playbooks_engine.runtime.running.branching import in_turn
from playbooks_engine.runtime.running.calls import Caller
from playbooks_engine.runtime.running.commands import Commands, Means
from playbooks_engine.runtime.running.failing import (
    OutOfTime,
    StepFailed,
    as_failure,
    failure_of,
    seen_error,
    uses_of,
)
from playbooks_engine.runtime.running.foreseeing import Foresight, hangs_on_planned
from playbooks_engine.runtime.running.frame import Frame, short
from playbooks_engine.runtime.running.halting import CalledOff, RunStopped, TimeOver, winding_up
from playbooks_engine.runtime.running.looping import Loops
from playbooks_engine.runtime.running.results import fitting
from playbooks_engine.runtime.running.rows import Rows
from playbooks_engine.runtime.running.timing import Timing
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.journal import StepRow

LAST_WORDS = 60.0
"""Seconds that `always` may take when the time of its step is over, or its run is."""

MOST_STEPS = 10_000
"""Steps that one run does, loop items included."""

log = logging.getLogger("playbooks.run")

_CALLED_OFF = "The run was cancelled."
_STOPPED = "core.stop ended the run."

__all__ = ["Ended", "Execution"]


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    status: str
    output: Any = None
    error: dict[str, Any] | None = None


class Execution:
    """One run being executed, from its first step or from where a crash left it."""

    def __init__(
        self,
        playbook: Playbook,
        roots: Mapping[str, Any],
        started_at: datetime,
        means: Means,
        caller: Caller,
        commands: Commands,
    ) -> None:
        self._playbook = playbook
        self._run: dict[str, Any] = dict(roots["run"])
        self._roots = {**roots, "run": self._run}
        self._started_at = started_at
        self._notebook = means.notebook
        self._caller = caller
        self._clock = means.clock
        self._halt = means.halt
        self._plan = means.plan
        self._with_errors = self._warned = False
        self._timing = Timing(means.clock, means.halt, started_at)
        self._rows = Rows(means, commands)
        self._loops = Loops(self._rows, means)

    async def execute(self) -> Ended:
        """Run to the end; raises GivenBack when the process is asked to stop, Parked when the run waits."""
        # Time stands still in a plan: on each of its ways it is the same moment.
        frame = Frame(self._roots, self._clock.now if self._plan is None else lambda: self._started_at)
        ended = await self._steps(frame)
        self._run["status"] = ended.status
        if ended.status in {"failed", "timed_out"}:
            assert ended.error is not None  # noqa: S101 - a failed run says why
            try:
                await self._aftermath(self._playbook.on_error, frame.with_error(ended.error), "")
            except CalledOff:
                ended = self._run_cancelled(ended.error)
            except (TimeOver, asyncio.CancelledError) as halt:
                self._only_by_time(halt)
                ended = self._run_too_long(ended.error)
        try:
            late = await self._winding_up(self._playbook.always, frame.with_error(ended.error), "")
        except asyncio.CancelledError as halt:
            self._only_by_time(halt)
            ended, late = self._run_too_long(ended.error), None
        if late is not None and ended.error is None:
            return Ended("failed", None, late)
        if ended.status == "succeeded" and self._carried_on():  # in `always`
            return Ended("succeeded_with_errors", ended.output, ended.error)
        return ended

    async def _steps(self, frame: Frame) -> Ended:
        """All but the playbook's own `on_error` and `always`."""
        try:
            work = self._sequence(self._playbook.steps, frame, "")
            await self._timing.within(self._playbook.timeout, self._started_at, work)
            output = self._output(frame)
        except StepFailed as failed:
            return Ended("failed", None, failed.error)
        except OutOfTime:
            limit = format_duration(self._playbook.timeout or 0)
            error = seen_error("", "", TimedOut(f"The run took longer than {limit}.").as_json())
            self._rows.cut_off("", error)
            return Ended("timed_out", None, error)
        except CalledOff:
            return self._run_cancelled(None)
        except RunStopped:
            self._rows.cut_off("", seen_error("", "", Rejected(_STOPPED).as_json()))
            output = None
        except (TimeOver, asyncio.CancelledError) as halt:
            self._only_by_time(halt)
            return self._run_too_long(None)
        return Ended("succeeded_with_errors" if self._carried_on() else "succeeded", output)

    def _carried_on(self) -> bool:
        """Whether an error was carried on: what a playbook of its own carried on is none less for that."""
        return self._with_errors or self._caller.carried_on()

    def _run_cancelled(self, before: dict[str, Any] | None) -> Ended:
        error = seen_error("", "", Rejected(_CALLED_OFF).as_json())
        self._rows.cut_off("", error)
        return Ended("cancelled", None, before or error)

    def _run_too_long(self, before: dict[str, Any] | None) -> Ended:
        """The run above ends by its time limit, and this one with it."""
        error = seen_error("", "", TimedOut("The time of the run that waits for this one is over.").as_json())
        self._rows.cut_off("", error)
        return Ended("cancelled", None, before or error)

    def _only_by_time(self, halt: BaseException) -> None:
        """Return where a time limit ended what was under way; raises what else did, such as the end of the process."""
        if not isinstance(halt, TimeOver) and not self._halt.out_of_time:
            raise halt

    # one after the other

    async def _sequence(self, steps: Sequence[Step], frame: Frame, prefix: str) -> None:
        for step in steps:
            if (
                prefix + step.id not in self._rows
            ):  # what was begun before a crash is gone into: its `always` may be due
                self._halt.check()
            fault("before_next_step")
            await self._step(step, frame, prefix)

    async def _step(self, step: Step, frame: Frame, prefix: str, item: int | None = None) -> None:
        path = prefix + step.id
        failure: StepFailed | None = None
        began = self._rows.began(path)
        try:
            holds = step.when is None or self._holds(step.when, step, frame, path, item)
        except StepFailed as failed:
            holds, failure = True, failed
        if not holds:
            frame.record(self._rows[path])
            await self._sequence(step.otherwise, frame, prefix)
            return
        try:
            if failure is None:
                failure = await self._tried(step, frame, path, began, item)
            if failure is not None:
                await self._aftermath(step.on_error, frame.with_error(failure.error), prefix)
        except (CalledOff, RunStopped) as halt:
            told = _CALLED_OFF if isinstance(halt, CalledOff) else _STOPPED
            self._timing.halted()
            await self._last_words(step, frame, path, prefix, Rejected(told).as_json())
            raise
        except (TimeOver, asyncio.CancelledError) as halt:
            self._only_by_time(halt)
            told = "A time limit around this step ran out."
            await self._last_words(step, frame, path, prefix, TimedOut(told).as_json())
            raise
        error = failure.error if failure else None
        late = await self._winding_up(step.always, frame.with_error(error), prefix)
        if failure is None and late is not None:
            failure = StepFailed(late)
        if failure is None:
            return
        if not step.continue_on_error:
            raise failure
        self._with_errors = True

    async def _tried(self, step: Step, frame: Frame, path: str, began: datetime, item: int | None) -> StepFailed | None:
        """Run the body of a step within its time; returns what failed."""
        # What is reused of another run has had its time.
        limit = None if path in self._rows and self._rows[path].status == "reused" else step.timeout
        try:
            await self._timing.within(limit, began, self._body(step, frame, path, item))
        except StepFailed as failed:
            return failed
        except OutOfTime:
            return self._timed_out(step, frame, path, began)
        return None

    async def _last_words(self, step: Step, frame: Frame, path: str, prefix: str, why: dict[str, Any]) -> None:
        """What is around this step ended it: its `always` still runs, as long as that one's may."""
        if path not in self._rows:
            return
        error = seen_error(step.id, uses_of(step), why)
        self._rows.cut_off(path, error)
        output, results = self._loops.so_far(step, self._rows[path])
        frame.record(self._rows[path] if results is None else replace(self._rows[path], output=output), results)
        left = LAST_WORDS - (self._clock.now() - self._timing.over_since).total_seconds()
        await self._winding_up(step.always, frame.with_error(error), prefix, limit=left)

    async def _winding_up(
        self, steps: Sequence[Step], frame: Frame, prefix: str, *, limit: float = LAST_WORDS
    ) -> dict[str, Any] | None:
        with winding_up():
            return await self._aftermath(steps, frame, prefix, limit=limit)

    async def _aftermath(
        self, steps: Sequence[Step], frame: Frame, prefix: str, *, limit: float | None = None
    ) -> dict[str, Any] | None:
        """Run `on_error` or `always`; returns what failed in it, which never hides the first failure."""
        if not steps:
            return None
        try:
            await self._timing.within(limit, self._clock.now(), self._sequence(steps, frame, prefix))
        except StepFailed as failed:
            return failed.error
        except OutOfTime:
            told = f"`always` took longer than {format_duration(limit or 0)}, which is all the time it has."
            late = next((step for step in steps if self._is_late(prefix + step.id)), steps[-1])
            return seen_error(late.id, uses_of(late), TimedOut(told).as_json())
        return None

    def _is_late(self, path: str) -> bool:
        row = self._rows.get(path)
        return row is None or row.status in {"cancelled", "timed_out"}

    # one step

    async def _body(self, step: Step, frame: Frame, path: str, item: int | None) -> None:
        if step.for_each is not None:
            await self._loops.run(step, step.for_each, frame, path, self._once_through)
            return
        row = await self._once_through(step, frame, path, item)
        frame.record(row)
        if row.status in {"failed", "timed_out", "cancelled"}:
            raise StepFailed(failure_of(step, row))

    async def _once_through(self, step: Step, frame: Frame, path: str, item: int | None) -> StepRow:
        """A call, or all of a block: its row when it is over. A failed block raises what failed in it."""
        self._count(step, path)
        if isinstance(step, Call):
            row = await self._caller.call(step, frame, path, item)
            if step.uses.text == "core.stop" and row.status == "succeeded":
                self._halt.stop()
                raise RunStopped
            return row
        row = self._rows.get(path) or self._rows.new(step, path, item, "running", started_at=self._clock.now())
        try:
            if isinstance(step, Parallel):
                await self._branches(step, frame, path)
            elif isinstance(step, Block):
                await self._sequence(step.steps, frame, f"{path}/")
        except StepFailed as failed:
            frame.record(self._rows.end(row, "failed", error=failed.error))
            raise
        return self._rows.end(row, "succeeded")

    def _count(self, step: Step, path: str) -> None:
        """Everything that can grow has a bound: loops in loops in runs that go on for days."""
        done = len(self._notebook.rows)
        if path in self._rows or done < MOST_STEPS * 0.8:
            return
        if done >= MOST_STEPS:
            hint = "Loop over fewer items, or give each its own run: a playbook that an event starts."
            error = InvalidInput(f"A run does at most {MOST_STEPS:,} steps, loop items included.", hint=hint)
            raise StepFailed(seen_error(step.id, uses_of(step), error.as_json()))
        if not self._warned:
            self._warned = True
            log.warning(
                "run %s has done %s of the %s steps a run may do", self._run["id"], f"{done:,}", f"{MOST_STEPS:,}"
            )

    async def _branches(self, step: Parallel, frame: Frame, path: str) -> None:
        """All branches to their end; they do not see each other, and what follows sees them all."""
        frames = [frame.branch() for _ in step.branches]
        failures: list[StepFailed | None] = [None] * len(frames)
        branches = list(step.branches.items())

        async def one(index: int) -> bool:
            name, steps = branches[index]
            try:
                await self._sequence(steps, frames[index], f"{path}/{name}/")
            except StepFailed as failed:
                failures[index] = failed
            return True

        try:
            await in_turn(len(frames), len(frames), one, self._halt.vigil)
        finally:
            for inner in frames:
                frame.steps.update(inner.steps)
        for failure in filter(None, failures):
            raise failure

    def _holds(self, condition: Condition, step: Step, frame: Frame, path: str, item: int | None) -> bool:
        """Whether the step is to run. What was decided before a crash stays decided."""
        known = self._rows.get(path)
        if known is not None and known.status == "failed" and known.conditions is not None:
            frame.record(known)
            raise StepFailed(failure_of(step, known))
        if known is not None:
            return known.status != "skipped"
        if self._plan and hangs_on_planned(condition.references, frame.steps, defaulted=True):
            return self._assumed(self._plan, condition, step, path, item)
        now = self._clock.now()
        try:
            holds = condition.evaluate(frame.scope)
        except ExpressionError as error:
            if self._plan and hangs_on_planned(condition.references, frame.steps):
                return self._assumed(self._plan, condition, step, path, item)
            failure = as_failure(error, "").as_json()
            seen = [[condition.text, None]]
            row = self._rows.new(
                step, path, item, "failed", error=failure, conditions=seen, started_at=now, ended_at=now
            )
            frame.record(row)
            raise StepFailed(failure_of(step, row)) from None
        seen = [[text, short(value)] for text, value in condition.explain(frame.scope)]
        if holds:
            self._notebook.saw(path, seen)
        else:
            self._rows.new(step, path, item, "skipped", conditions=seen, started_at=now, ended_at=now)
        return holds

    def _assumed(self, plan: Foresight, condition: Condition, step: Step, path: str, item: int | None) -> bool:
        holds = plan.assume(path, condition.text)
        if not holds:
            now, seen = self._clock.now(), [[condition.text, None]]
            self._rows.new(step, path, item, "skipped", conditions=seen, started_at=now, ended_at=now)
        return holds

    def _timed_out(self, step: Step, frame: Frame, path: str, began: datetime) -> StepFailed:
        limit = format_duration(step.timeout or 0)
        error = TimedOut(f"The step took longer than {limit}.").as_json()
        known = self._rows.get(path)
        if known is not None and known.status == "timed_out" and known.error:
            # The call knows better: a change that was under way has an unknown outcome.
            error = known.error
        self._rows.cut_off(path, error, itself=False)
        item = known.item if known else None
        row = known or self._rows.draft(step, path, item, "timed_out", error=error, started_at=began)
        output, results = self._loops.so_far(step, row)
        row = self._rows.end(row, "timed_out", error=error, output=output)
        frame.record(row, results)
        return StepFailed(failure_of(step, row))

    def _output(self, frame: Frame) -> Any:
        if self._playbook.output is None:
            return None
        try:
            return fitting(as_json(self._playbook.output.evaluate(frame.scope)))
        except UnexpectedAnswer as error:
            raise StepFailed(seen_error("output", "", error.as_json())) from None
        except ExpressionError as error:
            if self._plan and hangs_on_planned(self._playbook.output.references, frame.steps):
                return None
            raise StepFailed(seen_error("output", "", as_failure(error, "").as_json())) from None
