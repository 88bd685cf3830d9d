"""`core.wait` and `core.approval`: what a run waits for, whatever happens to the process meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from playbooks_engine.errors import CommandFailed, OutcomeUnknown, Rejected, TimedOut
from playbooks_engine.language.expressions import Scope, Value
from playbooks_engine.language.playbook import Call
from playbooks_engine.runtime.running.commands import Commands, Means
from playbooks_engine.runtime.running.core_commands import Approval as Question
from playbooks_engine.runtime.running.core_commands import Wait
from playbooks_engine.runtime.running.results import Given
from playbooks_engine.runtime.running.vigil import later
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Approval, StepRow

log = logging.getLogger("playbooks.run")


class Waits:
    """The waits of one run. In a plan nothing is waited for, and nobody is asked."""

    COMMANDS = frozenset({"core.wait", "core.approval"})

    def __init__(self, means: Means, commands: Commands) -> None:
        self._commands = commands
        self._run = means.run
        self._notebook = means.notebook
        self._database = means.database
        self._clock = means.clock
        self._halt = means.halt
        self._plan = means.plan

    async def wait(self, step: Call, row: StepRow, inputs: Mapping[str, Any]) -> Given:
        """What the wait came to. Raises CommandFailed, what halts the run, and Parked when the run is laid down."""
        self._halt.check()
        if row.status != "waiting" and not self._plan:
            row = self._notebook.write(replace(row, status="waiting", attempts=1, inputs=as_json(inputs)))
        if step.uses.name == "wait":
            return await self._time(row, Wait.read_inputs(inputs))
        return await self._decision(step, row, Question.read_inputs(inputs))

    async def _time(self, row: StepRow, asked: Wait) -> Given:
        began = row.started_at or self._clock.now()
        until = asked.until if asked.until is not None else later(began, asked.for_ or 0.0)
        if self._plan:
            self._plan.note(row.path, f"a run waits here until {until:%Y-%m-%d %H:%M:%S} UTC")
        else:
            await self._halt.vigil.wait(self._clock, until, self._halt)
        return Given(as_json({"until": until}), wrote=False)

    async def _decision(self, step: Call, row: StepRow, asked: Question) -> Given:
        until = later(row.started_at or self._clock.now(), asked.timeout)
        if self._plan:
            self._plan.note(row.path, f"a run asks a person here, and waits up to {format_duration(asked.timeout)}")
            await self._tell(step, row, asked, until)
            return Given(None, planned=True)
        if self._known(row) is None:
            await self._ask(step, row, asked, until)
        elif self._notebook.is_open(row.path):
            await self._tell(step, row, asked, until)
        await self._halt.vigil.wait(self._clock, until, self._halt, lambda: self._decided(row))
        with self._database.transaction() as connection:
            journal.decide_approval(connection, row.run_id, row.path, "expired", None, None, self._clock.now())
            known = journal.approval(connection, row.run_id, row.path)
        assert known is not None  # noqa: S101 - it was asked
        if known.decision == "withdrawn":  # and the process died before it could say so
            raise Rejected("Nobody could be told of the question, so it was withdrawn.")
        if known.decision == "expired" and asked.on_timeout == "fail":
            raise TimedOut(
                f"Nobody decided within {format_duration(asked.timeout)}.", indicator=f"{step.uses.text} failed."
            )
        told = {"decision": known.decision, "by": known.decided_by, "at": known.decided_at}
        return Given(as_json({**told, "inputs": known.given or {}}))

    def _known(self, row: StepRow) -> Approval | None:
        with self._database.reading() as connection:
            return journal.approval(connection, row.run_id, row.path)

    def _decided(self, row: StepRow) -> bool:
        known = self._known(row)
        return known is not None and known.decision is not None

    async def _ask(self, step: Call, row: StepRow, asked: Question, until: datetime) -> None:
        """Keep the question first: whoever gets the message finds it."""
        declared = {name: _declared(one, self._clock.now()) for name, one in step.asked.items()}
        clean = self._notebook.clean
        question = Approval(
            run_id=row.run_id, path=row.path, prompt=clean(asked.prompt), ask=clean(asked.ask),
            inputs=declared, asked_at=self._clock.now(), due_at=until,
        )  # fmt: skip
        await self._notebook.stored()
        with self._database.transaction() as connection:
            journal.ask(connection, question)
        log.info("run %s asks at %s: %s", row.run_id, row.path, question.prompt)
        try:
            await self._tell(step, row, asked, until)
        except OutcomeUnknown:
            raise
        except CommandFailed:
            with self._database.transaction() as connection:
                journal.decide_approval(connection, row.run_id, row.path, "withdrawn", None, None, self._clock.now())
            raise

    async def _tell(self, step: Call, row: StepRow, asked: Question, until: datetime) -> None:
        """Send the question to whom it is asked; raises CommandFailed when it certainly did not get there.

        When nobody knows, it is waited for all the same: the question stands on the page too.
        """
        if step.via is None:
            return
        intent = self._notebook.open_intent(row.path)
        try:
            told = await self._commands.send(step.via, row, self._message(step, row, asked, until), intent)
            if told is None:  # announced before a crash, and never sent
                await self._commands.send(step.via, row, self._message(step, row, asked, until), None)
        except OutcomeUnknown as error:
            log.warning("run %s: whether the question at %s arrived is not known: %s", row.run_id, row.path, error)

    def _message(self, step: Call, row: StepRow, asked: Question, until: datetime) -> dict[str, Any]:
        assert step.via is not None  # noqa: S101 - asked by the caller
        run = self._run.id or "ID"
        undecided = "rejected" if asked.on_timeout == "reject" else "failed"
        lines = [
            asked.prompt,
            "",
            f"Approve: playbooks runs approve {run} {row.path}",
            f"Reject: playbooks runs reject {run} {row.path}",
            f"Until {until:%Y-%m-%d %H:%M} UTC. Undecided, it is {undecided}.",
        ]
        if self._run.url:
            lines.append(self._run.url)
        given = {"to": asked.ask, "title": f"{self._run.playbook} asks", "body": "\n".join(lines)}
        if asked.ask and not self._commands.takes(step.via, "to"):
            given["body"] = f"For {asked.ask}: {given['body']}"
        return {name: value for name, value in given.items() if value and self._commands.takes(step.via, name)}


def _declared(one: Any, now: datetime) -> dict[str, Any]:
    """One thing that the person may fill in, as it is kept."""
    told = {"type": one.type, "items": one.items, "enum": list(one.enum) if one.enum else None}
    told |= {"required": one.required, "description": one.description or None, "default": _default(one.default, now)}
    return {name: value for name, value in told.items() if value is not None}


def _default(value: Value | None, now: datetime) -> Any:
    """What is taken where nothing is filled in: itself, or where it comes from."""
    if value is None:
        return None
    return as_json(value.evaluate(Scope({}, lambda: now))) if value.constant else value.text
