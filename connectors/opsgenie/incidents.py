"""Incidents: read them, open them, and act on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.paging import ListKeyed
from connectors.opsgenie.shapes import (
    SETTLE,
    SKEW,
    Change,
    Details,
    Get,
    ListedKey,
    ListedTag,
    ListPages,
    Priority,
    Responder,
    Shape,
    Tag,
    found,
    milliseconds,
    moments,
    noted,
    read,
    read_all,
)
from connectors.opsgenie.statuses import StatusOf
from playbooks_engine.sdk import IN_QUERY, KEY, NOT_SENT, Request, Result, Seen, Sender

MARK = "reference"
"""The detail of an incident that holds its mark."""


AN_ID = "ed8ba3f5-0f1b-4d2f-9d5a-0f6f5a3a3a11"

IdentifierType = Literal["id", "tiny"]


class ListIncidents(ListPages, route="GET /v1/incidents", area="incidents", limits="incident"):
    """List the incidents that match a search, newest first, over all pages."""

    # The description of 2021 and the vendor's Go client both want one.
    query: str = Field(examples=["status: open"])
    """A condition in Opsgenie's search syntax, such as `status: open AND priority: P1`."""
    sort: Literal["createdAt", "tinyId", "message", "status", "isSeen", "owner"] | None = None
    """The field to sort by; createdAt, if left out."""
    order: Literal["asc", "desc"] | None = None
    """asc or desc (the default)."""


class IncidentPart(Get, area="incidents", limits="incident"):
    """A read about one incident."""

    identifier: str = Field(examples=[AN_ID])
    """Id or tiny id of the incident."""
    identifier_type: IdentifierType = "id"
    """How `identifier` is read."""


class GetIncident(IncidentPart, route="GET /v1/incidents/{identifier}"):
    """Retrieve one incident."""


class IncidentHistory(ListKeyed, IncidentPart, area="incidents", limits="incident"):
    """A read over pages of what happened to one incident."""


class ListIncidentNotes(IncidentHistory, route="GET /v1/incidents/{identifier}/notes"):
    """List the notes of an incident, newest first."""


class ListIncidentLogs(IncidentHistory, route="GET /v1/incidents/{identifier}/logs"):
    """List what happened to an incident, newest first."""


class ListIncidentResponderAlerts(IncidentHistory, route="GET /v1/incidents/{identifier}/responder-alert-ids"):
    """List the ids of the alerts by which an incident's responders are told."""


class GetIncidentRequestStatus(
    StatusOf, route="GET /v1/incidents/requests/{request_id}", area="incidents", limits="incident"
):
    """Retrieve what became of a change of an incident."""


class IncidentChange(Change, area="incidents", limits="incident"):
    """A change of incidents."""

    STATUS: ClassVar[str] = "/v1/incidents/requests/{request_id}"
    look_here: ClassVar[str] = "Open the incidents in Opsgenie and look whether it happened, before you run it again."


class StatusPageEntry(Shape):
    """What a status page says of an incident."""

    title: str = Field(min_length=1)
    """The title."""
    details: str | None = None
    """More about it."""


class CreateIncident(IncidentChange, route="POST /v1/incidents/create", repeat="verify"):
    """Open an incident on a service."""

    message: str = Field(min_length=1, max_length=130, examples=["Payments are down"])
    """The title of the incident."""
    # The description of 2021 and the Go client require serviceId; the newer page has impactedServices, which may be
    # left out. So neither is demanded here.
    service_id: str | None = Field(None, examples=["0a7c1b0e-5f52-4d0f-8a3e-2f6c1a9e4b77"])
    """Id of the impacted service; older accounts want it."""
    impacted_services: list[str] | None = Field(None, min_length=1, max_length=20)
    """Ids of the impacted services, instead of one `service_id`."""
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
    status_page_entry: StatusPageEntry | None = None
    """What the status page says; message and description, if left out."""
    reference: Annotated[str | None, KEY, NOT_SENT] = Field(None, max_length=512)
    """A mark of your own, kept in `details`, by which the incident is known again when an answer got lost."""

    @model_validator(mode="after")
    def _of_a_service(self) -> CreateIncident:
        if self.service_id is not None and self.impacted_services is not None:
            raise PydanticCustomError("service", "give `service_id` or `impacted_services`, not both")
        return self

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
        since = milliseconds(sent_at - SKEW)
        query = (("query", f"createdAt >= {since}"), ("limit", "100"), ("sort", "createdAt"), ("order", "desc"))
        async for _ in moments(sender, SETTLE):
            for incident in await read_all(sender, Request("GET", "/v1/incidents", query)):
                if (incident.get("extraProperties") or {}).get(MARK) == self.reference:
                    return found("Create", "Created incident", incidentId=incident.get("id", ""))
        return Seen.UNDECIDED


class OnIncident(IncidentChange):
    """A change of one incident, looked for in the incident itself when its answer got lost."""

    identifier: str = Field(examples=[AN_ID])
    """Id or tiny id of the incident."""
    identifier_type: Annotated[IdentifierType, IN_QUERY] = "id"
    """How `identifier` is read."""

    def done(self, incident: dict[str, Any]) -> bool | None:
        """Whether an incident shows that this was done; None where it cannot show it."""
        raise NotImplementedError

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        asked = GetIncident(identifier=self.identifier, identifier_type=self.identifier_type).request()
        async for _ in moments(sender, SETTLE):
            incident = await read(sender, asked)
            done = False if incident is None else self.done(incident)
            if done is None:
                return Seen.UNDECIDED
            if incident is not None and done:
                return found(self.spec.label, "Done", incidentId=incident.get("id", ""))
        return Seen.ABSENT


