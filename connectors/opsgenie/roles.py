"""Custom user roles: what users may do who are neither admins nor plain users."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.shapes import Get
from playbooks_engine.sdk import IN_QUERY, Repeat

ROLE = "2a4b6c8d-1e3f-4a5b-8c7d-9e0f1a2b3c4d"


class Roles(Get, area="roles", limits="configuration"):
    """A read about custom user roles."""


class ListRoles(Roles, route="GET /v2/roles"):
    """List the custom user roles."""


class GetRole(Roles, route="GET /v2/roles/{identifier}"):
    """Retrieve one custom user role, with its rights."""

    identifier: str = Field(examples=[ROLE])
    """Id or name of the role."""
    identifier_type: Literal["id", "name"] = "id"
    """How `identifier` is read."""


class CreateRole(Creation, route="POST /v2/roles", area="roles", limits="configuration", repeat="verify"):
    """Create a custom user role."""

    name: str = Field(min_length=1, examples=["Night watch"])
    """Its name."""
    extended_role: str | None = Field(None, examples=["user"])
    """The role it extends: user, observer or stakeholder."""
    granted_rights: list[str] | None = None
    """Rights it has besides, such as alert-update-priority."""
    disallowed_rights: list[str] | None = None
    """Rights it lacks."""


class UpdateRole(Setting, route="PUT /v2/roles/{identifier}", area="roles", limits="configuration", repeat="safe"):
    """Replace what a custom user role says. To rename one, give its id: the old name finds it no more."""

    identifier: str = Field(examples=[ROLE])
    """Id or name of the role."""
    identifier_type: Annotated[Literal["id", "name"], IN_QUERY] = "id"
    """How `identifier` is read."""
    name: str | None = Field(None, min_length=1)
    """Its name."""
    extended_role: str | None = Field(None, examples=["user"])
    """The role it extends: user, observer or stakeholder."""
    granted_rights: list[str] | None = None
    """Rights it has besides."""
    disallowed_rights: list[str] | None = None
    """Rights it lacks."""

    @property
    def when_lost(self) -> Repeat:
        # Once renamed, a role is not found under the old name.
        return "unsafe" if self.identifier_type == "name" and self.name not in {None, self.identifier} else "safe"


class DeleteRole(Removal, route="DELETE /v2/roles/{identifier}", area="roles", limits="configuration", repeat="verify"):
    """Delete a custom user role."""

    identifier: str = Field(examples=[ROLE])
    """Id or name of the role."""
    identifier_type: Literal["id", "name"] = "id"
    """How `identifier` is read."""
