"""Services: what a company offers, and the rules by which their alerts become incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import unquote

from pydantic import Field, model_validator

from connectors.opsgenie.configuring import Creation, Removal, Setting, seen_done
from connectors.opsgenie.criteria import Comparison, Match, needs_conditions
from connectors.opsgenie.shapes import Details, Get, ListPages, Priority, Shape, Tag, read_all, things
from playbooks_engine.sdk import Command, Request, Result, Seen, Sender

SERVICE = "6980c9d2-45ad-4458-9a72-127b87ef881d"
RULE = "b1afd949-f051-48cd-ab67-8cf34f966a57"
PROPERTIES = {"message": "Payments are down", "priority": "P1", "stakeholder_properties": {"message": "We look at it"}}

Id = Annotated[str, Field(max_length=130)]
Visibility = Literal["TEAM_MEMBERS", "OPSGENIE_USERS"]


class IncidentCondition(Comparison):
    """What must hold of an alert of the service."""

    field: Literal["message", "description", "tags", "extra-properties", "recipients", "teams", "priority"]
    """What is compared."""


class StakeholderProperties(Shape):
    """What stakeholders are told."""

    enable: bool | None = None
    """Whether they are told; true, if left out."""
    # The page of incident rules gives no limit; the vendor's Go client takes 130.
    message: str = Field(min_length=1, max_length=130)
    """The title."""
    # 15,000 on the vendor's page and in its Terraform provider; 10,000 for rules in its Go client.
    description: str | None = Field(None, max_length=15_000)
    """More about it."""


class IncidentProperties(Shape):
    """The incident that a rule or a template makes."""

    message: str = Field(min_length=1, max_length=130)
    """The title."""
    priority: Priority
    """P1 to P5."""
    stakeholder_properties: StakeholderProperties
    """What stakeholders are told."""
    description: str | None = Field(None, max_length=10_000)
    """What happened, at length."""
    tags: list[Tag] | None = Field(None, max_length=20)
    """Tags."""
    details: Details | None = None
    """Pairs of your own, at most 8,000 characters in all."""


class OfService(Command, area="services", limits="configuration"):
    """Something of one service."""

    service_id: Id = Field(examples=[SERVICE])
    """Id of the service."""


class ListServices(ListPages, route="GET /v1/services", area="services", limits="configuration"):
    """List the services that match a search, over all pages."""

    query: str | None = None
    """A condition in Opsgenie's search syntax."""
    sort: str | None = None
    """The field to sort by."""
    order: Literal["asc", "desc"] | None = None
    """asc or desc."""


class GetService(OfService, Get, route="GET /v1/services/{service_id}"):
    """Retrieve one service."""


class CreateService(Creation, route="POST /v1/services", area="services", limits="configuration", repeat="verify"):
    """Create a service."""

    name: str = Field(min_length=1, max_length=99, examples=["Payments"])
    """Its name."""
    # Mandatory in the vendor's Go client; a later cut of its description leaves it optional.
    team_id: str = Field(examples=["1f7c2f0a-90c1-4b55-8a4e-b2d8b4f0a111"])
    """Id of the team that owns it."""
    description: str | None = Field(None, max_length=9_999)
    """What it offers."""
    visibility: Visibility | None = None
    """Who sees it; TEAM_MEMBERS, if left out."""
    tags: list[str] | None = None
    """Tags."""

    async def alike(self, sender: Sender) -> list[dict[str, Any]]:
        query = (("query", f'name: "{self.name}"'), ("limit", "100")) if '"' not in self.name else (("limit", "100"),)
        return await read_all(sender, Request("GET", "/v1/services", query))


class UpdateService(OfService, Setting, route="PATCH /v1/services/{service_id}", repeat="safe"):
    """Change what is given of a service, and leave the rest."""

    name: str | None = Field(None, min_length=1, max_length=99)
    """Its name."""
    description: str | None = Field(None, max_length=9_999)
    """What it offers."""
    visibility: Visibility | None = None
    """Who sees it."""
    tags: list[str] | None = None
    """Tags, instead of those there are."""


class DeleteService(OfService, Removal, route="DELETE /v1/services/{service_id}", repeat="verify"):
    """Delete a service."""


class ListIncidentRules(OfService, Get, route="GET /v1/services/{service_id}/incident-rules"):
    """List the rules by which alerts of a service become incidents."""


class RuleParts(Command):
    """What a rule may say."""

    conditions: list[IncidentCondition] | None = Field(
        None, examples=[[{"field": "message", "operation": "contains", "expected_value": "down"}]]
    )
    """What must hold of the alert; mandatory unless match-all."""


class CreateIncidentRule(
    OfService, RuleParts, Creation, route="POST /v1/services/{service_id}/incident-rules", repeat="verify"
):
    """Create a rule by which alerts of a service become incidents."""

    # A rule has no name: it is the same, if all of it is.
    FOUND_BY: ClassVar[tuple[str, ...]] = ("conditionMatchType", "conditions", "incidentProperties")

    condition_match_type: Match = "match-all"
    """Whether all alerts match, or those for which any or all of the conditions hold."""
    incident_properties: IncidentProperties = Field(examples=[PROPERTIES])
    """The incident it makes: {message: ..., priority: P1, stakeholder_properties: {message: ...}}."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs_conditions(self.condition_match_type, self.conditions)
        return self


# The vendor's page says PATCH, in words and in its curl; its Go client puts. The page is the vendor's last word.
class UpdateIncidentRule(
    OfService, RuleParts, Setting, route="PATCH /v1/services/{service_id}/incident-rules/{rule_id}", repeat="safe"
):
    """Change what is given of a rule, and leave the rest."""

    rule_id: Id = Field(examples=[RULE])
    """Id of the rule."""
    condition_match_type: Match | None = None
    """Whether all alerts match, or those for which any or all of the conditions hold."""
    incident_properties: IncidentProperties | None = Field(None, examples=[PROPERTIES])
    """The incident it makes."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.condition_match_type is not None:
            needs_conditions(self.condition_match_type, self.conditions)
        return self


class FromList(OfService, Setting):
    """Takes something away that can be read in its list alone."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        # A refusal to show the list proves nothing: only a list without it says that it is gone.
        path, _, gone = self.request().path.rpartition("/")
        there = await sender.look_up(Request("GET", path))
        return Seen.ABSENT if any(item.get("id") == unquote(gone) for item in things(there.json)) else seen_done(None)


class DeleteIncidentRule(FromList, route="DELETE /v1/services/{service_id}/incident-rules/{rule_id}", repeat="verify"):
    """Delete a rule of a service."""

    rule_id: Id = Field(examples=[RULE])
    """Id of the rule."""
