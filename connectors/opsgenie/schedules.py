"""Schedules, and who is on call."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connectors.opsgenie.shapes import Get
from playbooks_engine.sdk import Moment


class Schedules(Get, area="schedules", limits="configuration"):
    """A read about schedules."""


class GetSchedules(Schedules, route="GET /v2/schedules"):
    """Retrieve all schedules."""

    expand: Literal["rotation"] | None = None
    """Also return each schedule's rotations."""


class GetOnCallUser(
    Schedules,
    route="GET /v2/schedules/{schedule_name}/on-calls?scheduleIdentifierType=name",
    limits="schedule-oncalls",
    label="Get On-call User",
):
    """Retrieve who is on call on a schedule."""

    schedule_name: str = Field(examples=["ops_primary"])
    """The name of the schedule, as get_schedules returns it."""
    datetime: Moment | None = Field(None, serialization_alias="date")
    """Who is on call at this time; now, if left out."""


class GetScheduleTimeline(Schedules, route="GET /v2/schedules/{schedule_name}/timeline?identifierType=name"):
    """Retrieve a schedule's timeline: who is on call from when until when."""

    schedule_name: str = Field(examples=["ops_primary"])
    """The name of the schedule, as get_schedules returns it."""
