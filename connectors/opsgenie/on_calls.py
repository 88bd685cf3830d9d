"""Who is on call, now, at a time, and next."""

from __future__ import annotations

from pydantic import Field

from connectors.opsgenie.forms import ON_CALLS
from connectors.opsgenie.rotations import OfSchedule
from connectors.opsgenie.shapes import Get
from playbooks_engine.sdk import Command, Moment


class GetOnCallUser(
    Get,
    route="GET /v2/schedules/{schedule_name}/on-calls?scheduleIdentifierType=name",
    area="schedules",
    limits="schedule-oncalls",
    label="Get On-call User",
    gives=ON_CALLS,
):
    """Retrieve who is on call on a schedule."""

    schedule_name: str = Field(examples=["ops_primary"])
    """The name of the schedule, as get_schedules returns it."""
    datetime: Moment | None = Field(None, serialization_alias="date")
    """Who is on call at this time; now, if left out."""


class OnCalls(Command):
    """Who is on call, as a tree or as a list."""

    flat: bool | None = None
    """Only the usernames, as one list; else through which rotation, escalation or team each is on call."""
    date: Moment | None = None
    """Who is on call at this time; now, if left out."""


class GetOnCalls(OfSchedule, OnCalls, Get, route="GET /v2/schedules/{schedule}/on-calls", limits="schedule-oncalls"):
    """Retrieve who is on call on a schedule, by its id or name."""


# The vendor swaps two words here (recipients and participants); what comes is told apart by its form alone.
class GetNextOnCalls(
    OfSchedule, OnCalls, Get, route="GET /v2/schedules/{schedule}/next-on-calls", limits="schedule-oncalls"
):
    """Retrieve who is on call next on a schedule."""


class ListOnCalls(OnCalls, Get, route="GET /v2/schedules/on-calls", area="schedules", limits="schedule-oncalls"):
    """List who is on call on every schedule."""
