"""The timeline of an incident: what happened when, as people tell it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from connectors.opsgenie.configuring import Setting, seen_done
from connectors.opsgenie.incidents import AN_ID
from connectors.opsgenie.paging import ListKeyed
from connectors.opsgenie.shapes import SKEW, foreign, thing
from playbooks_engine.sdk import NOT_SENT, Moment, Request, Result, Seen, Sender, moment_of


# No source confirms how this list is paged: `nextOffset` is followed where there is one.
class ListIncidentTimeline(
    ListKeyed, route="GET /v2/incident-timelines/{incident_id}/entries", area="incidents", limits="configuration"
):
    """List the entries of an incident's timeline."""

    incident_id: str = Field(examples=[AN_ID])
    """Id of the incident."""

    def items_of(self, document: Any) -> list[Any]:
        entries = thing(document).get("entries")
        if not isinstance(entries, list):
            raise foreign("`data` in the answer has no list of entries.")
        return entries

    def next_key(self, document: Any) -> str | None:
        key = thing(document).get("nextOffset")
        return None if key in (None, "") else str(key)


class AddIncidentTimelineEntry(
    Setting,
    route="POST /v2/incident-timelines/{incident_id}/entries",
    area="incidents",
    limits="configuration",
    repeat="verify",
):
    """Add an entry to an incident's timeline."""

    incident_id: str = Field(examples=[AN_ID])
    """Id of the incident."""
    content: Annotated[str, NOT_SENT] = Field(min_length=1, examples=["Failed over to the second site."])
    """What happened."""
    time: Moment | None = None
    """When it happened; now, if left out."""

    def request(self) -> Request:
        plain = super().request()
        body = {"description": {"type": "plain_text", "content": self.content}, **plain.body}
        return Request(plain.method, plain.path, plain.query, body)

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        listed = ListIncidentTimeline(incident_id=self.incident_id, order="desc")
        for entry in listed.items_of((await sender.look_up(listed.newest())).json):
            if _says(entry) == self.content and self._at(entry, sent_at):
                return seen_done(entry)
        return Seen.ABSENT

    def _at(self, entry: dict[str, Any], sent_at: datetime) -> bool:
        try:
            moment = moment_of(entry["eventTime"])
        except (KeyError, ValueError, AttributeError):
            return False
        return moment >= sent_at - SKEW if self.time is None else moment == self.time


def _says(entry: dict[str, Any]) -> Any:
    said = entry.get("description")
    return said.get("content") if isinstance(said, dict) else said
