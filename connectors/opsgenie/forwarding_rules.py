"""Forwarding rules: who is notified instead of somebody, from when until when."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.references import ByUsername
from connectors.opsgenie.shapes import Get
from playbooks_engine.sdk import IN_QUERY, Command, Moment

RULE = "f2f5a0c4-6c0d-4f0e-9d8a-1b7c2e3d4f50"


class ForwardingRules(Get, area="forwarding_rules", limits="configuration"):
    """A read about forwarding rules."""


class Forwarding(Command):
    """Who stands in for whom."""

    from_user: ByUsername = Field(examples=["ana@example.com"])
    """Who is stood in for, by username or {id: ...}."""
    to_user: ByUsername = Field(examples=["ben@example.com"])
    """Who is notified instead, by username or {id: ...}."""
    start_date: Moment = Field(examples=["2026-06-03 00:00"])
    """When it begins."""
    end_date: Moment = Field(examples=["2026-06-10 00:00"])
    """When it ends."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.end_date <= self.start_date:
            raise PydanticCustomError("end_date", "`end_date` lies before `start_date`, or at it")
        if self.from_user == self.to_user:
            raise PydanticCustomError("to_user", "`to_user` is the same as `from_user`")
        return self


class ListForwardingRules(ForwardingRules, route="GET /v2/forwarding-rules"):
    """List all forwarding rules."""


class GetForwardingRule(ForwardingRules, route="GET /v2/forwarding-rules/{identifier}"):
    """Retrieve one forwarding rule."""

    identifier: str = Field(examples=[RULE])
    """Id or alias of the rule."""
    identifier_type: Literal["id", "alias"] = "id"
    """How `identifier` is read."""


class CreateForwardingRule(
    Creation,
    Forwarding,
    route="POST /v2/forwarding-rules",
    area="forwarding_rules",
    limits="configuration",
    repeat="verify",
):
    """Forward the notifications of one user to another for some time."""

    alias: str | None = Field(None, min_length=1)
    """A name of your own for the rule."""

    FOUND_BY: ClassVar[tuple[str, ...]] = ("fromUser", "toUser", "startDate", "endDate", "alias")


class UpdateForwardingRule(
    Setting,
    Forwarding,
    route="PUT /v2/forwarding-rules/{identifier}",
    area="forwarding_rules",
    limits="configuration",
    repeat="safe",
):
    """Replace what a forwarding rule says."""

    identifier: str = Field(examples=[RULE])
    """Id or alias of the rule."""
    identifier_type: Annotated[Literal["id", "alias"], IN_QUERY] = "id"
    """How `identifier` is read."""


class DeleteForwardingRule(
    Removal,
    route="DELETE /v2/forwarding-rules/{identifier}",
    area="forwarding_rules",
    limits="configuration",
    repeat="verify",
):
    """Delete a forwarding rule."""

    identifier: str = Field(examples=[RULE])
    """Id or alias of the rule."""
    identifier_type: Literal["id", "alias"] = "id"
    """How `identifier` is read."""
