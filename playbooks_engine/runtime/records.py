"""What a call leaves in the store: its audit row, its intent, its outcome. Nothing unredacted gets in."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic_core import to_json

from playbooks_engine.errors import CommandFailed, OutcomeUnknown
from playbooks_engine.runtime.budgets import Budgets
from playbooks_engine.runtime.holding import Holding
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.sdk import Command, Request
from playbooks_engine.store.audit import Audit, NewAudit
from playbooks_engine.store.journal import Intent, Journal


@dataclass(frozen=True)
class Actor:
    """Who calls: a person, a playbook (in a run, at a step), or the service itself."""

    kind: Literal["person", "playbook", "service"]
    name: str
    run: int | None = None
    step: str | None = None
    looks_back: bool = False
    """It only looks what became of a change that an interruption left open."""

    def as_json(self) -> dict[str, str | int | None]:
        told: dict[str, str | int | None] = {"kind": self.kind, "name": self.name, "run": self.run, "step": self.step}
        return {**told, "looks_back": True} if self.looks_back else told


@dataclass
class Origin:
    """Which attempt of which step of which run a call is; all empty for a call by itself."""

    run_id: int | None = None
    path: str | None = None
    attempt: int = 1
    fence: int | None = None
    key: str | None = None
    intent_id: str = ""
    left: bool = False
    """Whether a request may have reached the service."""


class Recorder:
    """Writes what calls do, through the journal's group commit."""

    def __init__(self, journal: Journal, audit: Audit, secrets: Secrets, holding: Holding, budgets: Budgets) -> None:
        self._journal = journal
        self._budgets = budgets
        self._audit = audit
        self._secrets = secrets
        self._holding = holding
        self.committed = journal.committed

    async def call_begins(
        self,
        *,
        known: str | None,
        spends: bool,
        actor: Actor,
        connection: str,
        connector: str,
        command: Command,
        request: Request,
        decision: Literal["allowed", "denied", "planned"],
        rule: str,
        now: datetime,
    ) -> str:
        """Write the audit row; returns its id for `call_ended`.

        `known` is the id of the row where the call has one already. With `spends` the call uses up its write budget:
        raises NotAllowed where that is used up.
        """
        spec = command.spec
        row = NewAudit(
            at=now,
            actor=actor.as_json(),
            connection=connection,
            connector=connector,
            command=spec.name,
            area=spec.area,
            effect=command.effect,
            target=self._secrets.redact(_target(command, request)),
            decision=decision,
            rule=rule,
        )
        spent = await self._budgets.spend(row, known) if spends else None
        return spent or known or self._audit.before(row)

    def call_ended(
        self, audit_id: str, error: CommandFailed | None, requests: int, now: datetime, *, planned: bool = False
    ) -> None:
        self._audit.after(
            audit_id,
            "planned" if planned else error.type if error else "succeeded",
            now,
            requests=requests,
            status_code=error.status_code if error else None,
        )

    def intent(
        self, origin: Origin, connection: str, connector: str, command: Command, request: Request, now: datetime
    ) -> None:
        """Write what is about to leave; it must be committed before it does."""
        origin.intent_id = uuid.uuid4().hex
        self._journal.intent(
            Intent(
                id=origin.intent_id,
                run_id=origin.run_id,
                path=origin.path,
                attempt=origin.attempt,
                command=f"{connector}.{command.spec.name}",
                connection=connection,
                effect=command.effect,
                key=origin.key,
                request_hash=hashlib.sha256(to_json(request.as_json())).hexdigest(),
                method=request.method,
                url_path=self._secrets.redact(request.target),
                body=self._secrets.clean(request.shown),
                written_at=now,
            ),
            origin.fence,
        )

    def make_sure(self, origin: Origin) -> None:
        """Return when the run of the call is still ours to act for; raises LeaseLost."""
        if origin.run_id is not None and origin.fence is not None:
            self._holding.make_sure(origin.run_id, origin.fence)

    async def accepted(self, origin: Origin, request_id: str) -> None:
        """The service took the change under this id: a crash from here on can ask for it."""
        self._journal.accepted(origin.intent_id, request_id, origin.fence)
        await self._journal.committed()

    def settled(self, origin: Origin, error: CommandFailed | None, now: datetime) -> None:
        """The outcome of the change is known, or known not to be knowable."""
        outcome = "succeeded" if error is None else "unknown" if isinstance(error, OutcomeUnknown) else "failed"
        self._journal.settled(origin.intent_id, outcome, now, origin.fence)

    def never_happened(self, origin: Origin, now: datetime) -> None:
        """Looking after a crash showed that the change was not made."""
        self._journal.settled(origin.intent_id, "failed", now, origin.fence)


def _target(command: Command, request: Request) -> str:
    """What the call is about, in few words: its path inputs, else the start of its first text."""
    spec = command.spec
    values = [str(getattr(command, name)) for name in type(command).model_fields if name in spec.path_fields]
    if not values and spec.body_fields:
        texts = (getattr(command, name) for name in type(command).model_fields if name in spec.body_fields)
        values = [next((text for text in texts if isinstance(text, str)), "")]
    return " ".join(values)[:200]
