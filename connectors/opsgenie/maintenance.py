"""Maintenance: times at which integrations rest and policies change."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.configuring import Creation, Removal, Setting, seen_done
from connectors.opsgenie.shapes import Get, Shape, read
from playbooks_engine.sdk import Command, Moment, Request, Result, Seen, Sender

WINDOW = "5b1d3f70-92a4-4c6e-8d1b-3e5f7a9c0b2d"


class WindowTime(Shape):
    """When a maintenance is."""

    type: Literal["for-5-minutes", "for-30-minutes", "for-1-hour", "indefinitely", "schedule"]
    """From now for a while, or from when until when (schedule)."""
    start_date: Moment | None = None
    """When it begins; mandatory for schedule."""
    end_date: Moment | None = None
    """When it ends; mandatory for schedule."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name in ("start_date", "end_date"):
            if self.type == "schedule" and getattr(self, name) is None:
                raise PydanticCustomError("date", "`{name}` is mandatory for schedule", {"name": name})
        if self.start_date and self.end_date and self.end_date <= self.start_date:
            raise PydanticCustomError("end_date", "`end_date` lies before `start_date`, or at it")
        return self


class Entity(Shape):
    """What a maintenance is about."""

    id: str
    """Its id."""
    type: Literal["policy", "integration"]
    """What it is."""


class MaintenanceRule(Shape):
    """What a maintenance does."""

    entity: Entity
    """To which integration or policy."""
    state: Literal["enabled", "disabled"] | None = None
    """Which state it gets; mandatory for a policy, and never enabled for an integration."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.entity.type == "policy" and self.state is None:
            raise PydanticCustomError("state", "`state` is mandatory for a policy")
        if self.entity.type == "integration" and self.state == "enabled":
            raise PydanticCustomError("state", "`state` of an integration can only be disabled")
        return self


class OfMaintenance(Command, area="maintenance", limits="configuration"):
    """Something of one maintenance."""

    maintenance_id: str = Field(examples=[WINDOW])
    """Id of the maintenance."""


class MaintenanceParts(Command, area="maintenance", limits="configuration"):
    """What a maintenance says."""

    time: WindowTime = Field(examples=[{"type": "for-1-hour"}])
    """When it is: {type: for-1-hour}, or {type: schedule, start_date: ..., end_date: ...}."""
    rules: list[MaintenanceRule] = Field(
        min_length=1, examples=[[{"state": "disabled", "entity": {"id": "p1", "type": "policy"}}]]
    )
    """What it does: a list of {state: disabled, entity: {type: policy, id: ...}}."""
    description: str | None = None
    """What it is for."""


class ListMaintenance(Get, route="GET /v1/maintenance", area="maintenance", limits="configuration"):
    """List maintenance, past and to come."""

    type: Literal["all", "past", "non-expired"] | None = None
    """Which: all, if left out."""


class GetMaintenance(OfMaintenance, Get, route="GET /v1/maintenance/{maintenance_id}"):
    """Retrieve one maintenance."""


class CreateMaintenance(MaintenanceParts, Creation, route="POST /v1/maintenance", repeat="verify"):
    """Begin or plan a maintenance."""

    FOUND_BY: ClassVar[tuple[str, ...]] = ("description", "time")

    def alike_request(self) -> Request:
        # What ended already is not what was asked for a moment ago.
        return ListMaintenance(type="non-expired").request()

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        """Found by its description; without one, any other of the same time would look the same."""
        return Seen.UNDECIDED if self.description is None else await super().look(sender, sent_at)


class UpdateMaintenance(
    OfMaintenance, MaintenanceParts, Setting, route="PUT /v1/maintenance/{maintenance_id}", repeat="safe"
):
    """Replace what a maintenance says."""


class ChangeMaintenanceEndDate(
    OfMaintenance, Setting, route="POST /v1/maintenance/{maintenance_id}/change-end-date", repeat="safe"
):
    """Let a maintenance end at another time."""

    end_date: Moment = Field(examples=["2026-06-10 00:00"])
    """When it ends."""


class CancelMaintenance(OfMaintenance, Setting, route="POST /v1/maintenance/{maintenance_id}/cancel", repeat="verify"):
    """End a maintenance now, or call one off."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        seen = await read(sender, GetMaintenance(maintenance_id=self.maintenance_id).request())
        return seen_done(seen) if seen and seen.get("status") in {"cancelled", "canceled"} else Seen.UNDECIDED


class DeleteMaintenance(OfMaintenance, Removal, route="DELETE /v1/maintenance/{maintenance_id}", repeat="verify"):
    """Delete a maintenance."""
