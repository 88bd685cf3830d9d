"""The steps of one run in order: blocks, conditions, loops, time limits, and what follows a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playbooks_engine.errors import ExpressionError, InvalidInput, TimedOut, UnexpectedAnswer
from playbooks_engine.faults import fault
from playbooks_engine.language.expressions import Condition, Value
from playbooks_engine.language.playbook import Block, Call, Playbook, Step
from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.running.calls import Caller, fitting
from playbooks_engine.runtime.running.failing import (
    GivenBack,
    OutOfTime,
    StepFailed,
    as_failure,
    failure_of,
    seen_error,
    uses_of,
)
from playbooks_engine.runtime.running.frame import GOOD, Frame, result_of, short
from playbooks_engine.runtime.running.items import items_of
from playbooks_engine.runtime.running.notebook import Notebook
from playbooks_engine.runtime.running.pausing import together
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.journal import StepRow

LAST_WORDS = 60.0
"""Seconds that `always` may take when the time of its step is over."""

__all__ = ["Ended", "Execution", "GivenBack"]


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
        notebook: Notebook,
        caller: Caller,
        clock: Clock,
        *,
        stopping: asyncio.Event | None = None,
        plan: bool = False,
    ) -> None:
        self._playbook = playbook
        self._run: dict[str, Any] = dict(roots["run"])
        self._roots = {**roots, "run": self._run}
        self._started_at = started_at
        self._notebook = notebook
        self._caller = caller
        self._clock = clock
        self._stopping = stopping
        self._plan = plan
        self._with_errors = False
        self._over_since = started_at

    async def execute(self) -> Ended:
        """Run to the end; raises GivenBack when the process is asked to stop."""
        frame = Frame(self._roots, self._clock.now)
        error: dict[str, Any] | None = None
        status, output = "succeeded", None
        try:
            await self._in_time(
                self._playbook.timeout, self._started_at, self._sequence(self._playbook.steps, frame, "")
            )
            output = self._output(frame)
        except StepFailed as failed:
            status, error = "failed", failed.error
        except OutOfTime:
            limit = format_duration(self._playbook.timeout or 0)
            status = "timed_out"
            error = seen_error("", "", TimedOut(f"The run took longer than {limit}.").as_json())
            self._cut_off("", error)
        except asyncio.CancelledError:
            if not self._caller.out_of_time:
                raise
            status = "cancelled"
            error = seen_error("", "", TimedOut("The time of the run that waits for this one is over.").as_json())
            self._cut_off("", error)
        if status == "succeeded" and self._with_errors:
            status = "succeeded_with_errors"
        self._run["status"] = status
        if error is not None and status != "cancelled":
            await self._aftermath(self._playbook.on_error, frame.with_error(error), "")
        late = await self._aftermath(self._playbook.always, frame.with_error(error), "", limit=LAST_WORDS)
        if late is not None and error is None:
            status, error, output = "failed", late, None
        elif status == "succeeded" and self._with_errors:  # carried on in `always`
            status = "succeeded_with_errors"
        return Ended(status, output, error)

    # one after the other

    async def _sequence(self, steps: Sequence[Step], frame: Frame, prefix: str) -> None:
        for step in steps:
            if self._stops:
                raise GivenBack
            fault("before_next_step")
            await self._step(step, frame, prefix)

    @property
    def _stops(self) -> bool:
        """Whether the process stops: what is under way ends, and nothing new begins."""
        return self._stopping is not None and self._stopping.is_set()

    async def _step(self, step: Step, frame: Frame, prefix: str, item: int | None = None) -> None:
        path = prefix + step.id
        failure: StepFailed | None = None
        began = self._began(path)
        try:
            holds = step.when is None or await self._holds(step.when, step, frame, path, item)
        except StepFailed as failed:
            holds, failure = True, failed
        if not holds:
            frame.record(self._notebook.rows[path])
            await self._sequence(step.otherwise, frame, prefix)
            return
        try:
            if failure is None:
                failure = await self._tried(step, frame, path, began, item)
            if failure is not None:
                await self._aftermath(step.on_error, frame.with_error(failure.error), prefix)
        except asyncio.CancelledError:
            if self._caller.out_of_time and path in self._notebook.rows:
                await self._last_words(step, frame, path, prefix)
            raise
        error = failure.error if failure else None
        late = await self._aftermath(step.always, frame.with_error(error), prefix, limit=LAST_WORDS)
        if failure is None and late is not None:
            failure = StepFailed(late)
        if failure is None:
            return
        if not step.continue_on_error:
            raise failure
        self._with_errors = True

    async def _tried(self, step: Step, frame: Frame, path: str, began: datetime, item: int | None) -> StepFailed | None:
        """Run the body of a step within its time; returns what failed."""
        try:
            await self._in_time(step.timeout, began, self._body(step, frame, path, item))
        except StepFailed as failed:
            return failed
        except OutOfTime:
            return await self._timed_out(step, frame, path, began)
        return None

    async def _last_words(self, step: Step, frame: Frame, path: str, prefix: str) -> None:
        """A time limit around this step ended it: its `always` still runs, as long as that limit's may."""
        error = seen_error(step.id, uses_of(step), TimedOut("A time limit around this step ran out.").as_json())
        self._cut_off(path, error)
        frame.record(self._notebook.rows[path])
        left = LAST_WORDS - (self._clock.now() - self._over_since).total_seconds()
        await self._aftermath(step.always, frame.with_error(error), prefix, limit=left)

    def _cut_off(self, path: str, error: dict[str, Any], *, itself: bool = True) -> None:
        """No step stays as if it were running where a time limit ended it."""
        for row in self._notebook.unfinished(path):
            if itself or row.path != path:
                self._caller.cut_off(row, error)

    async def _aftermath(
        self, steps: Sequence[Step], frame: Frame, prefix: str, *, limit: float | None = None
    ) -> dict[str, Any] | None:
        """Run `on_error` or `always`; returns what failed in it, which never hides the first failure."""
        if not steps:
            return None
        try:
            await self._in_time(limit, self._clock.now(), self._sequence(steps, frame, prefix))
        except StepFailed as failed:
            return failed.error
        except OutOfTime:
            return seen_error("", "", TimedOut("`always` did not end in time.").as_json())
        return None

    # one step

    async def _body(self, step: Step, frame: Frame, path: str, item: int | None) -> None:
        if step.for_each is not None:
            await self._loop(step, step.for_each, frame, path)
            return
        row = await self._once_through(step, frame, path, item)
        frame.record(row)
        if row.status in {"failed", "timed_out", "cancelled"}:
            raise StepFailed(failure_of(step, row))

    async def _once_through(self, step: Step, frame: Frame, path: str, item: int | None) -> StepRow:
        """A call, or all of a block: its row when it is over. A failed block raises what failed in it."""
        if isinstance(step, Call):
            return await self._caller.call(step, frame, path, item)
        assert isinstance(step, Block)  # noqa: S101 - there are two kinds of step
        before = self._notebook.rows.get(path)
        row = before or self._notebook.write(self._row(step, path, item, "running", started_at=self._clock.now()))
        try:
            await self._sequence(step.steps, frame, f"{path}/")
        except StepFailed as failed:
            await self._end(row, "failed", error=failed.error)
            frame.record(self._notebook.rows[path])
            raise
        return await self._end(row, "succeeded")

    async def _holds(self, condition: Condition, step: Step, frame: Frame, path: str, item: int | None) -> bool:
        """Whether the step is to run. What was decided before a crash stays decided."""
        known = self._notebook.rows.get(path)
        if known is not None and known.status == "failed" and known.conditions is not None:
            frame.record(known)
            raise StepFailed(failure_of(step, known))
        if known is not None:
            return known.status != "skipped"
        now = self._clock.now()
        try:
            holds = condition.evaluate(frame.scope)
        except ExpressionError as error:
            if self._plan and self._hangs_on_planned(condition.names, frame):
                return True
            failure = as_failure(error, "").as_json()
            seen = [[condition.text, None]]
            row = self._row(step, path, item, "failed", error=failure, conditions=seen, started_at=now, ended_at=now)
            self._notebook.write(row)
            frame.record(row)
            raise StepFailed(failure_of(step, row)) from None
        if not holds:
            seen = [[text, short(value)] for text, value in condition.explain(frame.scope)]
            self._notebook.write(self._row(step, path, item, "skipped", conditions=seen, started_at=now, ended_at=now))
        return holds

    async def _timed_out(self, step: Step, frame: Frame, path: str, began: datetime) -> StepFailed:
        limit = format_duration(step.timeout or 0)
        error = TimedOut(f"The step took longer than {limit}.").as_json()
        known = self._notebook.rows.get(path)
        if known is not None and known.status == "timed_out" and known.error:
            # The call knows better: a change that was under way has an unknown outcome.
            error = known.error
        self._cut_off(path, error, itself=False)
        row = self._row(step, path, known.item if known else None, "timed_out", error=error, started_at=began)
        row = await self._end(known or row, "timed_out", error=error)
        frame.record(row)
        return StepFailed(failure_of(step, row))

    # loops

    async def _loop(self, step: Step, for_each: Value, frame: Frame, path: str) -> None:
        known = self._notebook.rows.get(path)
        began = known.started_at if known and known.started_at else self._clock.now()
        items = self._items(for_each, frame, known)
        # The items are kept, so that after a crash item 3 is still the same item.
        kept = None if isinstance(items, ExpressionError) else {"items": as_json(items)}
        whole = known or self._notebook.write(self._row(step, path, None, "running", inputs=kept, started_at=began))
        if isinstance(items, ExpressionError):
            error = as_failure(items, "").as_json()
            self._cut_off(path, error, itself=False)
            frame.record(await self._end(whole, "failed", error=error))
            raise StepFailed(seen_error(step.id, "", error))
        rows: list[StepRow | None] = [None] * len(items)
        gate = asyncio.Semaphore(step.max_parallel)
        broken = given_back = False

        async def one(index: int) -> None:
            nonlocal broken, given_back
            async with gate:
                given_back = given_back or self._stops
                if given_back or (broken and step.fail_fast):
                    return
                inner = frame.inside_loop(step.item_name, items[index], index, len(items))
                place = f"{path}[{index}]"
                try:
                    row = await self._once_through(step, inner, place, index)
                except StepFailed:
                    row = self._notebook.rows[place]
                except GivenBack:
                    given_back = True  # told when the items under way have ended, too
                    return
                rows[index] = row
                broken = broken or row.status not in GOOD

        if step.max_parallel == 1:
            for index in range(len(items)):
                await one(index)
        else:
            await together([one(index) for index in range(len(items))])
        if given_back:
            raise GivenBack
        await self._end_loop(step, frame, whole, rows)

    def _items(self, for_each: Value, frame: Frame, known: StepRow | None) -> list[Any] | ExpressionError:
        try:
            return items_of(for_each, frame, self._notebook, known)
        except ExpressionError as error:
            return [] if self._plan and self._hangs_on_planned(for_each.names, frame) else error

    async def _end_loop(self, step: Step, frame: Frame, row: StepRow, rows: list[StepRow | None]) -> None:
        results = [result_of(one) for one in rows]
        failed = [index for index, one in enumerate(rows) if one is not None and one.status not in GOOD]
        output = None
        if isinstance(step, Call):
            output = [one.output if one is not None and one.status in GOOD else None for one in rows]
        error = None
        try:
            fitting(output)
        except UnexpectedAnswer as large:
            hint = "All items were gone through, and each has its own output. Loop over fewer, or keep less of each."
            output, error = None, {**large.as_json(), "hint": hint}
        if failed:
            first = results[failed[0]]["error"] or InvalidInput("The item failed.").as_json()
            many = f"{len(failed)} of {len(rows)} items failed; item {failed[0]}: " if len(rows) > 1 else ""
            error = {**first, "message": f"{many}{first['message']}"}
        row = await self._end(row, "failed" if error else "succeeded", output=output, error=error)
        frame.record(row, results)
        if error is not None:
            raise StepFailed(seen_error(error.get("step") or step.id, error.get("command") or uses_of(step), error))

    # rows and time

    def _row(self, step: Step, path: str, item: int | None, status: str, **values: Any) -> StepRow:
        return StepRow(run_id=self._run["id"] or 0, path=path, step_id=step.id, item=item, status=status, **values)

    async def _end(self, row: StepRow, status: str, **values: Any) -> StepRow:
        if self._notebook.finished(row.path) is not None:
            return self._notebook.rows[row.path]
        current = self._notebook.rows.get(row.path, row)
        return self._notebook.write(
            StepRow(**{**current.__dict__, **values, "status": status, "ended_at": self._clock.now()})
        )

    def _began(self, path: str) -> datetime:
        row = self._notebook.rows.get(path)
        return row.started_at if row is not None and row.started_at is not None else self._clock.now()

    def _output(self, frame: Frame) -> Any:
        if self._playbook.output is None:
            return None
        try:
            return fitting(as_json(self._playbook.output.evaluate(frame.scope)))
        except UnexpectedAnswer as error:
            raise StepFailed(seen_error("output", "", error.as_json())) from None
        except ExpressionError as error:
            if self._plan and self._hangs_on_planned(self._playbook.output.names, frame):
                return None
            raise StepFailed(seen_error("output", "", as_failure(error, "").as_json())) from None

    def _hangs_on_planned(self, names: frozenset[tuple[str | int, ...]], frame: Frame) -> bool:
        return self._caller.hangs_on_planned(names, frame)

    async def _in_time(self, limit: float | None, began: datetime, work: Coroutine[Any, Any, None]) -> None:
        """Await the work for what is left of `limit` seconds since `began`; then it is cancelled: OutOfTime."""
        if limit is None:
            await work
            return
        left = limit - (self._clock.now() - began).total_seconds()
        task = asyncio.ensure_future(work)
        timer = asyncio.ensure_future(self._clock.sleep(max(left, 0.0)))
        try:
            if left > 0:
                await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            else:
                # Gone on with after its time: what was finished is gone through, and nothing gets to leave.
                await self._clock.sleep(0)
            if task.done():
                task.result()
                return
            self._over_since = self._clock.now()
            with self._caller.time_is_over():
                task.cancel()
                await asyncio.wait({task})
            raise OutOfTime
        finally:
            timer.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
