"""Files attached to alerts: listed, found and removed."""

# Adding one takes a form (multipart), and the sdk sends JSON alone.

from __future__ import annotations

from pydantic import Field

from connectors.opsgenie.alerts.reading import AN_ID, Alerts, IdentifierType
from connectors.opsgenie.configuring import Removal


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
