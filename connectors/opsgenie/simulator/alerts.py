"""An alert, and the book all alerts are kept in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.opsgenie.simulator.instants import milliseconds, written


@dataclass(frozen=True)
class Entry:
    """A line in an alert's or incident's log, or a note."""

    text: str
    owner: str
    created_at: datetime
    kind: str
    number: int

    @property
    def offset(self) -> str:
        at = milliseconds(self.created_at)
        return f"{at}_{at + self.number}"

    def as_log(self) -> dict[str, Any]:
        return {"log": self.text, "type": self.kind, **self._rest()}

    def as_note(self) -> dict[str, Any]:
        return {"note": self.text, **self._rest()}

    def _rest(self) -> dict[str, Any]:
        return {"owner": self.owner, "createdAt": written(self.created_at), "offset": self.offset}


@dataclass(frozen=True)
class Attachment:
    """A file that hangs on an alert."""

    id: str
    name: str
    content: bytes = field(repr=False)
    content_type: str
    secret: str = field(repr=False)
    """The part of its address that nobody can guess."""


@dataclass
class Alert:
    """One alert as the service knows it."""

    id: str
    tiny_id: str
    alias: str
    message: str
    created_at: datetime
    updated_at: datetime
    last_occurred_at: datetime
    status: str = "open"
    acknowledged: bool = False
    seen: bool = False
    tags: list[str] = field(default_factory=list)
    snoozed_until: datetime | None = None
    count: int = 1
    source: str = ""
    owner: str = ""
    priority: str = "P3"
    teams: list[str] = field(default_factory=list)
    responders: list[dict[str, str]] = field(default_factory=list)
    visible_to: list[dict[str, str]] = field(default_factory=list)
    integration: dict[str, str] = field(default_factory=dict)
    owner_team_id: str = ""
    actions: list[str] = field(default_factory=list)
    entity: str = ""
    description: str = ""
    details: dict[str, str] = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
    notes: list[Entry] = field(default_factory=list)
    logs: list[Entry] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    visible_at: datetime | None = None
    """Until then lists and counts do not show it, while a get does; None once it is shown."""

    @property
    def snoozed(self) -> bool:
        return self.snoozed_until is not None

    def write_log(self, text: str, owner: str, at: datetime, kind: str = "system") -> None:
        self.logs.append(Entry(text, owner, at, kind, len(self.logs)))

    def add_note(self, text: str, owner: str, at: datetime) -> None:
        self.notes.append(Entry(text, owner, at, "note", len(self.notes)))
        self.write_log(f"Added note: {text}", owner, at)

    def brief(self) -> dict[str, Any]:
        """As in a list."""
        shown: dict[str, Any] = {
            "seen": self.seen,
            "id": self.id,
            "tinyId": self.tiny_id,
            "alias": self.alias,
            "message": self.message,
            "status": self.status,
            "acknowledged": self.acknowledged,
            "isSeen": self.seen,
            "tags": list(self.tags),
            "snoozed": self.snoozed,
            "count": self.count,
            "lastOccurredAt": written(self.last_occurred_at),
            "createdAt": written(self.created_at),
            "updatedAt": written(self.updated_at),
            "source": self.source,
            "owner": self.owner,
            "priority": self.priority,
            "teams": [{"id": team} for team in self.teams],
            "responders": [dict(responder) for responder in self.responders],
            "integration": dict(self.integration),
            "ownerTeamId": self.owner_team_id,
        }
        if self.snoozed_until is not None:
            shown["snoozedUntil"] = written(self.snoozed_until)
        if report := self.report():
            shown["report"] = report
        return shown

    def full(self) -> dict[str, Any]:
        """As when asked for alone."""
        return {
            **self.brief(),
            "actions": list(self.actions),
            "entity": self.entity,
            "description": self.description,
            "details": dict(self.details),
        }

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = {}
        if self.acknowledged_at is not None:
            report["ackTime"] = (self.acknowledged_at - self.created_at) // timedelta(milliseconds=1)
            report["acknowledgedBy"] = self.acknowledged_by
        if self.closed_at is not None:
            report["closeTime"] = (self.closed_at - self.created_at) // timedelta(milliseconds=1)
            report["closedBy"] = self.closed_by
        return report


class Alerts:
    """All alerts of the company, found by id, by tiny id and, while open, by alias."""

    def __init__(self) -> None:
        self.version = 0
        """Moves with every change, so that a listing can be kept while nothing has."""
        self._by_id: dict[str, Alert] = {}
        self._by_tiny_id: dict[str, Alert] = {}
        self._open_by_alias: dict[str, Alert] = {}
        self._alias_of: dict[str, str] = {}
        self._snoozed: dict[str, Alert] = {}
        self._hidden: dict[str, Alert] = {}
        self._last_tiny_id = 0

    def __iter__(self) -> Iterator[Alert]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def next_tiny_id(self) -> str:
        self._last_tiny_id += 1
        return str(self._last_tiny_id)

    def add(self, alert: Alert) -> None:
        self._by_id[alert.id] = alert
        self._by_tiny_id[alert.tiny_id] = alert
        self.changed(alert)

    def remove(self, alert: Alert) -> None:
        del self._by_id[alert.id]
        self._by_tiny_id.pop(alert.tiny_id, None)
        self._forget_alias(alert)
        self._snoozed.pop(alert.id, None)
        self._hidden.pop(alert.id, None)
        self.version += 1

    def changed(self, alert: Alert, at: datetime | None = None) -> None:
        """Bring the indexes up to date after an alert was altered."""
        if at is not None:
            alert.updated_at = at
        self._forget_alias(alert)
        if alert.status == "open":
            self._open_by_alias[alert.alias] = alert
            self._alias_of[alert.id] = alert.alias
        if alert.snoozed:
            self._snoozed[alert.id] = alert
        else:
            self._snoozed.pop(alert.id, None)
        if alert.visible_at is not None:
            self._hidden[alert.id] = alert
        self.version += 1

    def find(self, identifier: str, kind: str = "id") -> Alert | None:
        """An alert by `id`, `tiny` or `alias`; an alias finds only the open alert."""
        index = {"id": self._by_id, "tiny": self._by_tiny_id, "alias": self._open_by_alias}[kind]
        return index.get(identifier)

    def pass_time(self, now: datetime) -> None:
        """End every snooze that has run out, and show what was hidden until now."""
        for alert in list(self._hidden.values()):
            if alert.visible_at is None or alert.visible_at <= now:
                alert.visible_at = None
                del self._hidden[alert.id]
                self.version += 1
        for alert in list(self._snoozed.values()):
            until = alert.snoozed_until
            if until is not None and until <= now:
                alert.snoozed_until = None
                # Taken from how snoozing is described to users: it acknowledges, and its end undoes that.
                alert.acknowledged = False
                alert.write_log("Snooze ended", "System", until)
                self.changed(alert, until)

    def _forget_alias(self, alert: Alert) -> None:
        alias = self._alias_of.pop(alert.id, None)
        if alias is not None and self._open_by_alias.get(alias) is alert:
            del self._open_by_alias[alias]
