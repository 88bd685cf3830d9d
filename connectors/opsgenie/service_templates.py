"""Templates of a service: for its incidents, and for who is told of them."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.configuring import Creation, Setting
from connectors.opsgenie.services import PROPERTIES, FromList, Id, IncidentProperties, OfService
from connectors.opsgenie.shapes import Get, Shape
from playbooks_engine.sdk import Request

TEMPLATE = "9c1d0e2f-3a4b-4c5d-8e6f-7a8b9c0d1e2f"


class ServiceResponders(Shape):
    """Who works on incidents."""

    teams: list[str] | None = Field(None, max_length=50)
    """Ids of teams."""
    individuals: list[str] | None = Field(None, max_length=50)
    """Ids of users."""


class AudienceCondition(Shape):
    """Which users are told: by a field of theirs."""

    match_field: Literal["country", "state", "city", "zipCode", "line", "tag", "customProperty"]
    """The field."""
    key: str | None = Field(None, min_length=1)
    """Which property of theirs; mandatory for customProperty."""
    value: str = Field(min_length=1)
    """What it must be."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.match_field == "customProperty" and self.key is None:
            raise PydanticCustomError("key", "`key` is mandatory for customProperty")
        return self


class ServiceStakeholders(Shape):
    """Who is told of incidents."""

    individuals: list[str] | None = None
    """Ids of users."""
    condition_match_type: Literal["match-any-condition", "match-all-conditions"] | None = None
    """Whether any or all of the conditions must hold."""
    conditions: list[AudienceCondition] | None = None
    """Which other users are told."""


class ListServiceIncidentTemplates(OfService, Get, route="GET /v1/services/{service_id}/incident-templates"):
    """List the templates for incidents of a service."""


class CreateServiceIncidentTemplate(
    OfService, Creation, route="POST /v1/services/{service_id}/incident-templates", repeat="verify"
):
    """Create a template for incidents of a service."""

    name: str = Field(min_length=1, examples=["Outage"])
    """Its name."""
    incident_properties: IncidentProperties = Field(examples=[PROPERTIES])
    """The incident: {message: ..., priority: P1, stakeholder_properties: {message: ...}}."""

    def request(self) -> Request:
        plain = super().request()
        return Request(plain.method, plain.path, plain.query, {"incidentTemplate": plain.body})

    def asked_for(self) -> dict[str, Any]:
        template: dict[str, Any] = self.request().body["incidentTemplate"]
        return template


class UpdateServiceIncidentTemplate(
    OfService, Setting, route="PUT /v1/services/{service_id}/incident-templates/{template_id}", repeat="safe"
):
    """Replace what a template for incidents of a service says."""

    template_id: Id = Field(examples=[TEMPLATE])
    """Id of the template."""
    name: str = Field(min_length=1, examples=["Outage"])
    """Its name."""
    incident_properties: IncidentProperties = Field(examples=[PROPERTIES])
    """The incident: {message: ..., priority: P1, stakeholder_properties: {message: ...}}."""


class DeleteServiceIncidentTemplate(
    FromList, route="DELETE /v1/services/{service_id}/incident-templates/{template_id}", repeat="verify"
):
    """Delete a template for incidents of a service."""

    template_id: Id = Field(examples=[TEMPLATE])
    """Id of the template."""


class GetServiceAudienceTemplate(OfService, Get, route="GET /v1/services/{service_id}/audience-templates"):
    """Retrieve who works on the incidents of a service, and who is told."""


class UpdateServiceAudienceTemplate(
    OfService, Setting, route="PATCH /v1/services/{service_id}/audience-templates", repeat="safe"
):
    """Change who works on the incidents of a service, and who is told."""

    responder: ServiceResponders | None = Field(None, examples=[{"teams": ["1f7c2f0a-90c1-4b55-8a4e-b2d8b4f0a111"]}])
    """Who works on them: {teams: [ids], individuals: [ids]}."""
    stakeholder: ServiceStakeholders | None = Field(None, examples=[{"individuals": ["4b9e2d1f-0a8c-4d67-b3f5"]}])
    """Who is told: {individuals: [ids]}, or conditions on a field of users."""
