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
    found,
    moments,
    read,
    read_all,
)
from playbooks_engine.sdk import IN_QUERY, KEY, NOT_SENT, Request, Result, Seen, Sender

MARK = "reference"
"""The detail of an incident that holds its mark."""


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
    reference: Annotated[str | None, KEY, NOT_SENT] = Field(None, max_length=512)
    """A mark of your own, kept in `details`, by which the incident is known again when an answer got lost."""

    def request(self) -> Request:
        plain = super().request()
        if self.reference is None:
            return plain
        details = {**(self.details or {}), MARK: self.reference}
        return Request(plain.method, plain.path, plain.query, {**plain.body, "details": details})

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        """Found by its mark. Not found proves nothing: the search index lags behind.

        Without a mark nothing can be told: another incident may have the same title, opened a moment before.
        """
        if self.reference is None:
            return Seen.UNDECIDED
        since = int((sent_at - SKEW).timestamp() * 1000)
        query = (("query", f"createdAt >= {since}"), ("limit", "100"), ("sort", "createdAt"), ("order", "desc"))
        async for _ in moments(sender, SETTLE):
            for incident in await read_all(sender, Request("GET", "/v1/incidents", query)):
                if (incident.get("extraProperties") or {}).get(MARK) == self.reference:
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
