"""Commands of connections, sent for a step of a run: announced, sent or looked for, and what is known of them then."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from playbooks_engine.errors import (
    CommandFailed,
    EngineError,
    InvalidInput,
    OutcomeUnknown,
    Rejected,
    StoreUnusable,
    TimedOut,
)
from playbooks_engine.language.playbook import Call, Uses
from playbooks_engine.runtime.calling import Called, Calling, given_up
from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.records import Actor, Origin, Recorder
from playbooks_engine.runtime.running.failing import as_failure
from playbooks_engine.runtime.running.foreseeing import Foresight, PlannedWrite, evaluated
from playbooks_engine.runtime.running.frame import Frame
from playbooks_engine.runtime.running.halting import Halt
from playbooks_engine.runtime.running.notebook import Notebook
from playbooks_engine.runtime.running.results import LARGEST, Given, broken, fitting, never_told
from playbooks_engine.sdk import Command, Request
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import Intent, LeaseLost, StepRow

NOT_OURS = (LeaseLost, StoreUnusable)
"""What says nothing about a step: the run is somebody else's now, or nothing can be recorded for a while."""


@dataclass(frozen=True)
class RunFacts:
    """What a call needs to know of its run; `id` is None in a plan, `url` its place on the page."""

    id: int | None
    playbook: str
    fence: int
    created_at: datetime
    bound: Mapping[str, str]
    url: str = ""


@dataclass(frozen=True)
class Means:
    """What the parts that execute one run share. `plan` is the way of a plan, which changes nothing."""

    run: RunFacts
    notebook: Notebook
    database: Database
    clock: Clock
    halt: Halt
    plan: Foresight | None = None


