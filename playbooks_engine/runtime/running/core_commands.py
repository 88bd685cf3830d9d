"""The `core.` commands and what they take; those that wait are waited for in waiting.py."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from playbooks_engine.errors import InvalidInput, Rejected
from playbooks_engine.sdk import Command, Duration, Moment
from playbooks_engine.sdk.times import as_json

if TYPE_CHECKING:
    from playbooks_engine.store.database import Database

log = logging.getLogger("playbooks.run")


@dataclass(frozen=True)
class Surroundings:
    """What a core command may use."""

    database: Database
    now: datetime
    run_id: int | None
    playbook: str


class Fail(Command, route="CALL fail", effect="read", area="core"):
    """Fail the step with a message of your own."""

    message: str
    """What is wrong, for people."""

    def perform(self, around: Surroundings) -> Any:
        raise Rejected(self.message)


class Log(Command, route="CALL log", effect="read", area="core"):
    """Write a line to the log of the run."""

    message: str
    """The line."""
    level: Literal["info", "warning", "error"] = "info"
    """How serious it is."""

    def perform(self, around: Surroundings) -> Any:
        run = f"run {around.run_id}" if around.run_id else "plan"
        log.log(logging.getLevelNamesMapping()[self.level.upper()], "%s, %s: %s", around.playbook, run, self.message)
        return {"message": self.message, "level": self.level}


class Stop(Command, route="CALL stop", effect="read", area="core"):
    """End the run here as succeeded: nothing further begins, `always` runs, and there is no output."""

    message: str = ""
    """Why, for people."""

    def perform(self, around: Surroundings) -> Any:
        return {"message": self.message}


class Wait(Command, route="CALL wait", effect="read", area="core"):
    """Wait for a while or until a time; the run is laid down meanwhile, and survives restarts."""

    for_: Duration | None = Field(None, alias="for")
    """How long, such as 10m."""
    until: Moment | None = None
    """Until when."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.for_ is None) == (self.until is None):
            raise ValueError("give either for or until")
        return self


class Approval(Command, route="CALL approval", effect="read", area="core"):
    """Ask a person, and wait for the decision. It never approves by itself."""

    prompt: str = Field(min_length=1, max_length=10_000)
    """What is asked."""
    timeout: Duration = Field(gt=0)
    """How long there is to decide."""
    ask: str | None = Field(None, max_length=500)
    """Whom to ask, such as a mail address; it goes to `via` as `to`."""
    via: str | None = None
    """The command that tells them, such as chat.send; without one the question stands on the page only."""
    on_timeout: Literal["reject", "fail"] = "reject"
    """What it means that nobody decides in time."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """What the person may fill in, declared as the inputs of a playbook are."""


class FindEvents(Command, route="CALL find_events", effect="read", area="core"):
    """Find stored events: how many there are, and their fields."""

    from_: str = Field(alias="from")
    """The stream, such as ops.alerts."""
    match: dict[str, Any] = Field(default_factory=dict)
    """Fields and the values they must have; in a list field, the value must be among the items."""
    since: Duration | Moment | None = None
    """Only events stored since this time, or for this long."""
    limit: int = Field(100, ge=1, le=1_000)
    """How many events at most; `count` counts all."""

    def perform(self, around: Surroundings) -> Any:
        from playbooks_engine.store import events  # not for those who only check the inputs

        since = _moment(self.since, around.now)
        try:
            with around.database.reading() as connection:
                count, rows = events.find(connection, self.from_, self.match, since=since, limit=self.limit)
        except (ValueError, OverflowError) as error:
            raise InvalidInput(f"match: {error}.", hint="Match text, numbers, true, false or null.") from None
        return {"count": count, "events": [{"key": row.key, **row.fields} for row in rows]}


CORE: Mapping[str, type[Command]] = {
    "fail": Fail,
    "log": Log,
    "find_events": FindEvents,
    "stop": Stop,
    "wait": Wait,
    "approval": Approval,
}
"""The core commands with declared inputs; `core.set` takes whatever its `with` holds and gives it back."""

NAMES = ("set", *CORE)


def perform(name: str, inputs: Mapping[str, Any], around: Surroundings) -> Any:
    """What the core command gives; raises CommandFailed."""
    if name == "set":
        return as_json(dict(inputs))
    if name not in CORE:
        raise InvalidInput(f"There is no command core.{name}.")
    command: Any = CORE[name].read_inputs(inputs)
    return command.perform(around)


def _moment(since: Any, now: datetime) -> datetime | None:
    if since is None or isinstance(since, datetime):
        return since
    return now - timedelta(seconds=since)
