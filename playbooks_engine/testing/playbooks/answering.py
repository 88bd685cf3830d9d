"""Calls that are answered by the test: all that happens before a request leaves is real, and nothing leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playbooks_engine.errors import BadProject, InvalidInput, from_json
from playbooks_engine.runtime.calling import Called, Calling
from playbooks_engine.runtime.records import Actor, Origin
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.runtime.sending import CallSender
from playbooks_engine.sdk import Command, Request, Result, Secret
from playbooks_engine.sdk.times import as_json
from playbooks_engine.testing.playbooks.suite import Answer, Given


@dataclass(frozen=True)
class Made:
    """A call that a playbook made: by which step of which run, with which inputs; and whether it changes something.

    `inputs` is what the command made of them, `given` what the step wrote.
    """

    command: str
    step: str
    run: int | None
    path: str
    inputs: Mapping[str, Any]
    effect: str
    given: Mapping[str, Any] | None = None

    @property
    def shown(self) -> Mapping[str, Any]:
        """The inputs as people know them."""
        return self.given if self.given is not None else self.inputs


@dataclass
class Answers:
    """What a test gives, by `connection.command` and by step; what was asked, and what nobody had an answer for."""

    commands: Mapping[str, Given]
    steps: Mapping[str, Given]
    events: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """The vendor's JSON of each event by key, as it is now: what a trigger reads again before it starts a run."""
    made: list[Made] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    _used: dict[int, int] = field(default_factory=dict)

    def of(self, call: Made) -> Given | None:
        """The answers for a call: those of its step go before those of its command."""
        return self.steps.get(call.step) or self.commands.get(call.command)

    def next(self, call: Made, given: Given) -> Answer:
        """The answer for this call; raises InvalidInput when a sequence is used up."""
        used = self._used.get(id(given), 0)
        self._used[id(given)] = used + 1
        if not given.sequence:
            return given.answers[0]
        if used >= len(given.answers):
            raise self.refused(call, f"is called {used + 1} times, and its sequence has {len(given.answers)} answers")
        return given.answers[used]

    def refused(self, call: Made, why: str) -> InvalidInput:
        """The error of a call without an answer, which fails the test whatever the playbook makes of it."""
        told = f"{call.command} (step {call.step}) {why}"
        self.missing.append(told)
        return InvalidInput(f"{told}.")


class NoSecrets(Secrets):
    """A test knows none, and asks nobody for any."""

    def reveal(self, secret: Secret) -> str:
        raise BadProject("A test of a playbook has no secrets.")


class Reached(Exception):
    """A command came to its first request: it was judged and recorded, and would leave now."""


class GivenSender(CallSender):
    """Lets nothing leave."""

    async def _gate(self, request: Request, *, looking: bool = False) -> None:
        await super()._gate(request, looking=looking)
        self.requests += 1
        self._origin.left = True
        raise Reached


class GivenCalling(Calling):
    """Performs commands with the answers of a test; `live` performs the reads that it has none for."""

    sender = GivenSender

    def __init__(self, *parts: Any, answers: Answers, live: Calling | None = None) -> None:
        super().__init__(*parts)
        self._answers = answers
        self._live = live
        self.under_way = 0
        """How many live reads are waited for."""

    async def call(
        self, connection: str, command: Command, actor: Actor, *, origin: Origin | None = None, plan: bool = False
    ) -> Called:
        """What the test gives; raises CommandFailed as it says, or InvalidInput when it gives nothing."""
        origin = origin or Origin()
        call = Made(
            command=f"{connection}.{command.spec.name}",
            step=actor.step or "",
            run=actor.run,
            path=origin.path or "",
            inputs=as_json(command.model_dump(mode="json", by_alias=False, exclude_none=True)),
            effect=command.effect,
        )
        if actor.kind != "playbook":
            return self._looked_up(call)
        given = self._answers.of(call)
        if given is None and self._live is not None and command.effect == "read":
            self._answers.made.append(call)
            return await self._asked(connection, command, actor, origin, plan)
        async with self._sender(connection, command, actor, origin, plan) as sender:
            began = self._clock.monotonic()
            try:
                result = await command.run(sender)
            except Reached:
                self._answers.made.append(call)
                result = self._result(call, given)
            return Called(result, None, sender.requests, self._clock.monotonic() - began)

    def _result(self, call: Made, given: Given | None) -> Result:
        if given is None:
            kind = "a read" if call.effect == "read" else "a write"
            raise self._answers.refused(call, f"is {kind} that the test gives no answer for")
        answer = self._answers.next(call, given)
        if answer.error is not None:
            raise from_json({"message": f"The test answers {answer.error.get('type')}.", **answer.error})
        return Result(answer.output, answer.raw)

    def _looked_up(self, call: Made) -> Called:
        """A trigger reads an event again: it finds it as the timeline has left it."""
        found = [self._answers.events[key] for key in call.inputs.values() if key in self._answers.events]
        if not found:
            raise self._answers.refused(call, "was called by the engine, and no event of the test is asked for")
        return Called(Result(found[0], {"data": found[0]}), None, 1, 0.0)

    async def _asked(self, connection: str, command: Command, actor: Actor, origin: Origin, plan: bool) -> Called:
        assert self._live is not None  # noqa: S101 - asked by the caller
        self.under_way += 1
        try:
            return await self._live.call(connection, command, actor, origin=origin, plan=plan)
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        await super().close()
        if self._live is not None:
            await self._live.close()
