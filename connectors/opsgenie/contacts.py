"""Contacts of a user: the ways by which they are notified."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.shapes import Get
from playbooks_engine.sdk import Sender

Method = Literal["email", "sms", "voice", "mobile"]

USER = "ana@example.com"
CONTACT = "3e1f0d2c-9b8a-4c76-8e54-1d0c2b3a4d5e"


class Contacts(Get, area="contacts", limits="configuration"):
    """A read about contacts."""


class ContactEdit(Setting, area="contacts", limits="configuration", repeat="safe"):
    """A change of one contact."""

    identifier: str = Field(examples=[USER])
    """Username or id of the user."""
    contact_id: str = Field(examples=[CONTACT])
    """Id of the contact."""


class ListContacts(Contacts, route="GET /v2/users/{identifier}/contacts"):
    """List the contacts of a user."""

    identifier: str = Field(examples=[USER])
    """Username or id of the user."""


class GetContact(Contacts, route="GET /v2/users/{identifier}/contacts/{contact_id}"):
    """Retrieve one contact of a user."""

    identifier: str = Field(examples=[USER])
    """Username or id of the user."""
    contact_id: str = Field(examples=[CONTACT])
    """Id of the contact."""


class CreateContact(
    Creation,
    route="POST /v2/users/{identifier}/contacts",
    area="contacts",
    limits="configuration",
    repeat="verify",
):
    """Add a contact to a user."""

    identifier: str = Field(examples=[USER])
    """Username or id of the user."""
    method: Method
    """How the user is reached."""
    to: str = Field(min_length=1, max_length=511, examples=["ana@example.com"])
    """The address, or a number such as 49-3012345678."""

    FOUND_BY: ClassVar[tuple[str, ...]] = ("method", "to")

    async def alike(self, sender: Sender) -> list[dict[str, Any]]:
        # Called `method` in the list of contacts, and `contactMethod` among what a user has.
        return [{"method": contact.get("contactMethod"), **contact} for contact in await super().alike(sender)]


class UpdateContact(ContactEdit, route="PATCH /v2/users/{identifier}/contacts/{contact_id}"):
    """Change the address of a contact."""

    to: str = Field(min_length=1, max_length=511, examples=["ana@example.com"])
    """The new address, or a number such as 49-3012345678."""


class EnableContact(ContactEdit, route="POST /v2/users/{identifier}/contacts/{contact_id}/enable"):
    """Let a contact be used again."""


class DisableContact(ContactEdit, route="POST /v2/users/{identifier}/contacts/{contact_id}/disable"):
    """Keep a contact, and use it no more."""


class DeleteContact(
    Removal,
    route="DELETE /v2/users/{identifier}/contacts/{contact_id}",
    area="contacts",
    limits="configuration",
    repeat="verify",
):
    """Delete a contact of a user."""

    identifier: str = Field(examples=[USER])
    """Username or id of the user."""
    contact_id: str = Field(examples=[CONTACT])
    """Id of the contact."""
