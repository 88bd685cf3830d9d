"""One call of a run: its inputs, its attempts, and what a crash or a time limit left half-way."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from pydantic_core import to_json

from playbooks_engine.errors import (
    CommandFailed,
    EngineError,
    InvalidInput,
    OutcomeUnknown,
    Rejected,
    StoreUnusable,
    TimedOut,
    UnexpectedAnswer,
)
from playbooks_engine.language.playbook import Call, Retry
from playbooks_engine.runtime.calling import Called, Calling, given_up
from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.records import Actor, Origin, Recorder
from playbooks_engine.runtime.running.core_commands import Surroundings, perform
from playbooks_engine.runtime.running.failing import as_failure
from playbooks_engine.runtime.running.frame import Frame
from playbooks_engine.runtime.running.notebook import Notebook, PlannedWrite
from playbooks_engine.runtime.running.once import Claims, once_key
from playbooks_engine.runtime.running.pausing import pause
from playbooks_engine.runtime.secrets import masked
from playbooks_engine.sdk import Command
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import Intent, LeaseLost, StepRow

LARGEST = 1024 * 1024
"""Bytes of a step's result that are kept."""

_ONE = Retry(attempts=1)

_NOT_OURS = (LeaseLost, StoreUnusable)
"""What says nothing about a step: the run is somebody else's now, or nothing can be recorded for a while."""

log = logging.getLogger("playbooks.run")


@dataclass(frozen=True)
class Given:
    """What a call gave."""

    output: Any
    raw: Any = None
    planned: bool = False
    child_run_id: int | None = None
    wrote: bool = True


class SubRuns(Protocol):
    """Runs other playbooks for a step. Raises CommandFailed with the error of the sub-run."""

    async def run(self, path: str, step_path: str, attempt: int, inputs: Mapping[str, Any]) -> Given: ...


@dataclass(frozen=True)
class RunFacts:
    """What a call needs to know of its run; `id` is None in a plan."""

    id: int | None
    playbook: str
    fence: int
    created_at: datetime
    bound: Mapping[str, str]