class Commands:
    """Sends the commands of one run."""

    def __init__(self, means: Means, calling: Calling, recorder: Recorder) -> None:
        self._run = run = means.run
        self._notebook = means.notebook
        self._calling = calling
        self._recorder = recorder
        self._clock = means.clock
        self._halt = means.halt
        self._plan = means.plan
        self._made: set[str] = set()
        self._key_begins = f"{run.playbook}/{run.id or 'plan'}/{run.created_at:%Y%m%dT%H%M%S%f}/"

    async def send(
        self, uses: Uses, row: StepRow, inputs: Any, intent: Intent | None, *, reads: bool = False
    ) -> Given | None:
        """A command of a connection, sent or looked for; None when the change of before a crash never happened.

        With `reads`, a command that turns out to be a change is refused: InvalidInput.
        """
        key = self._key(row.path)
        origin = Origin(self._run.id, row.path, row.attempts, self._run.fence if self._run.id else None, key)
        command: Command | None = None
        if intent is not None:
            origin.intent_id, origin.left = intent.id, True
        try:
            connection = self.bound(uses)
            command = _keyed(self._calling.command(connection, uses.name, inputs), key)
            if reads and command.effect != "read":
                raise InvalidInput(f"`repeat` is for reads, and {uses.text} changes something with these inputs.")
            if (known := self._planned_before(uses, row, inputs)) is not None:
                return known
            called = await self._called(row.step_id, connection, command, origin, intent)
        except asyncio.CancelledError:
            if self._halt.out_of_time:
                self._cut_short(row, command.spec.failure if command else "", origin)
            raise
        except NOT_OURS:
            raise
        except Exception as error:
            raise self._judged(error, uses, origin, resumed=intent is not None) from error
        if called is None:
            self._recorder.never_happened(origin, self._clock.now())
            return None
        if command.effect != "read" and called.planned is None:
            self._made.add(row.path)
        return self._given(uses, row, called, command)

    async def _called(
        self, step: str, connection: str, command: Command, origin: Origin, intent: Intent | None
    ) -> Called | None:
        actor = Actor("playbook", self._run.playbook, self._run.id, step, looks_back=intent is not None)
        if intent is None:
            return await self._calling.call(connection, command, actor, origin=origin, plan=self._plan is not None)
        sent = (intent.written_at, intent.accepted_request_id)
        return await self._calling.resume(connection, command, actor, origin, *sent)

    def _judged(self, error: Exception, uses: Uses, origin: Origin, *, resumed: bool) -> EngineError:
        """What an error says of the change it ended: where it does not say that nothing happened, nobody knows."""
        if isinstance(error, CommandFailed) and (not resumed or isinstance(error, OutcomeUnknown | Rejected)):
            return error
        known = error if isinstance(error, EngineError) else broken(error, uses.text)
        failure = as_failure(known, uses.text)
        if origin.intent_id:
            failure = never_told(failure) if origin.left else failure
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

    def settle_unknown(self, row: StepRow, failure: CommandFailed) -> CommandFailed:
        """The failure, as it stands with a change that a crash left under way: nobody knows what became of it."""
        if (intent := self._notebook.open_intent(row.path)) is None:
            return failure
        unknown = never_told(failure)
        origin = Origin(self._run.id, row.path, intent.attempt, self._run.fence, intent_id=intent.id)
        self._recorder.settled(origin, unknown, self._clock.now())
        return unknown

    def cut_off(self, row: StepRow, error: dict[str, Any]) -> StepRow:
        """The row of a step that a time limit ended, wherever it stood; a change left open by a crash is unknown."""
        status = "cancelled"
        if (intent := self._notebook.open_intent(row.path)) is not None:
            status, unknown = "timed_out", given_up()
            origin = Origin(self._run.id, row.path, intent.attempt, self._run.fence, intent_id=intent.id)
            self._recorder.settled(origin, unknown, self._clock.now())
            error = unknown.as_json()
        return self._notebook.write(replace(row, status=status, error=error, ended_at=self._clock.now()))

    def _given(self, uses: Uses, row: StepRow, called: Called, command: Command) -> Given:
        if called.planned is not None:
            assert self._plan is not None  # noqa: S101 - only a plan leaves a change out
            self._plan.shared.changes[row.path, _asked(self.bound(uses), uses, row.inputs)] = called.planned
            self._plan_write(uses, row, called.planned)
            return Given(None, planned=True)
        assert called.result is not None  # noqa: S101 - a call is planned or has a result
        output = fitting(called.result.output, done=command.effect != "read")
        raw = called.result.raw
        kept = raw if len(to_json(raw)) <= LARGEST else None
        given = Given(output, kept, wrote=command.effect != "read")
        if self._plan is not None:
            self._plan.shared.reads[_asked(self.bound(uses), uses, row.inputs)] = given
        return given

    def _planned_before(self, uses: Uses, row: StepRow, inputs: Any) -> Given | None:
        """What another way of this plan read, or planned, already: it is asked for and audited once."""
        if self._plan is None:
            return None
        asked = _asked(self.bound(uses), uses, as_json(inputs))
        if (request := self._plan.shared.changes.get((row.path, asked))) is not None:
            self._plan_write(uses, row, request)
            return Given(None, planned=True)
        return self._plan.shared.reads.get(asked)

    def _plan_write(self, uses: Uses, row: StepRow, request: Request, unknown: tuple[str, ...] = ()) -> None:
        assert self._plan is not None  # noqa: S101 - only a plan leaves a change out
        planned = PlannedWrite(row.step_id, row.path, uses.text, request, unknown, self._plan.conditions)
        self._notebook.planned.append(planned)

    async def foresee(self, step: Call, row: StepRow, frame: Frame) -> None:
        """Plan a call some of whose inputs come of changes that are not made: a change is listed all the same."""
        uses = step.uses
        if self._plan is None or uses.kind != "command":
            return
        inputs, unknown = evaluated(step.inputs, frame.scope)
        kind = self._calling.command_type(self.bound(uses), uses.name)
        if kind.spec.effect == "read":
            self._plan.note(row.path, f"cannot be read before {', '.join(unknown)} is known")
            return
        changes, asked = self._plan.shared.changes, (row.path, _asked(self.bound(uses), uses, as_json(inputs)))
        if asked not in changes:
            changes[asked] = await self._foreseen(kind, uses, row, inputs, unknown)
        self._plan_write(uses, row, changes[asked], unknown)

    async def _foreseen(
        self, kind: type[Command], uses: Uses, row: StepRow, inputs: dict[str, Any], unknown: tuple[str, ...]
    ) -> Request:
        """The request of a change, with place holders where they fit; without its unknown inputs where they do not."""
        actor = Actor("playbook", self._run.playbook, self._run.id, row.step_id)
        with suppress(EngineError):
            called = await self._calling.call(self.bound(uses), kind.read_inputs(inputs), actor, plan=True)
            if called.planned is not None:
                return called.planned
        body = {name: value for name, value in inputs.items() if name not in unknown}
        return Request(kind.spec.method, kind.spec.path, body=as_json(body))

    def takes(self, uses: Uses, name: str) -> bool:
        """Whether a command has an input of that name."""
        return self._calling.takes(self.bound(uses), uses.name, name)

    def made(self, path: str) -> bool:
        """Whether the change of that step was made, although the step may have failed since."""
        return path in self._made

    def bound(self, uses: Uses) -> str:
        """The connection that an alias means in this run."""
        return self._run.bound.get(uses.alias, uses.alias)

    def _key(self, path: str) -> str:
        """The same for every attempt of a step, and for no other step of any run."""
        return f"{self._key_begins}{path}"[-512:]


def _keyed(command: Command, key: str) -> Command:
    """The command with our key where its service knows repetitions by one and the playbook gave none."""
    field = command.spec.key_field
    if field is None or getattr(command, field) is not None:
        return command
    return command.model_copy(update={field: key})


def _asked(connection: str, uses: Uses, inputs: Any) -> str:
    return f"{connection}.{uses.name} {to_json(inputs, serialize_unknown=True).decode()}"
