"""One command on one connection: made, judged, sent, recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from playbooks_engine.errors import (
    BadProject,
    BadUsage,
    CommandFailed,
    EngineError,
    OutcomeUnknown,
    StoreUnusable,
    Unusable,
)
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.clock import Clock
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.records import Actor, Origin, Recorder
from playbooks_engine.runtime.running.failing import as_failure
from playbooks_engine.runtime.secrets import Secrets, secrets_of
from playbooks_engine.runtime.sending import CallSender, Link, Planned
from playbooks_engine.sdk import Command, Request, Result
from playbooks_engine.store.journal import LeaseLost
from playbooks_engine.store.throttles import Throttles


@dataclass(frozen=True)
class Called:
    """What a call gave: a result, or in a plan the request that would have left; and what it cost."""

    result: Result | None
    planned: Request | None
    requests: int
    duration: float


class Calling:
    """Performs commands on the project's connections, over links that stay open."""

    sender: ClassVar[type[CallSender]] = CallSender
    """What a running command sends with."""

    def __init__(
        self,
        project: Project,
        catalog: Catalog,
        recorder: Recorder,
        secrets: Secrets,
        clock: Clock,
        throttles: Throttles | None = None,
    ) -> None:
        self._project = project
        self._catalog = catalog
        self._recorder = recorder
        self._secrets = secrets
        self._clock = clock
        self._throttles = throttles
        self._links: dict[str, Link] = {}

    def command(self, connection: str, name: str, inputs: Mapping[str, Any]) -> Command:
        """The command with its inputs; raises BadUsage for an unknown one, InvalidInput for wrong inputs."""
        return self.command_type(connection, name).read_inputs(inputs)

    def command_type(self, connection: str, name: str) -> type[Command]:
        """The command's declaration; raises BadUsage for an unknown one."""
        return self._catalog.command(self._project.connection(connection), name, connection)

    def takes(self, connection: str, name: str, field: str) -> bool:
        """Whether the command has an input of that name; raises BadUsage for an unknown command."""
        command = self.command_type(connection, name)
        return any((one.alias or own) == field for own, one in command.model_fields.items())

    async def call(
        self, connection: str, command: Command, actor: Actor, *, origin: Origin | None = None, plan: bool = False
    ) -> Called:
        """Perform a command; raises CommandFailed. In a plan, reads are real and changes are only returned."""
        async with self._sender(connection, command, actor, origin or Origin(), plan) as sender:
            began = self._clock.monotonic()
            try:
                result = await command.run(sender)
            except Planned as planned:
                return Called(None, planned.request, sender.requests, self._clock.monotonic() - began)
            return Called(result, None, sender.requests, self._clock.monotonic() - began)

    async def resume(
        self,
        connection: str,
        command: Command,
        actor: Actor,
        origin: Origin,
        sent_at: datetime,
        request_id: str | None,
    ) -> Called | None:
        """After a crash: what became of a change whose intent has no outcome; None when it may be sent again.

        Raises OutcomeUnknown where looking cannot tell.
        """
        async with self._sender(connection, command, actor, origin, plan=False) as sender:
            began = self._clock.monotonic()
            result = await command.resume(sender, sent_at, request_id)
            if result is None:
                return None
            return Called(result, None, sender.requests, self._clock.monotonic() - began)

    @asynccontextmanager
    async def _sender(
        self, connection: str, command: Command, actor: Actor, origin: Origin, plan: bool
    ) -> AsyncIterator[CallSender]:
        """A sender for one call. However the call ends, its audit row and its intent are completed."""
        sender = self.sender(self.link(connection), command, actor, self._recorder, origin=origin, plan=plan)
        try:
            yield sender
        except CommandFailed as error:
            error.indicator = error.indicator or command.spec.failure
            sender.ended(error)
            raise
        except Planned:
            sender.ended(None)
            raise
        except (LeaseLost, StoreUnusable):
            raise  # no longer ours to record, or nothing to record it in
        except EngineError as error:
            sender.ended(ended := _cut_off(error, command, origin))
            if isinstance(ended, OutcomeUnknown):
                raise ended from error
            raise
        except BaseException:
            # Cancelled or broken half-way: the intent stays open, and whoever resumes the run looks what happened.
            raise
        else:
            sender.ended(None)

    def link(self, name: str) -> Link:
        """The open link to a connection; raises BadUsage for an unknown or inactive one."""
        if name not in self._links:
            connection = self._project.connection(name)
            if not connection.active:
                raise BadUsage(
                    f'Connection "{name}" is not active.', hint="Write `active: true` for it in project.yml to use it."
                )
            folder = self._project.folder
            link = self._links[name] = Link(name, connection, self._secrets, self._clock, self._throttles, folder)
            # Known before the first row is written: an alert may hold any text, our own key too.
            for secret in secrets_of(connection):
                with suppress(BadProject):
                    self._secrets.reveal(secret)
            return link
        return self._links[name]

    def arm(self, names: Iterable[str]) -> None:
        """Get to know the secrets of these connections, so that nothing is written with one of them in it.

        What cannot be had is told when it is needed.
        """
        for name in names:
            with suppress(Unusable):
                self.link(name)

    async def close(self) -> None:
        for link in self._links.values():
            await link.close()
        self._links.clear()


def _cut_off(error: EngineError, command: Command, origin: Origin) -> CommandFailed:
    """The end of a call that something of ours stopped, such as a secret that cannot be had any more."""
    if origin.intent_id and origin.left:
        return OutcomeUnknown(
            f"Whether this happened is not known: {error.message}", hint=error.hint, indicator=command.spec.failure
        )
    return as_failure(error, command.spec.name)


def given_up(indicator: str = "") -> OutcomeUnknown:
    """The error of a change that was under way when its time ran out."""
    return OutcomeUnknown(
        "The time allowed ran out while the change was under way.",
        hint="Look in the service whether it happened before you run it again.",
        indicator=indicator,
    )
