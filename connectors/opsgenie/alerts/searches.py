"""Searches for alerts that are kept under a name."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from connectors.opsgenie.alerts.reading import Alerts
from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.references import ByName, ByUsername
from connectors.opsgenie.shapes import read
from playbooks_engine.sdk import IN_QUERY, Sender

A_SEARCH = "open P1"


class ListSavedSearches(Alerts, route="GET /v2/alerts/saved-searches"):
    """List the saved searches: names and ids."""


class GetSavedSearch(Alerts, route="GET /v2/alerts/saved-searches/{identifier}"):
    """Retrieve one saved search, with its query."""

    identifier: str = Field(examples=[A_SEARCH])
    """Id or name of the saved search."""
    identifier_type: Literal["id", "name"] = "id"
    """How `identifier` is read."""


class CreateSavedSearch(
    Creation, route="POST /v2/alerts/saved-searches", area="alerts", limits="alert", repeat="verify"
):
    """Keep a search under a name."""

    name: str = Field(min_length=1, max_length=100, examples=[A_SEARCH])
    """Its name."""
    query: str = Field(min_length=1, max_length=1_000, examples=["status: open AND priority: P1"])
    """A condition in Opsgenie's search syntax."""
    owner: ByUsername = Field(examples=["ana@example.com"])
    """The username of whom it belongs to, or {id: ...}."""
    description: str | None = Field(None, max_length=15_000)
    """What it is for."""
    teams: list[ByName] | None = Field(None, max_length=20)
    """The teams that may use it: names, or {id: ...}."""

    async def alike(self, sender: Sender) -> list[dict[str, Any]]:
        # The list says names and ids only; the search itself says its query, and since when there is one.
        search = await read(sender, GetSavedSearch(identifier=self.name, identifier_type="name").request())
        return [] if search is None else [search]


class UpdateSavedSearch(
    Setting, route="PATCH /v2/alerts/saved-searches/{identifier}", area="alerts", limits="alert", repeat="safe"
):
    """Replace a saved search: its name, query and owner are given anew."""

    identifier: str = Field(examples=[A_SEARCH])
    """Id or name of the saved search."""
    identifier_type: Annotated[Literal["id", "name"], IN_QUERY] = "id"
    """How `identifier` is read."""
    # A PATCH that wants all three all the same (the description of 2021 requires them).
    name: str = Field(min_length=1, max_length=100, examples=[A_SEARCH])
    """Its new name, or the old one."""
    query: str = Field(min_length=1, max_length=1_000, examples=["status: open AND priority: P1"])
    """A condition in Opsgenie's search syntax."""
    owner: ByUsername = Field(examples=["ana@example.com"])
    """The username of whom it belongs to, or {id: ...}."""
    description: str | None = Field(None, max_length=15_000)
    """What it is for."""
    teams: list[ByName] | None = Field(None, max_length=20)
    """The teams that may use it: names, or {id: ...}."""


class DeleteSavedSearch(
    Removal, route="DELETE /v2/alerts/saved-searches/{identifier}", area="alerts", limits="alert", repeat="verify"
):
    """Delete a saved search."""

    identifier: str = Field(examples=[A_SEARCH])
    """Id or name of the saved search."""
    identifier_type: Literal["id", "name"] = "id"
    """How `identifier` is read."""
