"""What was asked and what was really applied, for whoever checks afterwards."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.instants import written


@dataclass
class Entry:
    """One request as it arrived, and what came of it."""

    number: int
    time: datetime
    method: str
    path: str
    query: dict[str, str]
    body: Any
    request_id: str
    key: str | None = None
    """Name of the key; never the key."""
    status: int | None = None
    """Status answered; None when no answer left."""
    fault: str | None = None
    changed: list[str] = field(default_factory=list)
    """Ids of what it changed, once processed."""

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "time": written(self.time)}


@dataclass(frozen=True)
class Effect:
    """One change that really happened because of a request."""

    time: datetime
    request_id: str
    area: str
    action: str
    subject_id: str
    """Id of the alert, incident or whatever it was; the alias of an override."""
    alias: str
    deduplicated: bool
    """A create that only raised the count of an open alert."""
    given: dict[str, Any]
    """What the request asked for, as understood."""

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "time": written(self.time)}
