"""Files attached to alerts: listed, found, added and removed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from connectors.opsgenie.alerts.reading import AN_ID, Alerts, IdentifierType, ListLogs
from connectors.opsgenie.configuring import Removal, Setting, seen_done
from connectors.opsgenie.shapes import GRACE, SETTLE, created_since, moments, read_all
from playbooks_engine.sdk import FILE, IN_QUERY, FilePath, Request, Result, Seen, Sender


class Attachments(Alerts):
    """A read about the files of one alert."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    alert_identifier_type: IdentifierType = "id"
    """How `identifier` is read; an alias finds the open alert only."""


class ListAttachments(Attachments, route="GET /v2/alerts/{identifier}/attachments"):
    """List the files of an alert: names and ids."""


class GetAttachment(Attachments, route="GET /v2/alerts/{identifier}/attachments/{attachment_id}"):
    """Retrieve the name of a file, and the address from which it can be loaded for a while."""

    attachment_id: int = Field(ge=0, examples=[17])
    """The file's id, as list_attachments has it."""


class AddAttachment(
    Setting, route="POST /v2/alerts/{identifier}/attachments", area="alerts", limits="alert", repeat="verify"
):
    """Attach a file to an alert."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    alert_identifier_type: Annotated[IdentifierType, IN_QUERY] = "id"
    """How `identifier` is read; an alias finds the open alert only."""
    file: Annotated[FilePath, FILE]
    """The file, by its path below `files/` of the project; at most 10 MB."""
    user: str | None = Field(None, max_length=100)
    """In whose name."""
    index_file: str | None = Field(None, max_length=512)
    """The HTML file to show when the attachment is opened."""

    look_here: ClassVar[str] = "Open the alert in Opsgenie and look whether the file is there, before you run it again."

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        """The one file of this name, if the alert's log names it since: the list says no time, so it may be older.

        How the log words it is not documented; that it names the file is enough.
        """
        plain = self.request()
        name = plain.files["file"].name
        there: list[dict[str, Any]] = []
        async for _ in moments(sender, SETTLE):
            listed = await read_all(sender, Request("GET", plain.path, plain.query))
            there = [item for item in listed if item.get("name") == name]
            if len(there) == 1 and await self._logged(sender, name, sent_at):
                return seen_done({"id": there[0].get("id")})
        # How the vendor reads other letters in the header of a form's part, and so lists them, is not documented.
        return Seen.ABSENT if not there and name.isascii() else Seen.UNDECIDED

    async def _logged(self, sender: Sender, name: str, sent_at: datetime) -> bool:
        logs = ListLogs(identifier=self.identifier, identifier_type=self.alert_identifier_type)
        return any(
            name in str(entry.get("log")) and created_since(entry, sent_at, GRACE)
            for entry in await read_all(sender, logs.newest())
        )


class RemoveAttachment(
    Removal,
    route="DELETE /v2/alerts/{identifier}/attachments/{attachment_id}",
    area="alerts",
    limits="alert",
    repeat="verify",
):
    """Remove a file from an alert."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    alert_identifier_type: IdentifierType = "id"
    """How `identifier` is read; an alias finds the open alert only."""
    attachment_id: int = Field(ge=0, examples=[17])
    """The file's id, as list_attachments has it."""
    user: str | None = Field(None, max_length=100)
    """In whose name."""
