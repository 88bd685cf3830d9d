"""Roles of a team's own: what its members may do there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.shapes import Get, Shape
from connectors.opsgenie.teams import OfTeam
from playbooks_engine.sdk import IN_QUERY

RIGHTS = [{"right": "manage-members", "granted": True}]


class Right(Shape):
    """One right."""

    right: str = Field(min_length=1)
    """Its name, such as manage-members."""
    granted: bool | None = None
    """Whether the role has it."""


class OfRole(OfTeam):
    """Something about one role of a team."""

    role: str = Field(examples=["deputy"])
    """Id or name of the role."""
    role_identifier_type: Annotated[Literal["id", "name"], IN_QUERY] = Field("id", serialization_alias="identifierType")
    """How `role` is read."""


class ListTeamRoles(OfTeam, Get, route="GET /v2/teams/{team}/roles"):
    """List the roles of a team."""


class GetTeamRole(OfRole, Get, route="GET /v2/teams/{team}/roles/{role}"):
    """Retrieve one role of a team."""


class CreateTeamRole(OfTeam, Creation, route="POST /v2/teams/{team}/roles", repeat="verify"):
    """Create a role of a team."""

    name: str = Field(min_length=1, examples=["deputy"])
    """Its name."""
    rights: list[Right] = Field(min_length=1, examples=[RIGHTS])
    """What it may do: a list of {right: manage-members, granted: true}."""


class UpdateTeamRole(OfRole, Setting, route="PATCH /v2/teams/{team}/roles/{role}", repeat="safe"):
    """Change what is given of a role of a team, and leave the rest."""

    name: str | None = Field(None, min_length=1)
    """Its new name."""
    rights: list[Right] | None = Field(None, min_length=1, examples=[RIGHTS])
    """What it may do: a list of {right: manage-members, granted: true}."""


class DeleteTeamRole(OfRole, Removal, route="DELETE /v2/teams/{team}/roles/{role}", repeat="verify"):
    """Delete a role of a team."""
