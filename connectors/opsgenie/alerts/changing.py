"""What an alert says, changed: tags, details, priority, message and description."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from connectors.opsgenie.alerts.acting import AlertAction, OnAlert
from connectors.opsgenie.shapes import Details, ListedKey, ListedTag, Priority, Tag


class AddTags(AlertAction, route="POST /v2/alerts/{identifier}/tags", repeat="verify"):
    """Add tags to an alert."""

    tags: list[Tag] = Field(min_length=1, max_length=20)
    """The tags to add; an alert has 20 at most."""

    def done(self, alert: dict[str, Any]) -> bool:
        return set(self.tags) <= set(alert.get("tags") or ())


# The sources do not say which right the two removals need: Delete by their method, or Create and update by their sense.
class RemoveTags(AlertAction, route="DELETE /v2/alerts/{identifier}/tags", repeat="verify"):
    """Remove tags from an alert."""

    tags: list[ListedTag] = Field(min_length=1, max_length=20)
    """The tags to remove; a tag with a comma cannot be removed this way."""

    def done(self, alert: dict[str, Any]) -> bool:
        return not set(self.tags) & set(alert.get("tags") or ())


class AddDetails(AlertAction, route="POST /v2/alerts/{identifier}/details", repeat="verify"):
    """Add pairs to the details of an alert; a key that is there gets the new value."""

    details: Details = Field(min_length=1)
    """The pairs to add; an alert holds 8,000 characters in all."""

    def done(self, alert: dict[str, Any]) -> bool:
        return self.details.items() <= dict(alert.get("details") or {}).items()


class RemoveDetails(AlertAction, route="DELETE /v2/alerts/{identifier}/details", repeat="verify"):
    """Remove pairs from the details of an alert."""

    keys: list[ListedKey] = Field(min_length=1)
    """The keys to remove; a key with a comma cannot be removed this way."""

    def done(self, alert: dict[str, Any]) -> bool:
        return not set(self.keys) & set(alert.get("details") or ())


class UpdateAlertPriority(OnAlert, route="PUT /v2/alerts/{identifier}/priority", repeat="safe"):
    """Change the priority of an alert."""

    priority: Priority
    """P1 to P5."""


class UpdateAlertMessage(OnAlert, route="PUT /v2/alerts/{identifier}/message", repeat="safe"):
    """Change the title of an alert."""

    message: str = Field(min_length=1, max_length=130, examples=["Disk of db-1 is full"])
    """The new title."""


class UpdateAlertDescription(OnAlert, route="PUT /v2/alerts/{identifier}/description", repeat="safe"):
    """Change the description of an alert."""

    description: str = Field(max_length=15_000, examples=["95 % used"])
    """The new description."""