class Caller:
    """Performs the calls of one run."""

    def __init__(
        self,
        run: RunFacts,
        notebook: Notebook,
        calling: Calling,
        recorder: Recorder,
        database: Database,
        clock: Clock,
        subruns: SubRuns,
        claims: Claims,
        *,
        plan: bool = False,
        outer: Callable[[], bool] = lambda: False,
        stopping: asyncio.Event | None = None,
    ) -> None:
        self._run = run
        self._notebook = notebook
        self._calling = calling
        self._recorder = recorder
        self._database = database
        self._clock = clock
        self._subruns = subruns
        self._claims = claims
        self._plan = plan
        self._time_is_over = 0
        self._outer = outer
        self._stopping = stopping
        self._made: set[str] = set()
        self._key_begins = f"{run.playbook}/{run.id or 'plan'}/{run.created_at:%Y%m%dT%H%M%S%f}/"

    @contextmanager
    def time_is_over(self) -> Iterator[None]:
        """Within this, a cancelled call was cancelled by a time limit, not because the process stops."""
        self._time_is_over += 1
        try:
            yield
        finally:
            self._time_is_over -= 1

    @property
    def out_of_time(self) -> bool:
        """Whether what is cancelled now is cancelled by a time limit, of this run or of one that waits for it."""
        return self._time_is_over > 0 or self._outer()

    def hangs_on_planned(self, names: frozenset[tuple[str | int, ...]], frame: Frame) -> bool:
        """Whether an expression reads a step that a plan did not really run."""
        used = {name[1] for name in names if len(name) > 1 and name[0] == "steps"}
        return any(frame.steps.get(str(step), {}).get("status") == "planned" for step in used)

    async def call(self, step: Call, frame: Frame, path: str, item: int | None) -> StepRow:
        """The finished row of a call: succeeded, reused, planned or failed. Does not raise for a failure."""
        known = self._notebook.finished(path)
        if known is not None:
            return known
        row = self._notebook.rows.get(path) or StepRow(
            run_id=self._run.id or 0, path=path, step_id=step.id, item=item, status="running",
            started_at=self._clock.now(),
        )  # fmt: skip
        try:
            inputs = self._inputs(step, frame, row)
        except EngineError as error:
            if self._plan and self.hangs_on_planned(step.inputs.names, frame):
                return await self._ended(row, "planned")
            return await self._failed(step, row, error)
        if step.once is None or self._plan:
            return await self._attempts(step, row, inputs)
        return await self._once(step, frame, row, inputs)

    def _inputs(self, step: Call, frame: Frame, row: StepRow) -> Any:
        """What the call is given; after a crash the same as before it, and never with a secret masked in it.

        Raises InvalidInput where it cannot be had any more.
        """
        if row.inputs is None:
            return step.inputs.evaluate(frame.scope)
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

    async def _once(self, step: Call, frame: Frame, row: StepRow, inputs: Any) -> StepRow:
        """The call, unless it succeeded before for this key: then what it gave then."""
        assert step.once is not None  # noqa: S101 - asked by the caller
        try:
            key = once_key(step.once.key.evaluate(frame.scope))
            claim = await self._claims.claim(step, self._bound(step), key, row.path)
        except _NOT_OURS:
            raise
        except EngineError as error:
            return await self._failed(step, row, error)
        if claim.done:
            return await self._ended(row, "reused", output=claim.output, raw=claim.raw)
        row = await self._attempts(step, row, inputs)
        self._claims.settle(claim, self._notebook.cleaned(row), made=row.path in self._made)
        return row

    async def _failed(self, step: Call, row: StepRow, error: EngineError) -> StepRow:
        """The row of a call that cannot even be tried; what a crash left under way stays unknown then."""
        failure = as_failure(error, step.uses.text)
        if (intent := self._notebook.open_intent(row.path)) is not None:
            failure = _never_told(failure)
            origin = Origin(self._run.id, row.path, intent.attempt, self._run.fence, intent_id=intent.id)
            self._recorder.settled(origin, failure, self._clock.now())
        return await self._ended(row, "failed", error=failure.as_json())

    async def _attempts(self, step: Call, row: StepRow, inputs: Any) -> StepRow:
        """Try until it succeeds, fails for good, or `retry` is used up."""
        retry = step.retry or _ONE
        intent = self._notebook.open_intent(row.path)
        attempts = max(row.attempts, intent.attempt if intent else 0)
        # A sub-playbook goes on with the run it has: a crash is no new attempt, which would be a new run.
        goes_on = intent is not None or (step.uses.kind == "playbook" and attempts > 0)
        while True:
            if not goes_on:
                attempts += 1
            goes_on = False
            row = replace(row, status="running", attempts=attempts, inputs=as_json(inputs))
            if step.uses.kind != "core":
                self._notebook.write(row)
            try:
                given = await self._perform(step, row, inputs, intent)
            except _NOT_OURS:
                raise
            except EngineError as raised:
                error = as_failure(raised, step.uses.text)
            else:
                if given is None:  # the change of before the crash never happened
                    intent = None
                    continue
                return await self._ended(
                    row, "planned" if given.planned else "succeeded", stored=given.wrote,
                    output=given.output, raw=given.raw, child_run_id=given.child_run_id or row.child_run_id,
                )  # fmt: skip
            intent = None
            if error.type not in retry.on or attempts >= retry.attempts:
                return await self._ended(row, "failed", error=error.as_json())
            row = replace(row, error=error.as_json())
            await pause(self._clock, _pause(retry, attempts), self._stopping)

    async def _perform(self, step: Call, row: StepRow, inputs: Any, intent: Intent | None) -> Given | None:
        uses = step.uses
        if uses.kind == "playbook":
            return await self._subruns.run(uses.path, row.path, row.attempts, inputs)
        try:
            if uses.kind == "core":
                around = Surroundings(self._database, self._clock.now(), self._run.id, self._run.playbook)
                return Given(fitting(perform(uses.name, inputs, around)), wrote=False)
            return await self._sent(step, row, inputs, intent)
        except EngineError:
            raise
        except Exception as error:  # a defect of one command is a failed step, and `on_error` and `always` still run
            raise _broken(error, uses.text) from error

    async def _sent(self, step: Call, row: StepRow, inputs: Any, intent: Intent | None) -> Given | None:
        """A command of a connection, sent or looked for; None when the change of before a crash never happened."""
        key = self._key(row.path)
        origin = Origin(self._run.id, row.path, row.attempts, self._run.fence if self._run.id else None, key)
        command: Command | None = None
        if intent is not None:
            origin.intent_id, origin.left = intent.id, True
        try:
            connection = self._bound(step)
            command = _keyed(self._calling.command(connection, step.uses.name, inputs), key)
            called = await self._called(step, connection, command, origin, intent)
        except asyncio.CancelledError:
            if self.out_of_time:
                self._cut_short(row, command.spec.failure if command else "", origin)
            raise
        except _NOT_OURS:
            raise
        except Exception as error:
            raise self._judged(error, step, origin, resumed=intent is not None) from error
        if called is None:
            self._recorder.never_happened(origin, self._clock.now())
            return None
        if command.effect != "read" and called.planned is None:
            self._made.add(row.path)
        return self._given(step, called, command)

    async def _called(
        self, step: Call, connection: str, command: Command, origin: Origin, intent: Intent | None
    ) -> Called | None:
        actor = Actor("playbook", self._run.playbook, self._run.id, step.id)
        if intent is None:
            return await self._calling.call(connection, command, actor, origin=origin, plan=self._plan)
        sent = (intent.written_at, intent.accepted_request_id)
        return await self._calling.resume(connection, command, actor, origin, *sent)

    def _judged(self, error: Exception, step: Call, origin: Origin, *, resumed: bool) -> EngineError:
        """What an error says of the change it ended: where it does not say that nothing happened, nobody knows."""
        if isinstance(error, CommandFailed) and (not resumed or isinstance(error, OutcomeUnknown | Rejected)):
            return error
        known = error if isinstance(error, EngineError) else _broken(error, step.uses.text)
        failure = as_failure(known, step.uses.text)
        if origin.intent_id:
            failure = _never_told(failure) if origin.left else failure
            self._recorder.settled(origin, failure, self._clock.now())
        return failure

    def _cut_short(self, row: StepRow, indicator: str, origin: Origin) -> None:
        """A time limit ended the call: what is known of it then. A change under way has an unknown outcome."""
        error: CommandFailed = TimedOut("The time allowed ran out.", indicator=indicator)
        if origin.intent_id:
            if origin.left:
                error = given_up(indicator)
            self._recorder.settled(origin, error, self._clock.now())
        self._notebook.write(replace(row, status="timed_out", error=error.as_json(), ended_at=self._clock.now()))

    def cut_off(self, row: StepRow, error: dict[str, Any]) -> StepRow:
        """The row of a step that a time limit ended, wherever it stood; a change left open by a crash is unknown."""
        status = "cancelled"
        if (intent := self._notebook.open_intent(row.path)) is not None:
            status, unknown = "timed_out", given_up()
            origin = Origin(self._run.id, row.path, intent.attempt, self._run.fence, intent_id=intent.id)
            self._recorder.settled(origin, unknown, self._clock.now())
            error = unknown.as_json()
        return self._notebook.write(replace(row, status=status, error=error, ended_at=self._clock.now()))

    def _given(self, step: Call, called: Called, command: Command) -> Given:
        if called.planned is not None:
            self._notebook.planned.append(PlannedWrite(step.id, step.uses.text, called.planned))
            return Given(None, planned=True)
        assert called.result is not None  # noqa: S101 - a call is planned or has a result
        output = fitting(called.result.output, done=command.effect != "read")
        raw = called.result.raw
        kept = raw if len(to_json(raw)) <= LARGEST else None
        return Given(output, kept, wrote=command.effect != "read")

    async def _ended(self, row: StepRow, status: str, *, stored: bool = True, **values: Any) -> StepRow:
        """The finished row. What only read is stored with whatever leaves next: nothing leaves before it is."""
        now = self._clock.now()
        cleared = {"error": None, "output": None, "raw": None}
        ended = StepRow(**{**row.__dict__, **cleared, **values, "status": status, "ended_at": now})
        ended = self._notebook.write(ended)
        if stored:
            await self._notebook.stored()
        return ended

    def _bound(self, step: Call) -> str:
        return self._run.bound.get(step.uses.alias, step.uses.alias)

    def _key(self, path: str) -> str:
        """The same for every attempt of a step, and for no other step of any run."""
        return f"{self._key_begins}{path}"[-512:]


