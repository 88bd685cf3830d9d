"""Incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connectors.opsgenie.shapes import (
    SETTLE,
    SKEW,
    Change,
    Details,
    Get,
    Priority,
    Responder,
    Tag,
    created_since,
    found,
    moments,
    read,
    read_all,
)
from playbooks_engine.sdk import IN_QUERY, Request, Result, Seen, Sender


class GetIncident(Get, route="GET /v1/incidents/{identifier}", area="incidents", limits="incident"):
    """Retrieve one incident."""

    identifier: str = Field(examples=["ed8ba3f5-0f1b-4d2f-9d5a-0f6f5a3a3a11"])
    """Id or tiny id of the incident."""
    identifier_type: Literal["id", "tiny"] = "id"
    """How `identifier` is read."""


class IncidentChange(Change, area="incidents", limits="incident"):
    """A change of incidents."""

    STATUS: ClassVar[str] = "/v1/incidents/requests/{request_id}"
    look_here: ClassVar[str] = "Open the incidents in Opsgenie and look whether it happened, before you run it again."


class CreateIncident(IncidentChange, route="POST /v1/incidents/create", repeat="verify"):
    """Open an incident on a service."""

    message: str = Field(min_length=1, max_length=130, examples=["Payments are down"])
    """The title of the incident."""
    # The 2021 description requires serviceId; the newer page takes impactedServices. Both are accepted.
    service_id: str = Field(examples=["0a7c1b0e-5f52-4d0f-8a3e-2f6c1a9e4b77"])
    """Id of the impacted service."""
    description: str | None = Field(None, max_length=15_000)
    """What happened, at length."""
    responders: list[Responder] | None = Field(None, max_length=50)
    """Who is told: a list of {type: team, name: ...}."""
    tags: list[Tag] | None = Field(None, max_length=20)
    """Tags."""
    details: Details | None = None
    """Pairs of your own, at most 8,000 characters in all."""
    priority: Priority | None = None
    """P1 to P5; P3, if left out."""
    note: str | None = Field(None, max_length=25_000)
    """A note to add to the incident."""
    notify_stakeholders: bool | None = None
    """Also tell the stakeholders of the service."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        """Found by title and time of creation. Not found proves nothing: the search index lags behind."""
        since = int((sent_at - SKEW).timestamp() * 1000)
        query = (("query", f"createdAt >= {since}"), ("limit", "100"), ("sort", "createdAt"), ("order", "desc"))
        async for _ in moments(sender, SETTLE):
            for incident in await read_all(sender, Request("GET", "/v1/incidents", query)):
                if incident.get("message") == self.message and created_since(incident, sent_at):
                    return found("Create", "Created incident", incidentId=incident.get("id", ""))
        return Seen.UNDECIDED


class CloseIncident(IncidentChange, route="POST /v1/incidents/{identifier}/close", repeat="verify"):
    """Close an incident. Its alerts stay as they are."""

    identifier: str = Field(examples=["ed8ba3f5-0f1b-4d2f-9d5a-0f6f5a3a3a11"])
    """Id or tiny id of the incident."""
    identifier_type: Annotated[Literal["id", "tiny"], IN_QUERY] = "id"
    """How `identifier` is read."""
    note: str | None = Field(None, max_length=25_000)
    """A note to add to the incident."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        asked = GetIncident(identifier=self.identifier, identifier_type=self.identifier_type).request()
        async for _ in moments(sender, SETTLE):
            incident = await read(sender, asked)
            if incident is not None and incident.get("status") == "closed":
                return found("Close", "Closed incident", incidentId=incident.get("id", ""))
        return Seen.ABSENT
