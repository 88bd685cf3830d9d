"""Deployments: what was rolled out where, for those who look for the cause of an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connectors.opsgenie.configuring import same
from connectors.opsgenie.forms import REQUEST_STATUS
from connectors.opsgenie.shapes import SETTLE, Change, Get, Shape, found, moments, read
from connectors.opsgenie.statuses import StatusOf
from playbooks_engine.sdk import IN_QUERY, KEY, Command, Moment, Result, Seen, Sender

DEPLOYMENT = "7b1f2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
ENVIRONMENT = {"type": "Production", "id": "eu-1"}
STATUS = {**REQUEST_STATUS, "deploymentId": str}

State = Literal["initial", "started", "successful", "failed"]
IdentifierType = Literal["api", "pipelines"]


class Environment(Shape):
    """Where something is rolled out."""

    type: Literal["Test", "Staging", "Production"]
    """What it is for."""
    id: str | None = None
    """Its id, of your own."""
    display_name: str | None = None
    """Its name for people."""


class Workspace(Shape):
    """A workspace of Bitbucket."""

    identifier: str = Field(min_length=1)
    """Its name or UUID."""
    type: Literal["name", "bbcUuid"] | None = None
    """How `identifier` is read; as a name, if left out."""


class Repository(Shape):
    """A repository of Bitbucket."""

    workspace: Workspace
    """The workspace it is in."""
    repo_slug: str = Field(min_length=1)
    """Its name in addresses."""


class Commit(Shape):
    """One commit."""

    sha: str = Field(min_length=1)
    """Its hash."""


class Release(Shape):
    """What is rolled out: a commit in Bitbucket Cloud (`bbc`), the one kind there is."""

    type: Literal["bbc"] = "bbc"
    """Always bbc."""
    repository: Repository
    """Where it is kept."""
    commit: Commit
    """Which one."""


# All of this is from the vendor's Go client alone, which says nothing of rights and rate domain.
class Deployments(Command, area="deployments", limits="configuration"):
    """Something about deployments."""


class DeploymentChange(Deployments, Change, gives=STATUS):
    """A change of deployments."""

    STATUS: ClassVar[str] = "/v2/deployments/requests/{request_id}"
    look_here: ClassVar[str] = "Look at the deployment in Opsgenie whether it happened, before you run it again."


# For pipelines the Go client sends `type` with a read and `identifierType` with a change: one must be a slip.
class GetDeployment(Deployments, Get, route="GET /v2/deployments/{identifier}"):
    """Retrieve one deployment."""

    identifier: str = Field(examples=[DEPLOYMENT])
    """Id, external id or pipelines UUID of the deployment."""
    identifier_type: IdentifierType | None = None
    """api reads `identifier` as an external id, pipelines as a pipelines UUID; as an id, if left out."""


class GetDeploymentRequestStatus(Deployments, StatusOf, route="GET /v2/deployments/requests/{request_id}"):
    """Retrieve what became of a change of a deployment."""


class CreateDeployment(DeploymentChange, route="POST /v2/deployments", repeat="verify"):
    """Say that something is rolled out."""

    message: str = Field(min_length=1, examples=["Checkout 4.2"])
    """What is rolled out."""
    state: State = Field(examples=["started"])
    """How far it is."""
    environment: Environment = Field(examples=[ENVIRONMENT])
    """Where: {type: Production, id: ...}."""
    started_at: Moment | None = None
    """When it began."""
    completed_at: Moment | None = None
    """When it was done."""
    external_id: Annotated[str | None, KEY] = Field(None, min_length=1)
    """A name of your own, by which it is found again."""
    description: str | None = None
    """More about it."""
    external_link: str | None = None
    """Where to read more."""
    releases: list[Release] | None = Field(
        None,
        examples=[[{"repository": {"workspace": {"identifier": "w"}, "repo_slug": "r"}, "commit": {"sha": "9c1d0e2"}}]],
    )
    """The commits in it: a list of {repository: {workspace: {identifier: ...}, repo_slug: ...}, commit: {sha: ...}}."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        """Found by its external id, if it says what was sent: it tells no time of its own."""
        if self.external_id is None:
            return Seen.UNDECIDED
        asked = GetDeployment(identifier=self.external_id, identifier_type="api").request()
        async for _ in moments(sender, SETTLE):
            seen = await read(sender, asked)
            if seen is not None:
                as_sent = same(seen, self.request().body)
                created = found("Create", "Created deployment", deploymentId=str(seen.get("id", "")))
                return created if as_sent else Seen.UNDECIDED
        return Seen.ABSENT


class UpdateDeploymentState(DeploymentChange, route="PUT /v2/deployments/{identifier}/updateState", repeat="safe"):
    """Say how far a deployment is."""

    identifier: str = Field(examples=[DEPLOYMENT])
    """Id, external id or pipelines UUID of the deployment."""
    identifier_type: Annotated[IdentifierType | None, IN_QUERY] = None
    """api reads `identifier` as an external id, pipelines as a pipelines UUID; as an id, if left out."""
    state: State = Field(examples=["successful"])
    """How far it is."""
    completed_at: Moment | None = None
    """When it was done."""
