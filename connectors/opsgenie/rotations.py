"""Rotations: who takes turns on a schedule."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.criteria import TimeRestriction
from connectors.opsgenie.references import Recipient
from connectors.opsgenie.shapes import Get, Shape
from playbooks_engine.sdk import IN_QUERY, Command, Moment

ROTATION = "e1d0c9b8-7a65-4f43-9e21-0f1e2d3c7777"
PARTICIPANTS = [{"type": "user", "username": "ana@example.com"}, {"type": "user", "username": "bo@example.com"}]
A_ROTATION = {"type": "weekly", "start_date": "2024-01-01 08:00", "participants": PARTICIPANTS}


class Participant(Recipient):
    """Somebody who takes a turn; `none` leaves a turn empty."""

    type: Literal["user", "team", "escalation", "none"]
    """A user, a team, an escalation, or none."""


def in_order(start: Any, end: Any) -> None:
    """Refuse a time that ends before it begins; where one of the two is not given, nothing is said."""
    if start is not None and end is not None and end <= start:
        raise PydanticCustomError("dates", "`end_date` must be later than `start_date`")


class Rotation(Shape):
    """Who takes turns, how long, and from when."""

    type: Literal["hourly", "daily", "weekly"]
    """Hourly, daily or weekly."""
    start_date: Moment
    """When it begins; minutes are rounded to 0 or 30."""
    participants: list[Participant] = Field(min_length=1)
    """Who takes turns, in order."""
    name: str | None = None
    """Its name."""
    end_date: Moment | None = None
    """When it ends; never, if left out."""
    length: int | None = Field(None, ge=1)
    """How many hours, days or weeks a turn lasts; 1, if left out."""
    time_restriction: TimeRestriction | None = None
    """When it applies: each day alike, or by the day of the week; always, if left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        in_order(self.start_date, self.end_date)
        return self


class OfSchedule(Command, area="schedules", limits="configuration"):
    """Something that belongs to one schedule."""

    schedule: str = Field(examples=["ops_primary"])
    """Id or name of the schedule."""
    schedule_identifier_type: Annotated[Literal["id", "name"], IN_QUERY] = "id"
    """How `schedule` is read."""


class OfRotation(OfSchedule):
    """Something about one rotation."""

    rotation_id: str = Field(examples=[ROTATION])
    """Id of the rotation."""


class ListScheduleRotations(OfSchedule, Get, route="GET /v2/schedules/{schedule}/rotations"):
    """List the rotations of a schedule."""


class GetScheduleRotation(OfRotation, Get, route="GET /v2/schedules/{schedule}/rotations/{rotation_id}"):
    """Retrieve one rotation."""


class RotationPart(Command):
    """What a rotation may be given."""

    name: str | None = None
    """Its name."""
    end_date: Moment | None = None
    """When it ends; never, if left out."""
    length: int | None = Field(None, ge=1)
    """How many hours, days or weeks a turn lasts; 1, if left out."""
    time_restriction: TimeRestriction | None = None
    """When it applies: each day alike, or by the day of the week; always, if left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        in_order(getattr(self, "start_date", None), self.end_date)
        return self


class CreateScheduleRotation(
    OfSchedule, RotationPart, Creation, route="POST /v2/schedules/{schedule}/rotations", repeat="verify"
):
    """Add a rotation to a schedule."""

    type: Literal["hourly", "daily", "weekly"]
    """Hourly, daily or weekly."""
    start_date: Moment
    """When it begins; minutes are rounded to 0 or 30."""
    participants: list[Participant] = Field(min_length=1, examples=[PARTICIPANTS])
    """Who takes turns, in order: a list of {type: user, username: ...}."""


class UpdateScheduleRotation(
    OfRotation, RotationPart, Setting, route="PATCH /v2/schedules/{schedule}/rotations/{rotation_id}", repeat="safe"
):
    """Change what is given of a rotation, and leave the rest."""

    type: Literal["hourly", "daily", "weekly"] | None = None
    """Hourly, daily or weekly."""
    start_date: Moment | None = None
    """When it begins; minutes are rounded to 0 or 30."""
    participants: list[Participant] | None = Field(None, min_length=1, examples=[PARTICIPANTS])
    """Who takes turns, in order: a list of {type: user, username: ...}."""


class DeleteScheduleRotation(
    OfRotation, Removal, route="DELETE /v2/schedules/{schedule}/rotations/{rotation_id}", repeat="verify"
):
    """Remove a rotation from a schedule."""
