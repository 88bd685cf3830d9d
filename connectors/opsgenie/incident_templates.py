"""Templates from which incidents are opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Setting, seen_done
from connectors.opsgenie.services import StakeholderProperties
from connectors.opsgenie.shapes import Details, Get, Priority, Tag, payload, things
from playbooks_engine.sdk import Command, Request, Result, Seen, Sender

TEMPLATE = "59895484-a3af-4c2d-8b1b-0a7b6c5d4e3f"


class IncidentTemplate(Command, area="incidents", limits="incident"):
    """What a template says; all of it is given, to make one and to replace it."""

    name: str = Field(min_length=1, examples=["Outage"])
    """Its name."""
    message: str = Field(min_length=1, max_length=130, examples=["Payments are down"])
    """The title of the incidents."""
    priority: Priority
    """P1 to P5."""
    stakeholder_properties: StakeholderProperties = Field(examples=[{"message": "We look at it"}])
    """What stakeholders are told: {message: ..., description: ...}."""
    # The vendor's Go client checks 1,000 here, and its own page of incidents takes 15,000: the looser one stands.
    description: str | None = Field(None, max_length=15_000)
    """What happened, at length."""
    tags: list[Tag] | None = Field(None, max_length=20)
    """Tags."""
    details: Details | None = None
    """Pairs of your own, at most 8,000 characters in all."""
    impacted_services: list[str] | None = Field(None, max_length=20)
    """Ids of the impacted services."""


class ListIncidentTemplates(Get, route="GET /v1/incident-templates", area="incidents", limits="incident"):
    """List the templates of incidents."""

    def result(self, document: Any) -> Result:
        return Result(_listed(document), document)


class CreateIncidentTemplate(IncidentTemplate, Creation, route="POST /v1/incident-templates", repeat="verify"):
    """Create a template of incidents."""

    async def alike(self, sender: Sender) -> list[dict[str, Any]]:
        return _listed((await sender.look_up(Request("GET", "/v1/incident-templates"))).json)


class UpdateIncidentTemplate(
    IncidentTemplate, Setting, route="PUT /v1/incident-templates/{template_id}", repeat="safe"
):
    """Replace what a template of incidents says."""

    template_id: str = Field(examples=[TEMPLATE])
    """Id of the template."""


class DeleteIncidentTemplate(
    Setting, route="DELETE /v1/incident-templates/{template_id}", area="incidents", limits="incident", repeat="verify"
):
    """Delete a template of incidents."""

    template_id: str = Field(examples=[TEMPLATE])
    """Id of the template."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        # One by itself cannot be read: only a list without it says that it is gone.
        listed = _listed((await sender.look_up(Request("GET", "/v1/incident-templates"))).json)
        return Seen.ABSENT if any(one.get("id") == self.template_id for one in listed) else seen_done(None)


def _listed(document: Any) -> list[dict[str, Any]]:
    # The sources do not show this answer: a list as everywhere, or one under a name as with heartbeats.
    data = payload(document)
    return things({"data": data.get("incidentTemplates")} if isinstance(data, dict) else document)
