"""Users: the people in the account, and what each of them belongs to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.forms import USER
from connectors.opsgenie.references import ByName
from connectors.opsgenie.shapes import Get, ListPages, Shape, read
from playbooks_engine.sdk import Repeat, Sender

# The vendor keeps usernames in lower case, and each is an address.
Username = Annotated[str, Field(max_length=100, pattern=r"^[^A-Z\s@]+@[^A-Z\s@]+$")]


class Address(Shape):
    """Where a user lives."""

    country: str | None = None
    """The country."""
    state: str | None = None
    """The state or province."""
    city: str | None = None
    """The city."""
    line: str | None = None
    """Street and number."""
    zip_code: str | None = None
    """The postal code."""


class Users(Get, area="users", limits="configuration"):
    """A read about users."""


class UsersOwn(Users):
    """What belongs to one user."""

    identifier: str = Field(examples=["ana@example.com"])
    """Username or id of the user."""


class ListUsers(ListPages, route="GET /v2/users", area="users", limits="search"):
    """List the users that match a search, over all pages."""

    query: str | None = None
    """A condition in Opsgenie's search syntax, such as `role: admin AND verified: false`."""
    # The description of 2021 calls it `sortField`; the Go client and the vendor's own paging links say `sort`.
    sort: Literal["username", "fullName", "insertedAt"] | None = None
    """The field to sort by; username, if left out."""
    order: Literal["asc", "desc"] | None = None
    """asc (the default) or desc."""


class GetSingleUser(Users, route="GET /v2/users/{identifier}", gives=USER):
    """Retrieve one user."""

    identifier: str = Field(examples=["ana@example.com"])
    """Username or id of the user, as get_on_call_user returns them."""
    expand: Literal["contact"] | None = None
    """Also return the user's contacts."""


class CreateUser(Creation, route="POST /v2/users", area="users", limits="configuration", repeat="verify"):
    """Add a user to the account, and invite them."""

    username: Username = Field(examples=["ana@example.com"])
    """The user's e-mail address, in lower case."""
    full_name: str = Field(min_length=1, max_length=512, examples=["Ana Example"])
    """The user's name."""
    role: ByName = Field(examples=["User"])
    """The user's role, by name or {id: ...}: Owner, Admin, User or a custom one."""
    skype_username: str | None = None
    """The user's name on Skype."""
    time_zone: str | None = Field(None, max_length=511)
    """Such as Europe/Berlin; the account's, if left out."""
    locale: str | None = None
    """Language and country, such as en_US; the account's, if left out."""
    user_address: Address | None = None
    """Where the user lives."""
    tags: list[str] | None = None
    """Tags."""
    details: dict[str, list[str]] | None = None
    """Lists of your own, by name."""
    invitation_disabled: bool | None = None
    """Do not send an invitation."""

    async def alike(self, sender: Sender) -> list[dict[str, Any]]:
        user = await read(sender, GetSingleUser(identifier=self.username).request())
        return [] if user is None else [user]


class UpdateUser(Setting, route="PATCH /v2/users/{identifier}", area="users", limits="configuration", repeat="safe"):
    """Change what is given of a user, and leave the rest."""

    identifier: str = Field(examples=["ana@example.com"])
    """Username or id of the user."""
    username: Username | None = None
    """A new username: an e-mail address, in lower case."""
    full_name: str | None = Field(None, min_length=1, max_length=512)
    """The user's name."""
    role: ByName | None = Field(None, examples=["User"])
    """The user's role, by name or {id: ...}."""
    skype_username: str | None = None
    """The user's name on Skype."""
    time_zone: str | None = Field(None, max_length=511)
    """Such as Europe/Berlin."""
    locale: str | None = None
    """Language and country, such as en_US."""
    user_address: Address | None = None
    """Where the user lives."""
    tags: list[str] | None = None
    """Tags, instead of those there are."""
    details: dict[str, list[str]] | None = None
    """Lists of your own, by name, instead of those there are."""
    invitation_disabled: bool | None = None
    """Do not send an invitation."""

    @property
    def when_lost(self) -> Repeat:
        # Once renamed, a user is not found under the old name: a repetition would be refused though all went well.
        return "unsafe" if self.username not in {None, self.identifier} and "@" in self.identifier else "safe"


class DeleteUser(Removal, route="DELETE /v2/users/{identifier}", area="users", limits="configuration", repeat="verify"):
    """Remove a user from the account."""

    identifier: str = Field(examples=["ana@example.com"])
    """Username or id of the user."""


class ListUserTeams(UsersOwn, route="GET /v2/users/{identifier}/teams"):
    """List the teams that a user is a member of."""


class ListUserSchedules(UsersOwn, route="GET /v2/users/{identifier}/schedules"):
    """List the schedules that a user takes part in."""


class ListUserEscalations(UsersOwn, route="GET /v2/users/{identifier}/escalations"):
    """List the escalations that a user takes part in."""


class ListUserForwardingRules(UsersOwn, route="GET /v2/users/{identifier}/forwarding-rules"):
    """List the forwarding rules from or to a user."""


class ListUserSavedSearches(Users, route="GET /v2/users/saved-searches"):
    """List the searches for users that were saved."""


class GetUserSavedSearch(Users, route="GET /v2/users/saved-searches/{search_id}"):
    """Retrieve one saved search for users."""

    search_id: str = Field(examples=["9a1f6c1e-3c8e-4e0e-8c1c-0d6b1b7f3a55"])
    """Id of the search."""


class DeleteUserSavedSearch(
    Removal,
    route="DELETE /v2/users/saved-searches/{search_id}",
    area="users",
    limits="configuration",
    repeat="verify",
):
    """Delete one saved search for users."""

    search_id: str = Field(examples=["9a1f6c1e-3c8e-4e0e-8c1c-0d6b1b7f3a55"])
    """Id of the search."""
