"""Alerts made and removed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from connectors.opsgenie.alerts.listing import ListAlerts
from connectors.opsgenie.alerts.reading import AN_ID, GetAlert, IdentifierType
from connectors.opsgenie.shapes import (
    CEILING,
    GRACE,
    SETTLE,
    SKEW,
    Change,
    Details,
    Priority,
    Responder,
    Tag,
    Viewer,
    created_since,
    found,
    milliseconds,
    moments,
    read,
    read_all,
)
from playbooks_engine.sdk import KEY, Request, Result, Seen, Sender


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
        alert: dict[str, Any] | None = None
        async for _ in moments(sender, SETTLE):
            alert = await read(sender, by_alias)
            if alert is not None and _occurred_since(alert, sent_at, SKEW):
                return _created(alert)
        # One that was open all along shows nothing of us; where none is open, ours may have been closed meanwhile.
        return await self._among_all(sender, sent_at) if alert is None else Seen.UNDECIDED

    async def _among_all(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        """Ours among all alerts of these minutes: an alias by itself finds open ones only."""
        since = milliseconds(sent_at - SKEW)
        listed = ListAlerts(query=f"createdAt >= {since} OR lastOccurredAt >= {since}", order="asc").request()
        doubtful = False
        for offset in range(0, CEILING, ListAlerts.PAGE):
            query = (*listed.query, ("limit", str(ListAlerts.PAGE)), ("offset", str(offset)))
            page = await read_all(sender, Request("GET", listed.path, query))
            alike = [alert for alert in page if alert.get("alias") == self.alias]
            for alert in alike:
                if _occurred_since(alert, sent_at, GRACE):
                    return _created(alert)
            doubtful = doubtful or bool(alike)
            if len(page) < ListAlerts.PAGE:
                return Seen.UNDECIDED if doubtful else Seen.ABSENT
        return Seen.UNDECIDED


class DeleteAlert(Change, route="DELETE /v2/alerts/{identifier}", area="alerts", limits="alert", repeat="verify"):
    """Delete an alert for good."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    identifier_type: IdentifierType = "id"
    """How `identifier` is read; an alias finds the open alert only."""
    user: str | None = Field(None, max_length=100)
    """In whose name."""
    source: str | None = Field(None, max_length=100)
    """Where it comes from."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        asked = GetAlert(identifier=self.identifier, identifier_type=self.identifier_type).request()
        alert = None
        async for _ in moments(sender, SETTLE):
            alert = await read(sender, asked)
            if alert is None and self.identifier_type != "alias":
                break
        # An alias finds open alerts only. Believed after the wait alone: a creation may still be queued.
        return Seen.ABSENT if alert else found("Delete", "Deleted alert", alertId="", alias="")


def _occurred_since(alert: dict[str, Any], sent_at: datetime, skew: timedelta) -> bool:
    """Whether an alert was created, or counted one more occurrence, late enough for that to be ours."""
    return any(created_since(alert, sent_at, skew, at=at) for at in ("createdAt", "lastOccurredAt"))


def _created(alert: dict[str, Any]) -> Result:
    return found("Create", "Created alert", alertId=alert.get("id", ""), alias=alert.get("alias", ""))
