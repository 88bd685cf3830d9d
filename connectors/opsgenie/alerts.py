"""Alerts: read them, create them, and act on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from connectors.opsgenie.shapes import (
    SETTLE,
    Change,
    Details,
    Get,
    ListPages,
    Priority,
    Responder,
    Tag,
    Viewer,
    created_since,
    found,
    moments,
    read,
    read_all,
)
from playbooks_engine.errors import NotFound, Rejected
from playbooks_engine.sdk import IN_QUERY, KEY, Request, Result, Seen, Sender

# A change of an alert that was created a moment ago can overtake its creation in the vendor's queue.
OVERTAKEN = 30.0

AN_ID = "4513b7ea-3b91-438f-b7e4-e3e54af9147c-1591142400000"


class Alerts(Get, area="alerts", limits="alert"):
    """A read about alerts."""


class ListAlerts(ListPages, route="GET /v2/alerts", area="alerts", limits="search"):
    """List the alerts that match a search, newest first, over all pages."""

    query: str | None = None
    """A condition in Opsgenie's search syntax, such as `status: open AND priority: P1`."""
    sort: str | None = None
    """The field to sort by, such as createdAt (the default) or updatedAt."""
    order: Literal["asc", "desc"] | None = None
    """asc or desc (the default)."""


class GetAlert(Alerts, route="GET /v2/alerts/{identifier}"):
    """Retrieve one alert, with its description and details."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    identifier_type: Literal["id", "alias", "tiny"] = "id"
    """How `identifier` is read; an alias finds the open alert only."""


class ListNotes(Alerts, route="GET /v2/alerts/{identifier}/notes?limit=100"):
    """List the newest 100 notes of an alert."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    identifier_type: Literal["id", "alias", "tiny"] = "id"
    """How `identifier` is read."""


class CreateAlert(Change, route="POST /v2/alerts", area="alerts", limits="alert", repeat="keyed"):
    """Create an alert, or count one more occurrence of the open alert with the same alias."""

    message: str = Field(min_length=1, max_length=130, examples=["Disk of db-1 is full"])
    """The title of the alert."""
    alias: Annotated[str | None, KEY] = Field(None, max_length=512)
    """A name of your own, by which later occurrences and the close find it."""
    description: str | None = Field(None, max_length=15_000)
    """What happened, at length."""
    responders: list[Responder] | None = Field(None, max_length=50)
    """Who is told: a list of {type: team, name: ...}."""
    visible_to: list[Viewer] | None = Field(None, max_length=50)
    """Who may see it without being told."""
    actions: list[Tag] | None = Field(None, max_length=10)
    """Custom actions offered on the alert."""
    tags: list[Tag] | None = Field(None, max_length=20)
    """Tags."""
    details: Details | None = None
    """Pairs of your own, at most 8,000 characters in all."""
    entity: str | None = Field(None, max_length=512)
    """What it is about: a host, a service, an account."""
    source: str | None = Field(None, max_length=100)
    """Where it comes from; the caller's address, if left out."""
    priority: Priority | None = None
    """P1 to P5; P3, if left out."""
    user: str | None = Field(None, max_length=100)
    """In whose name."""
    note: str | None = Field(None, max_length=25_000)
    """A note to add to the alert."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        if self.alias is None:
            return Seen.UNDECIDED
        by_alias = GetAlert(identifier=self.alias, identifier_type="alias").request()
        async for _ in moments(sender, SETTLE):
            if alert := await read(sender, by_alias):
                return found("Create", "Created alert", alertId=alert.get("id", ""), alias=alert.get("alias", ""))
        return Seen.ABSENT


class AlertAction(Change, area="alerts", limits="alert"):
    """Something done to one alert."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    identifier_type: Annotated[Literal["id", "alias", "tiny"], IN_QUERY] = "id"
    """How `identifier` is read; an alias finds the open alert only."""
    user: str | None = Field(None, max_length=100)
    """In whose name."""
    source: str | None = Field(None, max_length=100)
    """Where it comes from."""
    note: str | None = Field(None, max_length=25_000)
    """A note to add to the alert."""

    async def alert(self, sender: Sender) -> dict[str, Any] | None:
        """The alert as it stands, or None."""
        return await read(sender, GetAlert(identifier=self.identifier, identifier_type=self.identifier_type).request())


class CloseAlert(AlertAction, route="POST /v2/alerts/{identifier}/close", repeat="verify"):
    """Close an alert."""

    async def run(self, sender: Sender) -> Result:
        """Close; by alias, wait up to 30 s for an alert whose creation may still be queued."""
        patience = OVERTAKEN if self.identifier_type == "alias" else 0.0
        missing: Rejected | NotFound | None = None
        async for _ in moments(sender, patience):
            try:
                return await super().run(sender)
            except (Rejected, NotFound) as error:
                if not _says_missing(error):
                    raise
                missing = error
        assert missing is not None  # noqa: S101 - the loop has at least one turn, which returned, raised or set it
        if patience:
            missing.hint = f"No open alert has this alias; waited {patience:.0f} s in case it was still being created."
        raise missing

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        alert = None
        async for _ in moments(sender, SETTLE):
            alert = await self.alert(sender)
            if alert is not None and alert.get("status") == "closed":
                return found("Close", "Closed alert", alertId=alert.get("id", ""), alias=alert.get("alias", ""))
        if alert is None and self.identifier_type == "alias":
            # An alias finds open alerts only. Believed after the wait alone: a creation may still be queued.
            return found("Close", "No open alert has this alias", alertId="", alias=self.identifier)
        return Seen.ABSENT


class AcknowledgeAlert(AlertAction, route="POST /v2/alerts/{identifier}/acknowledge", repeat="verify"):
    """Acknowledge an alert."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        async for _ in moments(sender, SETTLE):
            alert = await self.alert(sender)
            if alert is not None and alert.get("acknowledged"):
                return found(
                    "Acknowledge", "Acknowledged alert", alertId=alert.get("id", ""), alias=alert.get("alias", "")
                )
        return Seen.ABSENT


class EscalateAlert(AlertAction, route="POST /v2/alerts/{identifier}/escalate", repeat="unsafe"):
    """Escalate an alert: page the next people of an escalation."""

    escalation: str = Field(examples=["ops_escalation"])
    """The name of the escalation."""

    def request(self) -> Request:
        plain = super().request()
        body = {**plain.body, "escalation": {"name": self.escalation}}
        return Request(plain.method, plain.path, plain.query, body)


class AddNote(Change, route="POST /v2/alerts/{identifier}/notes", area="alerts", limits="alert", repeat="verify"):
    """Add a note to an alert."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    identifier_type: Annotated[Literal["id", "alias", "tiny"], IN_QUERY] = "id"
    """How `identifier` is read; an alias finds the open alert only."""
    note: str = Field(min_length=1, max_length=25_000, examples=["Looking at it."])
    """The note."""
    user: str | None = Field(None, max_length=100)
    """In whose name."""
    source: str | None = Field(None, max_length=100)
    """Where it comes from."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        notes = ListNotes(identifier=self.identifier, identifier_type=self.identifier_type).request()
        async for _ in moments(sender, SETTLE):
            for note in await read_all(sender, notes):
                if note.get("note") == self.note and created_since(note, sent_at):
                    return found("AddNote", "Added note", alertId=self.identifier, alias="")
        return Seen.ABSENT


def _says_missing(error: Rejected | NotFound) -> bool:
    return isinstance(error, NotFound) or "not exist" in error.message or "not found" in error.message.lower()
