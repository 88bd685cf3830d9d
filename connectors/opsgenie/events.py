"""The stream of alerts, by the time of their last update."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from connectors.opsgenie.shapes import CEILING, Get, milliseconds
from playbooks_engine.sdk import NOT_SENT, Moment, Request, Stream, Window

# What an alert goes through; a stream that filters on it would never see the change (fields of the search syntax).
CHANGING = frozenset(
    {
        "status", "acknowledged", "acknowledgedBy", "closedBy", "owner", "isSeen", "snoozed", "snoozedUntil",
        "count", "lastOccurredAt", "updatedAt", "priority", "tag", "tags", "message", "description", "responders",
        "teams", "recipients",
    }
)  # fmt: skip


class FetchEvent(Get, route="GET /v2/alerts", area="alerts", limits="search"):
    """Retrieve alerts by the time of their last update: one page, oldest update first."""

    start_time: Annotated[Moment | None, NOT_SENT] = None
    """Alerts updated at or after this time."""
    end_time: Annotated[Moment | None, NOT_SENT] = None
    """Alerts updated at or before this time."""
    number_of_events: int = Field(20, ge=1, le=100, serialization_alias="limit")
    """How many alerts at most."""
    search_condition: Annotated[str | None, NOT_SENT] = None
    """A condition in Opsgenie's search syntax, such as `priority: (P1 OR P2)`."""
    skip: int = Field(0, ge=0, serialization_alias="offset")
    """Leave out this many of the first ones."""

    def request(self) -> Request:
        plain = super().request()
        terms = [
            *([f"updatedAt >= {milliseconds(self.start_time)}"] if self.start_time else []),
            *([f"updatedAt <= {milliseconds(self.end_time)}"] if self.end_time else []),
            *([f"({self.search_condition})"] if self.search_condition else []),
        ]
        query = (("query", " AND ".join(terms)),) if terms else ()
        return Request(plain.method, plain.path, (*query, ("sort", "updatedAt"), ("order", "asc"), *plain.query))


def _page(window: Window) -> FetchEvent:
    return FetchEvent(
        start_time=window.since,
        end_time=window.until,
        number_of_events=window.limit,
        search_condition=window.query,
        skip=window.skip,
    )


ALERTS = Stream(page=_page, mapping="mapping.yml", ceiling=CEILING, changing=CHANGING)
