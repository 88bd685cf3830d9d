"""Overrides: somebody else is on call for a while."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.references import ByName, Recipient
from connectors.opsgenie.rotations import OfSchedule, in_order
from connectors.opsgenie.shapes import Get
from playbooks_engine.sdk import KEY, Command, Moment

ALIAS = "holiday-2024"
STAND_IN = {"type": "user", "username": "bo@example.com"}


class StandIn(Recipient):
    """Who is on call instead; `none` is nobody."""

    type: Literal["user", "none"]
    """A user, or none."""


class OfOverride(OfSchedule):
    """Something about one override."""

    alias: str = Field(examples=[ALIAS])
    """The alias of the override."""


class OverridePart(Command):
    """What an override says; all of it is given, to make one and to replace it."""

    user: StandIn = Field(examples=[STAND_IN])
    """Who is on call instead: {type: user, username: ...}, or {type: none}."""
    start_date: Moment
    """When it begins."""
    end_date: Moment = Field(examples=["2020-06-04 00:00"])
    """When it ends."""
    rotations: list[ByName] | None = Field(None, min_length=1)
    """The rotations it is for: names, or {id: ...}; all of the schedule, if left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        in_order(self.start_date, self.end_date)
        return self


class ListScheduleOverrides(OfSchedule, Get, route="GET /v2/schedules/{schedule}/overrides"):
    """List the overrides of a schedule."""


class GetScheduleOverride(OfOverride, Get, route="GET /v2/schedules/{schedule}/overrides/{alias}"):
    """Retrieve one override."""


class CreateScheduleOverride(
    OfSchedule, OverridePart, Creation, route="POST /v2/schedules/{schedule}/overrides", repeat="keyed"
):
    """Put somebody else on call for a while."""

    alias: Annotated[str | None, KEY] = Field(None, min_length=1)
    """A name of your own, by which the override is found again."""

    FOUND_BY: ClassVar[tuple[str, ...]] = ("alias",)


class UpdateScheduleOverride(
    OfOverride, OverridePart, Setting, route="PUT /v2/schedules/{schedule}/overrides/{alias}", repeat="safe"
):
    """Replace what an override says."""


class DeleteScheduleOverride(
    OfOverride, Removal, route="DELETE /v2/schedules/{schedule}/overrides/{alias}", repeat="verify"
):
    """Delete an override: who is on call by the rotations is so again."""
