"""The stream of alerts, by the time of their last update."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from connectors.opsgenie.shapes import CEILING, Get, milliseconds
from playbooks_engine.sdk import NOT_SENT, Command, Moment, Recount, Request, Stream, Window

# What an alert goes through; a stream that filters on it would never see the change (fields of the search syntax).
CHANGING = frozenset(
    {
        "status", "acknowledged", "acknowledgedBy", "closedBy", "owner", "isSeen", "snoozed", "snoozedUntil",
        "count", "lastOccurredAt", "updatedAt", "priority", "tag", "tags", "message", "description", "responders",
        "teams", "recipients",
    }
)  # fmt: skip


# What "List Alerts" leaves out and "Get Alert" gives (the examples of both in the vendor's Alert API).
UNLISTED = frozenset({"actions", "entity", "description", "details"})


class FetchEvent(Get, route="GET /v2/alerts", area="alerts", limits="search"):
    """Retrieve alerts by the time of their last update, or of their creation: one page, oldest first."""

    start_time: Annotated[Moment | None, NOT_SENT] = None
    """Alerts updated (or created) at or after this time."""
    end_time: Annotated[Moment | None, NOT_SENT] = None
    """Alerts updated (or created) at or before this time."""
    number_of_events: int = Field(20, ge=1, le=100, serialization_alias="limit")
    """How many alerts at most."""
    search_condition: Annotated[str | None, NOT_SENT] = None
    """A condition in Opsgenie's search syntax, such as `priority: (P1 OR P2)`."""
    skip: int = Field(0, ge=0, serialization_alias="offset")
    """Leave out this many of the first ones."""
    by: Annotated[Literal["updated", "created"], NOT_SENT] = "updated"
    """Which time is meant: that of the last update, or that of creation."""

    def request(self) -> Request:
        plain = super().request()
        field = f"{self.by}At"
        terms = _terms(field, self.start_time, self.end_time, self.search_condition)
        query = (("query", terms),) if terms else ()
        return Request(plain.method, plain.path, (*query, ("sort", field), ("order", "asc"), *plain.query))


def _terms(field: str, since: datetime | None, until: datetime | None, condition: str | None) -> str:
    terms = [
        *([f"{field} >= {milliseconds(since)}"] if since else []),
        *([f"{field} <= {milliseconds(until)}"] if until else []),
        *([f"({condition})"] if condition else []),
    ]
    return " AND ".join(terms)


def _page(window: Window, by: Literal["updated", "created"] = "updated") -> FetchEvent:
    return FetchEvent(
        start_time=window.since,
        end_time=window.until,
        number_of_events=window.limit,
        search_condition=window.query,
        skip=window.skip,
        by=by,
    )


# The stream alone is needed far more often than these two, so their module waits until they are.
def _count(window: Window) -> Command:
    from connectors.opsgenie.alerts.reading import CountAlerts

    return CountAlerts(query=_terms("updatedAt", window.since, window.until, window.query))


def _one(key: str) -> Command:
    from connectors.opsgenie.alerts.reading import GetAlert

    return GetAlert(identifier=key)


ALERTS = Stream(
    page=_page,
    mapping="mapping.yml",
    ceiling=CEILING,
    changing=CHANGING,
    count=_count,
    recount=Recount(page=lambda window: _page(window, by="created"), created="createdAt"),
    refresh=_one,
    unlisted=UNLISTED,
)
