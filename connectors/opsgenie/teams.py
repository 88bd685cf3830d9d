"""Teams, and who is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting, seen_done
from connectors.opsgenie.paging import ListKeyed
from connectors.opsgenie.references import ByUsername
from connectors.opsgenie.shapes import Get, Shape, foreign, thing
from playbooks_engine.sdk import IN_QUERY, Command, Result, Seen, Sender

TEAM = "1f7c2f0a-90c1-4b55-8a4e-b2d8b4f0a111"
MEMBERS = [{"user": "ana@example.com", "role": "admin"}]

IdentifierType = Literal["id", "name"]

# Letters, digits, dot, space, hyphen and underscore, below 100 of them (the vendor's Terraform provider).
Name = Annotated[str, Field(min_length=1, max_length=99, pattern=r"^[a-zA-Z0-9._ -]+$", examples=["Payments"])]


class Member(Shape):
    """One member of a team."""

    user: ByUsername
    """The username, or {id: ...}."""
    role: str | None = None
    """user (the default), admin, or a role of the team's own."""


class Teams(Command, area="teams", limits="configuration"):
    """Something about teams."""


class OneTeam(Teams):
    """Something about one team."""

    identifier: str = Field(examples=["Payments"])
    """Id or name of the team."""
    identifier_type: IdentifierType = "id"
    """How `identifier` is read."""


class OfTeam(Teams):
    """Something that belongs to one team."""

    team: str = Field(examples=["Payments"])
    """Id or name of the team."""
    team_identifier_type: Annotated[IdentifierType, IN_QUERY] = "id"
    """How `team` is read."""


class ListTeams(Teams, Get, route="GET /v2/teams"):
    """List all teams."""


class GetTeam(OneTeam, Get, route="GET /v2/teams/{identifier}"):
    """Retrieve one team, with its members."""


class CreateTeam(Teams, Creation, route="POST /v2/teams", repeat="verify"):
    """Create a team."""

    name: Name
    """Its name."""
    description: str | None = None
    """What it does."""
    members: list[Member] | None = Field(None, examples=[MEMBERS])
    """Who is in it: a list of {user: username, role: admin}."""


class UpdateTeam(Teams, Setting, route="PATCH /v2/teams/{team_id}", repeat="safe"):
    """Change what is given of a team, and leave the rest; members are replaced all together."""

    # By id alone: this call has no identifierType.
    team_id: str = Field(examples=[TEAM])
    """Id of the team."""
    name: Name | None = None
    """Its new name."""
    description: str | None = None
    """What it does."""
    members: list[Member] | None = Field(None, examples=[MEMBERS])
    """Who is in it: a list of {user: username, role: admin}."""


class DeleteTeam(OneTeam, Removal, route="DELETE /v2/teams/{identifier}", repeat="verify"):
    """Delete a team."""


class ListTeamLogs(ListKeyed, OneTeam, route="GET /v2/teams/{identifier}/logs", area="teams", limits="configuration"):
    """List what was changed about a team, newest first."""

    def items_of(self, document: Any) -> list[Any]:
        logs = thing(document).get("logs")
        if not isinstance(logs, list):
            raise foreign("`data` in the answer has no list of logs.")
        return logs

    def next_key(self, document: Any) -> str | None:
        key = thing(document).get("offset")
        return None if key in (None, "") else str(key)


class OfMembers(OfTeam, Setting):
    """A change of who is in a team, looked for among its members."""

    async def members(self, sender: Sender) -> list[dict[str, Any]]:
        """Who is in the team now: a refusal to show them proves nothing, and is raised."""
        asked = GetTeam(identifier=self.team, identifier_type=self.team_identifier_type).request()
        members = thing((await sender.look_up(asked)).json).get("members") or []
        return [member for member in members if isinstance(member, dict)]


class AddTeamMember(OfMembers, route="POST /v2/teams/{team}/members", repeat="verify"):
    """Add a user to a team."""

    user: ByUsername = Field(examples=["ana@example.com"])
    """The username, or {id: ...}."""
    role: str | None = None
    """user (the default), admin, or a role of the team's own."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        (word,) = self.request().body["user"].values()
        for member in await self.members(sender):
            if _is(member, word):
                # In another role it was there before; whether ours was refused for that cannot be told.
                right = self.role is None or str(member.get("role")).lower() == self.role.lower()
                return seen_done(member) if right else Seen.UNDECIDED
        return Seen.ABSENT


class RemoveTeamMember(OfMembers, route="DELETE /v2/teams/{team}/members/{member}", repeat="verify"):
    """Remove a user from a team."""

    member: str = Field(examples=["ana@example.com"])
    """Username or id of the user."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        there = any(_is(member, self.member) for member in await self.members(sender))
        return Seen.ABSENT if there else seen_done(None)


def _is(member: dict[str, Any], word: str) -> bool:
    """Whether a member is the user of this id or username."""
    user = member.get("user") or {}
    return word.lower() in (str(user.get("id")).lower(), str(user.get("username")).lower())
