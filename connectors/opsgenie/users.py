"""Users."""

from __future__ import annotations

from pydantic import Field

from connectors.opsgenie.shapes import Get


class Users(Get, area="users", limits="configuration"):
    """A read about users."""


class GetSingleUser(Users, route="GET /v2/users/{identifier}"):
    """Retrieve one user."""

    identifier: str = Field(examples=["ana@example.com"])
    """Username or id of the user, as get_on_call_user returns them."""
