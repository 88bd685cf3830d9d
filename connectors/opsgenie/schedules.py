"""Schedules: who is on call from when until when."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.forms import SCHEDULE_TIMELINE
from connectors.opsgenie.references import ByName
from connectors.opsgenie.rotations import A_ROTATION, Rotation
from connectors.opsgenie.shapes import Get
from playbooks_engine.errors import UnexpectedAnswer
from playbooks_engine.sdk import IN_QUERY, Command, Moment, Request, Result, Sender

IdentifierType = Literal["id", "name"]


class Schedules(Get, area="schedules", limits="configuration"):
    """A read about schedules."""


class GetSchedules(Schedules, route="GET /v2/schedules"):
    """Retrieve all schedules."""

    expand: Literal["rotation"] | None = None
    """Also return each schedule's rotations."""


class GetSchedule(Schedules, route="GET /v2/schedules/{identifier}"):
    """Retrieve one schedule, with its rotations."""

    identifier: str = Field(examples=["ops_primary"])
    """Id or name of the schedule."""
    identifier_type: IdentifierType = "id"
    """How `identifier` is read."""


class GetScheduleTimeline(Schedules, route="GET /v2/schedules/{schedule_name}/timeline", gives=SCHEDULE_TIMELINE):
    """Retrieve a schedule's timeline: who is on call from when until when."""

    schedule_name: str = Field(examples=["ops_primary"])
    """The name of the schedule, as get_schedules returns it; or its id, with `identifier_type: id`."""
    identifier_type: IdentifierType = "name"
    """How `schedule_name` is read."""
    interval: int | None = Field(None, ge=1)
    """How many days, weeks or months; 1, if left out."""
    interval_unit: Literal["days", "weeks", "months"] | None = None
    """Days, weeks or months; weeks, if left out."""
    date: Moment | None = None
    """A time within the first of them; now, if left out."""
    expand: list[Literal["base", "forwarding", "override"]] | None = Field(None, min_length=1)
    """Also return what the final timeline was made from."""


class SchedulePart(Command):
    """What a schedule is made of, and may be given anew."""

    # Below 100 and 10,000 in the vendor's Terraform provider; its rule for the letters of a name is left out, because
    # the vendor itself makes schedules whose names hold spaces.
    description: str | None = Field(None, max_length=9_999)
    """What it is for."""
    timezone: str | None = Field(None, min_length=1)
    """The zone its days begin in, such as Europe/Berlin; the account's, if left out."""
    enabled: bool | None = None
    """Whether it is in use."""
    owner_team: ByName | None = None
    """The team it belongs to: its name, or {id: ...}."""
    rotations: list[Rotation] | None = Field(None, examples=[[A_ROTATION]])
    """Who takes turns: a list of {type: weekly, start_date: ..., participants: [...]}."""


class CreateSchedule(
    SchedulePart, Creation, route="POST /v2/schedules", area="schedules", limits="configuration", repeat="verify"
):
    """Create a schedule."""

    name: str = Field(min_length=1, max_length=99, examples=["ops_primary"])
    """Its name."""


class UpdateSchedule(
    SchedulePart,
    Setting,
    route="PATCH /v2/schedules/{identifier}",
    area="schedules",
    limits="configuration",
    repeat="safe",
):
    """Change what is given of a schedule, and leave the rest; rotations are replaced all together."""

    identifier: str = Field(examples=["ops_primary"])
    """Id or name of the schedule."""
    identifier_type: Annotated[IdentifierType, IN_QUERY] = "id"
    """How `identifier` is read."""
    name: str | None = Field(None, min_length=1, max_length=99)
    """Its new name."""


class DeleteSchedule(
    Removal, route="DELETE /v2/schedules/{identifier}", area="schedules", limits="configuration", repeat="verify"
):
    """Delete a schedule."""

    identifier: str = Field(examples=["ops_primary"])
    """Id or name of the schedule."""
    identifier_type: IdentifierType = "id"
    """How `identifier` is read."""


class Calendar(Schedules):
    """A calendar in the iCalendar format: `output` is its text."""

    def request(self) -> Request:
        return replace(super().request(), headers={"Accept": "text/calendar"})

    async def run(self, sender: Sender) -> Result:
        answer = await sender.send(self.request())
        text = answer.content.decode("utf-8", errors="replace")
        if not text.lstrip("\ufeff \r\n").startswith("BEGIN:VCALENDAR"):
            raise UnexpectedAnswer(
                f"The answer is no calendar ({answer.kind}).",
                status_code=answer.status,
                hint="This does not look like Opsgenie; correct server_url.",
            )
        return Result(text, text)


class ExportSchedule(Calendar, route="GET /v2/schedules/{identifier}.ics"):
    """Export a schedule as a calendar (iCalendar text)."""

    identifier: str = Field(examples=["ops_primary"])
    """Id or name of the schedule."""
    identifier_type: IdentifierType = "id"
    """How `identifier` is read."""


class ExportOnCallUser(Calendar, route="GET /v2/schedules/on-calls/{identifier}.ics"):
    """Export when a user is on call as a calendar (iCalendar text)."""

    identifier: str = Field(examples=["ana@example.com"])
    """Username or id of the user."""
