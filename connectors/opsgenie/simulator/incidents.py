"""An incident, and the book all incidents are kept in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.alerts import Entry
from connectors.opsgenie.simulator.instants import written


@dataclass(frozen=True)
class Told:
    """One entry of an incident's timeline."""

    id: str
    type: str
    text: str
    actor: str
    at: datetime
    group: str = "incident"

    def shown(self) -> dict[str, Any]:
        """As on the wire; `lastEdit` is left out, for nothing here edits one."""
        return {
            "id": self.id,
            "group": self.group,
            "type": self.type,
            "eventTime": written(self.at),
            "hidden": False,
            "actor": {"name": self.actor, "type": "api"},
            "description": {"type": "plain_text", "content": self.text},
        }


@dataclass
class Incident:
    """One incident as the service knows it."""

    id: str
    tiny_id: str
    message: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    status: str = "open"
    tags: list[str] = field(default_factory=list)
    priority: str = "P3"
    owner_team: str = ""
    responders: list[dict[str, str]] = field(default_factory=list)
    impacted_services: list[str] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    impact_start: datetime | None = None
    impact_end: datetime | None = None
    notes: list[Entry] = field(default_factory=list)
    logs: list[Entry] = field(default_factory=list)
    responder_alerts: list[Entry] = field(default_factory=list)
    """Ids of the alerts its responders got."""
    timeline: list[Told] = field(default_factory=list)

    def write_log(self, text: str, owner: str, at: datetime) -> None:
        self.logs.append(Entry(text, owner, at, "system", len(self.logs)))

    def add_note(self, text: str, owner: str, at: datetime) -> None:
        self.notes.append(Entry(text, owner, at, "note", len(self.notes)))
        self.write_log(f"Added note: {text}", owner, at)

    def tell(self, action: str, text: str, actor: str, at: datetime, identifier: str) -> None:
        """Put into the timeline what happened. The vendor's words for the types of these are not recorded."""
        self.timeline.append(Told(identifier, f"Incident{action}", text, actor, at))

    def shown(self) -> dict[str, Any]:
        """As on the wire."""
        shown: dict[str, Any] = {
            "id": self.id,
            "tinyId": self.tiny_id,
            "message": self.message,
            "description": self.description,
            "status": self.status,
            "tags": list(self.tags),
            "createdAt": written(self.created_at),
            "updatedAt": written(self.updated_at),
            "priority": self.priority,
            "ownerTeam": self.owner_team,
            "responders": [dict(responder) for responder in self.responders],
            "impactedServices": list(self.impacted_services),
            "extraProperties": dict(self.details),
            "links": {
                "web": f"https://example.app.opsgenie.com/incident/detail/{self.id}",
                "api": f"https://api.opsgenie.com/v1/incidents/{self.id}",
            },
            "impactStartDate": written(self.impact_start or self.created_at),
            "actions": list(self.actions),
        }
        if self.impact_end is not None:
            shown["impactEndDate"] = written(self.impact_end)
        return shown


class Incidents:
    """All incidents of the company."""

    def __init__(self) -> None:
        self._by_id: dict[str, Incident] = {}
        self._last_tiny_id = 0

    def __iter__(self) -> Iterator[Incident]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def next_tiny_id(self) -> str:
        self._last_tiny_id += 1
        return str(self._last_tiny_id)

    def add(self, incident: Incident) -> None:
        self._by_id[incident.id] = incident

    def remove(self, incident: Incident) -> None:
        del self._by_id[incident.id]

    def find(self, identifier: str, kind: str = "id") -> Incident | None:
        """An incident by `id` or `tiny`."""
        if kind == "id":
            return self._by_id.get(identifier)
        return next((incident for incident in self if incident.tiny_id == identifier), None)