def _never_told(failure: CommandFailed) -> OutcomeUnknown:
    """A change that was under way when something else went wrong."""
    return OutcomeUnknown(
        f"This was sent, and whether it happened cannot be told: {failure.message}",
        hint=f"Look in the service before you run it again. {failure.hint or ''}".strip(),
        status_code=failure.status_code,
        request_id=failure.request_id,
        indicator=failure.indicator,
    )


def _broken(error: Exception, command: str) -> UnexpectedAnswer:
    """A defect of a command, told to the log in full and to the run in a line."""
    log.error("%s broke; this is a defect", command, exc_info=error)
    return UnexpectedAnswer(
        f"{command} broke: {type(error).__name__}.", hint="This is a defect; the log says where it is."
    )


def fitting(output: Any, *, done: bool = False) -> Any:
    """The output, if it is small enough to keep; raises UnexpectedAnswer, which is not tried again."""
    size = len(to_json(output))
    if size <= LARGEST:
        return output
    raise UnexpectedAnswer(
        f"{'The change was made, but its' if done else 'The'} result is {size / LARGEST:.1f} MB; "
        "a step keeps at most 1 MB.",
        hint="Do not run it again for that." if done else "Ask for less: a narrower query, or fewer items.",
    )


def _keyed(command: Command, key: str) -> Command:
    """The command with our key where its service knows repetitions by one and the playbook gave none."""
    field = command.spec.key_field
    if field is None or getattr(command, field) is not None:
        return command
    return command.model_copy(update={field: key})


def _pause(retry: Retry, attempt: int) -> float:
    """Seconds before the next attempt; exponential waits are spread, so that many runs do not come back at once."""
    if retry.backoff == "constant":
        return retry.delay
    longest = min(retry.delay * 2.0 ** (attempt - 1), retry.max_delay)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311 - jitter, not a secret
