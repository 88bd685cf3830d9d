"""Heartbeats: systems that report that they are alive, and raise an alert when they stop."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.connection import ANY_KEY
from connectors.opsgenie.references import ByName
from connectors.opsgenie.shapes import Get, Priority, Tag, foreign, read, thing
from playbooks_engine.sdk import Result, Sender

Unit = Literal["minutes", "hours", "days"]
NAME = "nightly-backup"


class Heartbeats(Get, area="heartbeats", limits="heartbeat"):
    """A read about heartbeats."""


class HeartbeatSetting(Setting, area="heartbeats", limits="heartbeat", repeat="safe"):
    """A change of one heartbeat."""

    name: str = Field(max_length=200, examples=[NAME])
    """The name of the heartbeat."""


class PingHeartbeat(HeartbeatSetting, route="GET /v2/heartbeats/{name}/ping", effect="write", right=ANY_KEY):
    """Say that a system is alive. Opsgenie does not look whether there is such a heartbeat."""


class ListHeartbeats(Heartbeats, route="GET /v2/heartbeats"):
    """List all heartbeats."""

    def result(self, document: Any) -> Result:
        # Unlike other lists: `data` is an object that holds the list.
        found = thing(document).get("heartbeats")
        if not isinstance(found, list):
            raise foreign("`data` in the answer holds no list of heartbeats.")
        return Result(found, document)


class GetHeartbeat(Heartbeats, route="GET /v2/heartbeats/{name}"):
    """Retrieve one heartbeat."""

    name: str = Field(max_length=200, examples=[NAME])
    """The name of the heartbeat."""


# The vendor's own Terraform provider takes less for a name (99 characters of A-Z a-z 0-9 _ . -) than its description.
class CreateHeartbeat(Creation, route="POST /v2/heartbeats", area="heartbeats", limits="heartbeat", repeat="verify"):
    """Create a heartbeat. The first ping starts its clock."""

    name: str = Field(min_length=1, max_length=200, examples=[NAME])
    """Its name."""
    interval: int = Field(ge=1, examples=[10])
    """How long it may be silent before an alert is raised."""
    interval_unit: Unit = Field(examples=["minutes"])
    """The unit of `interval`."""
    enabled: bool = True
    """Whether it is watched."""
    description: str | None = Field(None, max_length=10_000)
    """What reports by it."""
    owner_team: ByName | None = Field(None, examples=["Payments"])
    """The team it belongs to, by name or {id: ...}."""
    alert_message: str | None = Field(None, max_length=130)
    """The title of the alert; `... is expired`, if left out."""
    alert_tags: list[Tag] | None = Field(None, max_length=20)
    """Tags of the alert."""
    alert_priority: Priority | None = None
    """Priority of the alert; P3, if left out."""

    async def alike(self, sender: Sender) -> list[dict[str, Any]]:
        heartbeat = await read(sender, GetHeartbeat(name=self.name).request())
        return [] if heartbeat is None else [heartbeat]


class UpdateHeartbeat(HeartbeatSetting, route="PATCH /v2/heartbeats/{name}"):
    """Change what is given of a heartbeat, and leave the rest."""

    interval: int | None = Field(None, ge=1)
    """How long it may be silent before an alert is raised."""
    interval_unit: Unit | None = None
    """The unit of `interval`."""
    enabled: bool | None = None
    """Whether it is watched."""
    description: str | None = Field(None, max_length=10_000)
    """What reports by it."""
    owner_team: ByName | None = Field(None, examples=["Payments"])
    """The team it belongs to, by name or {id: ...}."""
    alert_message: str | None = Field(None, max_length=130)
    """The title of the alert."""
    alert_tags: list[Tag] | None = Field(None, max_length=20)
    """Tags of the alert."""
    alert_priority: Priority | None = None
    """Priority of the alert."""


class EnableHeartbeat(HeartbeatSetting, route="POST /v2/heartbeats/{name}/enable"):
    """Watch a heartbeat."""


class DisableHeartbeat(HeartbeatSetting, route="POST /v2/heartbeats/{name}/disable"):
    """Keep a heartbeat, and watch it no more."""


class DeleteHeartbeat(
    Removal, route="DELETE /v2/heartbeats/{name}", area="heartbeats", limits="heartbeat", repeat="verify"
):
    """Delete a heartbeat."""

    name: str = Field(max_length=200, examples=[NAME])
    """The name of the heartbeat."""
