"""Alerts as they stand: one, how many, and what was noted, logged and sent about one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.forms import ALERT
from connectors.opsgenie.paging import ListKeyed
from connectors.opsgenie.shapes import Get
from connectors.opsgenie.statuses import StatusOf

AN_ID = "4513b7ea-3b91-438f-b7e4-e3e54af9147c-1591142400000"

IdentifierType = Literal["id", "alias", "tiny"]


class Alerts(Get, area="alerts", limits="alert"):
    """A read about alerts."""


class Searched(Get):
    """A read of the alerts that a search finds."""

    query: str | None = None
    """A condition in Opsgenie's search syntax, such as `status: open AND priority: P1`."""
    search_identifier: str | None = None
    """Id or name of a saved search, instead of a query."""
    search_identifier_type: Literal["id", "name"] | None = None
    """How `search_identifier` is read; as an id, if left out."""

    @model_validator(mode="after")
    def _one_search(self) -> Searched:
        if self.search_identifier_type is not None and self.search_identifier is None:
            raise PydanticCustomError("search", "`search_identifier_type` means nothing without `search_identifier`")
        if self.search_identifier is not None and self.query is not None:
            # No source says which of the two wins, or whether both hold.
            raise PydanticCustomError("search", "give either `query` or `search_identifier`")
        return self


# The sources name no domain for the count; it has the path of an alert and is no list.
class CountAlerts(Searched, route="GET /v2/alerts/count", area="alerts", limits="alert"):
    """Count the alerts that match a search."""


class AlertPart(Alerts):
    """A read about one alert."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    identifier_type: IdentifierType = "id"
    """How `identifier` is read; an alias finds the open alert only."""


class GetAlert(AlertPart, route="GET /v2/alerts/{identifier}", gives=ALERT):
    """Retrieve one alert, with its description and details."""


class ListRecipients(AlertPart, route="GET /v2/alerts/{identifier}/recipients"):
    """List whom an alert was sent to, how, and what came of it."""


class AlertHistory(ListKeyed, AlertPart, area="alerts", limits="alert"):
    """A read over pages of what happened to one alert."""


class ListNotes(AlertHistory, route="GET /v2/alerts/{identifier}/notes"):
    """List the notes of an alert, newest first."""


class ListLogs(AlertHistory, route="GET /v2/alerts/{identifier}/logs"):
    """List what happened to an alert, newest first."""


class GetRequestStatus(StatusOf, route="GET /v2/alerts/requests/{request_id}", area="alerts", limits="alert"):
    """Retrieve what became of a change of an alert."""
