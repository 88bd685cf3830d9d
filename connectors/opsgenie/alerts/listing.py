"""All alerts that match, however many: past what Opsgenie pages through, the list is cut by time of creation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from connectors.opsgenie.alerts.reading import Searched
from connectors.opsgenie.forms import LISTED_ALERT
from connectors.opsgenie.shapes import CEILING, ListPages, milliseconds
from playbooks_engine.errors import UnexpectedAnswer
from playbooks_engine.sdk import Request, Result, Sender, moment_of


class ListAlerts(ListPages, Searched, route="GET /v2/alerts", area="alerts", limits="search", gives=[LISTED_ALERT]):
    """List the alerts that match a search, newest first, over all pages."""

    sort: (
        Literal[
            "createdAt", "updatedAt", "tinyId", "alias", "message", "status", "acknowledged", "isSeen", "snoozed",
            "snoozedUntil", "count", "lastOccurredAt", "source", "owner", "integration.name", "integration.type",
            "report.ackTime", "report.closeTime", "report.acknowledgedBy", "report.closedBy",
        ]
        | None
    ) = None  # fmt: skip
    """The field to sort by; createdAt, if left out. More than 20,000 alerts come by createdAt only."""
    order: Literal["asc", "desc"] | None = None
    """asc or desc (the default)."""

    async def run(self, sender: Sender) -> Result:
        items: dict[Any, Any] = {}
        bound: datetime | None = None
        while True:
            document, more = await self.read_pages(sender, self._from(bound), items)
            if not more:
                return self.kept(items, document)
            bound = self._next(bound, document["data"][-1])

    def _from(self, bound: datetime | None) -> Request:
        """The list from a time of creation on, that time included: whoever shares it may lie on either side."""
        plain = self.request()
        if bound is None:
            return plain
        term = f"createdAt {'>=' if self.order == 'asc' else '<='} {milliseconds(bound)}"
        query = f"({self.query}) AND {term}" if self.query else term
        return Request(plain.method, plain.path, (("query", query), *(p for p in plain.query if p[0] != "query")))

    def _next(self, bound: datetime | None, last: dict[str, Any]) -> datetime:
        """Where the list goes on; raises where it cannot."""
        if self.sort not in (None, "createdAt") or self.search_identifier is not None:
            raise UnexpectedAnswer(
                f"More than {CEILING:,} alerts match, and Opsgenie pages no further.",
                hint="So many come by createdAt and for a `query` only: leave out sort, or set max_items.",
            )
        try:
            reached = moment_of(last["createdAt"])
        except (KeyError, ValueError, AttributeError):
            raise UnexpectedAnswer(f"More than {CEILING:,} alerts match, and one says no createdAt.") from None
        if reached == bound:
            raise UnexpectedAnswer(
                f"{CEILING:,} alerts or more were created at one instant ({last['createdAt']}); Opsgenie pages "
                "no further.",
                hint="Narrow the query by something else than time, or set max_items.",
            )
        return reached
