"""One call of a run: its inputs, its attempts, and what it comes to."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from playbooks_engine.errors import EngineError, ExpressionError, InvalidInput
from playbooks_engine.language.playbook import Call, Repeat, Retry
from playbooks_engine.runtime.running.commands import NOT_OURS, Commands, Means
from playbooks_engine.runtime.running.core_commands import Surroundings, perform
from playbooks_engine.runtime.running.failing import as_failure
from playbooks_engine.runtime.running.foreseeing import Foresight, hangs_on_planned
from playbooks_engine.runtime.running.frame import Frame
from playbooks_engine.runtime.running.once import Claims, once_key
from playbooks_engine.runtime.running.pausing import waiting_for_another
from playbooks_engine.runtime.running.results import Given, broken, fitting
from playbooks_engine.runtime.running.vigil import later
from playbooks_engine.runtime.running.waiting import Waits
from playbooks_engine.runtime.secrets import masked
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.journal import Intent, StepRow

_ONE = Retry(attempts=1)


class SubRuns(Protocol):
    """Runs other playbooks for a step. Raises CommandFailed with the error of the sub-run."""

    async def run(self, path: str, step_path: str, attempt: int, inputs: Mapping[str, Any]) -> Given: ...

    def carried_on(self) -> bool:
        """Whether one of them ended as succeeded_with_errors, in this process or before it."""
        ...


class Caller:
    """Performs the calls of one run."""

    def __init__(self, means: Means, commands: Commands, subruns: SubRuns) -> None:
        self._commands = commands
        self._subruns = subruns
        self._run = means.run
        self._notebook = means.notebook
        self._database = means.database
        self._clock = means.clock
        self._halt = means.halt
        self._plan = means.plan
        self._claims = Claims(means.database, means.clock, means.run.playbook, means.run.id, means.halt)
        self._waits = Waits(means, commands)
        self.carried_on = subruns.carried_on

    async def call(self, step: Call, frame: Frame, path: str, item: int | None) -> StepRow:
        """The finished row of a call: succeeded, reused, planned or failed. Does not raise for a failure."""
        known = self._notebook.finished(path)
        if known is not None:
            return known
        row = self._notebook.rows.get(path) or StepRow(
            run_id=self._run.id or 0, path=path, step_id=step.id, item=item, status="running",
            started_at=self._clock.now(),
        )  # fmt: skip
        if self._plan and step.once and (planned := await self._once_planned(self._plan, step, frame, row)):
            return planned
        try:
            if self._plan and hangs_on_planned(step.inputs.references, frame.steps, defaulted=True):
                return await self._foreseen(step, row, frame)
            inputs = self._inputs(step, frame, row)
        except EngineError as error:
            if self._plan and hangs_on_planned(step.inputs.references, frame.steps):
                return await self._foreseen(step, row, frame)
            return await self._failed(step, row, error)
        try:
            if step.uses.text in Waits.COMMANDS:
                return await self._ended_waiting(step, row, inputs)
            if step.once is None or self._plan:
                return await self._repeated(step, frame, row, inputs)
            return await self._once(step, frame, row, inputs)
        except ExpressionError as error:
            return await self._failed(step, row, error)

    async def _foreseen(self, step: Call, row: StepRow, frame: Frame) -> StepRow:
        await self._commands.foresee(step, row, frame)
        return await self._ended(row, "planned")

    async def _ended_waiting(self, step: Call, row: StepRow, inputs: Any) -> StepRow:
        try:
            given = await self._waits.wait(step, row, inputs)
        except NOT_OURS:
            raise
        except EngineError as error:
            return await self._failed(step, self._notebook.rows.get(row.path, row), error)
        row = self._notebook.rows.get(row.path, row)
        return await self._ended(row, "planned" if given.planned else "succeeded", output=given.output)

    def _inputs(self, step: Call, frame: Frame, row: StepRow) -> Any:
        """What the call is given; after a crash the same as before it, and never with a secret masked in it.

        Raises InvalidInput where it cannot be had any more.
        """
        if row.inputs is None:
            fresh = step.inputs.evaluate(frame.scope)
            if self._notebook.gaps and masked(as_json(fresh)):
                raise InvalidInput(
                    "What this step is given comes of a result that held a secret, which is not kept.",
                    hint="Run the playbook anew.",
                )
            return fresh
        if not masked(row.inputs):
            return row.inputs
        inputs = as_json(step.inputs.evaluate(frame.scope))
        same = self._notebook.clean(inputs) == row.inputs
        if (masked(inputs) and self._notebook.gaps) or not (same or not self._notebook.is_open(row.path)):
            raise InvalidInput(
                "What this step was given held a secret, which is not kept, and the process died before it ended.",
                hint="Run the playbook anew.",
            )
        return inputs

    async def _once_planned(self, plan: Foresight, step: Call, frame: Frame, row: StepRow) -> StepRow | None:
        """What a run would reuse for its `once` key is reused in a plan; None where the call would be made."""
        assert step.once is not None  # noqa: S101 - asked by the caller
        if hangs_on_planned(step.once.key.references, frame.steps):
            plan.note(row.path, "whether it was done before for its `once` key cannot be known")
            return None
        try:
            key = once_key(step.once.key.evaluate(frame.scope))
        except EngineError as error:
            return await self._failed(step, row, error)
        bound = self._commands.bound(step.uses)
        done = self._claims.done(step, bound, key)
        if done is not None:
            return await self._ended(row, "reused", output=done.output, raw=done.raw)
        if not plan.first_with(self._run.playbook, step.id, bound, key):
            plan.note(row.path, "comes after another call with its `once` key, whose output is reused")
            return await self._ended(row, "planned")
        return None

    async def _once(self, step: Call, frame: Frame, row: StepRow, inputs: Any) -> StepRow:
        """The call, unless it succeeded before for this key: then what it gave then."""
        assert step.once is not None  # noqa: S101 - asked by the caller
        try:
            key = once_key(step.once.key.evaluate(frame.scope))
            claim = await self._claims.claim(step, self._commands.bound(step.uses), key, row.path)
        except NOT_OURS:
            raise
        except EngineError as error:
            return await self._failed(step, row, error)
        if claim.done:
            return await self._ended(row, "reused", output=claim.output, raw=claim.raw)
        row = await self._repeated(step, frame, row, inputs)
        self._claims.settle(claim, self._notebook.cleaned(row), made=self._commands.made(row.path))
        return row

    async def _failed(self, step: Call, row: StepRow, error: EngineError) -> StepRow:
        """The row of a call that cannot even be tried; what a crash left under way stays unknown then."""
        failure = self._commands.settle_unknown(row, as_failure(error, step.uses.text))
        return await self._ended(row, "failed", error=failure.as_json())

    async def _repeated(self, step: Call, frame: Frame, row: StepRow, inputs: Any) -> StepRow:
        """The call, again and again with `repeat` until what it gives is what is waited for."""
        repeat = step.repeat
        if repeat is not None and self._plan:
            self._plan.note(row.path, "was asked once; a run asks again until what it waits for is there")
        if repeat is None or self._plan:
            return await self._attempts(step, row, inputs)
        while True:
            if row.status == "waiting" and row.ended_at is not None:  # asked before, and not yet what is waited for
                await self._halt.vigil.wait(self._clock, later(row.ended_at, repeat.every), self._halt)
            row = await self._attempts(step, replace(row, ended_at=None), inputs, finished=self._told(repeat, frame))
            if row.status != "waiting":
                return row

    def _told(self, repeat: Repeat, frame: Frame) -> Callable[[Given], bool]:
        """Whether what the call gave is what is waited for."""
        return lambda given: repeat.until.evaluate(frame.with_output(given.output).scope)

    async def _attempts(
        self, step: Call, row: StepRow, inputs: Any, finished: Callable[[Given], bool] = lambda given: True
    ) -> StepRow:
        """Try until it succeeds, fails for good, or `retry` is used up; not `finished`, it is to be asked again."""
        retry = step.retry or _ONE
        if step.uses.kind != "playbook":  # a run inside this one ends itself
            self._halt.check_time()
        intent = self._notebook.open_intent(row.path)
        attempts = max(row.attempts, intent.attempt if intent else 0)
        # What `repeat` asked for before was answered, or cut off by a crash: it has all its attempts again.
        most = retry.attempts + (attempts if step.repeat else 0)
        # A sub-playbook goes on with the run it has: a crash is no new attempt, which would be a new run.
        goes_on = intent is not None or (step.uses.kind == "playbook" and attempts > 0)
        while True:
            if not goes_on:
                self._halt.check()
                attempts += 1
            goes_on = False
            row = replace(row, status="running", attempts=attempts, inputs=as_json(inputs))
            if step.uses.kind != "core":
                self._notebook.write(row)
            try:
                given = await self._perform(step, row, inputs, intent)
            except NOT_OURS:
                raise
            except EngineError as raised:
                error = as_failure(raised, step.uses.text)
            else:
                if given is None:  # the change of before the crash never happened
                    intent = None
                    continue
                if not finished(given):
                    return self._notebook.write(replace(row, status="waiting", ended_at=self._clock.now()))
                return await self._ended(
                    row, "planned" if given.planned else "succeeded", stored=given.wrote,
                    output=given.output, raw=given.raw, child_run_id=given.child_run_id or row.child_run_id,
                )  # fmt: skip
            intent = None
            if error.type not in retry.on or attempts >= most:
                return await self._ended(row, "failed", error=error.as_json())
            row = replace(row, error=error.as_json())
            with waiting_for_another():  # a service that is down for an hour must not hold up all other runs
                await self._halt.pause(self._clock, _pause(retry, attempts - most + retry.attempts))

    async def _perform(self, step: Call, row: StepRow, inputs: Any, intent: Intent | None) -> Given | None:
        uses = step.uses
        if uses.kind == "playbook":
            return await self._subruns.run(uses.path, row.path, row.attempts, inputs)
        try:
            if uses.kind == "core":
                around = Surroundings(self._database, self._clock.now(), self._run.id, self._run.playbook)
                return Given(fitting(perform(uses.name, inputs, around)), wrote=False)
            return await self._commands.send(uses, row, inputs, intent, reads=step.repeat is not None)
        except EngineError:
            raise
        except Exception as error:  # a defect of one command is a failed step, and `on_error` and `always` still run
            raise broken(error, uses.text) from error

    async def _ended(self, row: StepRow, status: str, *, stored: bool = True, **values: Any) -> StepRow:
        """The finished row. What only read is stored with whatever leaves next: nothing leaves before it is."""
        now = self._clock.now()
        cleared = {"error": None, "output": None, "raw": None}
        ended = StepRow(**{**row.__dict__, **cleared, **values, "status": status, "ended_at": now})
        ended = self._notebook.write(ended)
        if stored:
            await self._notebook.stored()
        return ended


def _pause(retry: Retry, attempt: int) -> float:
    """Seconds before the next attempt; exponential waits are spread, so that many runs do not come back at once."""
    if retry.backoff == "constant":
        return retry.delay
    longest = min(retry.delay * 2.0 ** (attempt - 1), retry.max_delay)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311 - jitter, not a secret