class IncidentAction(OnIncident):
    """Something done to one incident."""

    note: str | None = Field(None, max_length=25_000)
    """A note to add to the incident."""


class CloseIncident(IncidentAction, route="POST /v1/incidents/{identifier}/close", repeat="verify"):
    """Close an incident. Its alerts stay as they are."""

    def done(self, incident: dict[str, Any]) -> bool:
        return bool(incident.get("status") == "closed")


class ResolveIncident(IncidentAction, route="POST /v1/incidents/{identifier}/resolve", repeat="verify"):
    """Resolve an incident: it is over, and may still be worked up."""

    def done(self, incident: dict[str, Any]) -> bool:
        return bool(incident.get("status") == "resolved")


# No source confirms this path; it has the form of the other two.
class ReopenIncident(IncidentAction, route="POST /v1/incidents/{identifier}/reopen", repeat="verify"):
    """Open an incident again that was resolved or closed."""

    def done(self, incident: dict[str, Any]) -> bool:
        return bool(incident.get("status") == "open")


class DeleteIncident(OnIncident, route="DELETE /v1/incidents/{identifier}", repeat="verify"):
    """Delete an incident for good."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        asked = GetIncident(identifier=self.identifier, identifier_type=self.identifier_type).request()
        async for _ in moments(sender, SETTLE):
            if await read(sender, asked) is None:
                return found("Delete", "Deleted incident", incidentId="")
        return Seen.ABSENT


class AddIncidentNote(OnIncident, route="POST /v1/incidents/{identifier}/notes", repeat="verify"):
    """Add a note to an incident."""

    note: str = Field(min_length=1, max_length=25_000, examples=["Looking at it."])
    """The note."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        newest = ListIncidentNotes(identifier=self.identifier, identifier_type=self.identifier_type).newest()
        there = await noted(sender, newest, self.note, sent_at)
        if there is None:
            return Seen.UNDECIDED
        return found("AddNote", "Added note", incidentId=self.identifier) if there else Seen.ABSENT


class AddIncidentTags(IncidentAction, route="POST /v1/incidents/{identifier}/tags", repeat="verify"):
    """Add tags to an incident."""

    tags: list[Tag] = Field(min_length=1, max_length=20)
    """The tags to add."""

    def done(self, incident: dict[str, Any]) -> bool:
        return set(self.tags) <= set(incident.get("tags") or ())


# As with alerts, no source says which right the two removals need.
class RemoveIncidentTags(IncidentAction, route="DELETE /v1/incidents/{identifier}/tags", repeat="verify"):
    """Remove tags from an incident."""

    tags: list[ListedTag] = Field(min_length=1, max_length=20)
    """The tags to remove; a tag with a comma cannot be removed this way."""

    def done(self, incident: dict[str, Any]) -> bool:
        return not set(self.tags) & set(incident.get("tags") or ())


class AddIncidentDetails(IncidentAction, route="POST /v1/incidents/{identifier}/details", repeat="verify"):
    """Add pairs to the details of an incident (its `extraProperties`)."""

    details: Details = Field(min_length=1)
    """The pairs to add, at most 8,000 characters in all."""

    def done(self, incident: dict[str, Any]) -> bool:
        return self.details.items() <= dict(incident.get("extraProperties") or {}).items()


class RemoveIncidentDetails(IncidentAction, route="DELETE /v1/incidents/{identifier}/details", repeat="verify"):
    """Remove pairs from the details of an incident."""

    keys: list[ListedKey] = Field(min_length=1)
    """The keys to remove; a key with a comma cannot be removed this way."""

    def done(self, incident: dict[str, Any]) -> bool:
        return not set(self.keys) & set(incident.get("extraProperties") or {})


class AddIncidentResponders(IncidentAction, route="POST /v1/incidents/{identifier}/responders", repeat="verify"):
    """Add responders to an incident: users and teams that are told of it."""

    # The vendor's Go client sends the list under this singular name, and no other source describes the call.
    responders: list[Responder] = Field(serialization_alias="responder", min_length=1, max_length=50)
    """Who: a list of {type: team, name: ...}."""

    def done(self, incident: dict[str, Any]) -> bool | None:
        ids = {one.id for one in self.responders}
        # An incident names its responders by id only.
        return None if None in ids else ids <= {one.get("id") for one in incident.get("responders") or ()}


class UpdateIncidentPriority(OnIncident, route="PUT /v1/incidents/{identifier}/priority", repeat="safe"):
    """Change the priority of an incident."""

    priority: Priority
    """P1 to P5."""


# POST here and below (the vendor's Go client), although the priority, and all three of an alert, are PUT.
class UpdateIncidentMessage(OnIncident, route="POST /v1/incidents/{identifier}/message", repeat="safe"):
    """Change the title of an incident."""

    message: str = Field(min_length=1, max_length=130, examples=["Payments are down"])
    """The new title."""


class UpdateIncidentDescription(OnIncident, route="POST /v1/incidents/{identifier}/description", repeat="safe"):
    """Change the description of an incident."""

    # 15,000 on the vendor's page; 10,000 in a schema of others, 1,000 in the Go client's check of templates.
    description: str = Field(max_length=15_000, examples=["Customers cannot pay"])
    """The new description."""
