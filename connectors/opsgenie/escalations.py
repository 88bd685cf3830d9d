"""Escalations: who is told next when nobody takes an alert."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.criteria import Span
from connectors.opsgenie.references import ByName, Recipient
from connectors.opsgenie.shapes import Get, Shape
from playbooks_engine.sdk import IN_QUERY, Command

RULES = [{"delay": {"time_amount": 5}, "recipient": {"type": "schedule", "name": "ops_primary"}}]

IdentifierType = Literal["id", "name"]


class EscalationRecipient(Recipient):
    """Who is told."""

    type: Literal["user", "schedule", "team"]
    """A user, a schedule or a team."""


class EscalationRule(Shape):
    """One rule: whom to tell after how long."""

    condition: Literal["if-not-acked", "if-not-closed"] = "if-not-acked"
    """What has not happened by then."""
    # The description of 2021 has all but the last, which the vendor's Go client adds.
    notify_type: Literal["default", "next", "previous", "users", "admins", "all", "random"] = "default"
    """Who of a schedule or team is told."""
    delay: Span
    """How long after the alert was created: {time_amount: 5}, in minutes."""
    recipient: EscalationRecipient
    """Who is told: {type: schedule, name: ...}."""


class EscalationRepeat(Shape):
    """Whether the rules begin again when all are through."""

    wait_interval: int | None = Field(None, ge=0)
    """Minutes to wait before they begin again."""
    count: int | None = Field(None, ge=0)
    """How often they begin again."""
    reset_recipient_states: bool | None = None
    """Forget who acknowledged or saw the alert."""
    close_alert_after_all: bool | None = None
    """Close the alert after the last time."""


class Escalations(Command, area="escalations", limits="configuration"):
    """Something about escalations."""


class OfEscalation(Escalations):
    """Something about one escalation."""

    identifier: str = Field(examples=["ops_escalation"])
    """Id or name of the escalation."""
    identifier_type: Annotated[IdentifierType, IN_QUERY] = "id"
    """How `identifier` is read."""


class EscalationPart(Command):
    """What an escalation may be given."""

    description: str | None = None
    """What it is for."""
    owner_team: ByName | None = None
    """The team it belongs to: its name, or {id: ...}."""
    repeat: EscalationRepeat | None = None
    """Whether the rules begin again: {count: 2, wait_interval: 10}."""


class ListEscalations(Escalations, Get, route="GET /v2/escalations"):
    """List all escalations, with their rules."""


class GetEscalation(OfEscalation, Get, route="GET /v2/escalations/{identifier}"):
    """Retrieve one escalation."""


class CreateEscalation(Escalations, EscalationPart, Creation, route="POST /v2/escalations", repeat="verify"):
    """Create an escalation."""

    name: str = Field(min_length=1, examples=["ops_escalation"])
    """Its name."""
    rules: list[EscalationRule] = Field(min_length=1, examples=[RULES])
    """Whom to tell after how long: a list of {delay: {time_amount: 5}, recipient: {type: schedule, name: ...}}."""


class UpdateEscalation(
    OfEscalation, EscalationPart, Setting, route="PATCH /v2/escalations/{identifier}", repeat="safe"
):
    """Change what is given of an escalation, and leave the rest; rules are replaced all together."""

    name: str | None = Field(None, min_length=1)
    """Its new name."""
    rules: list[EscalationRule] | None = Field(None, min_length=1, examples=[RULES])
    """Whom to tell after how long: a list of {delay: {time_amount: 5}, recipient: {type: schedule, name: ...}}."""


class DeleteEscalation(OfEscalation, Removal, route="DELETE /v2/escalations/{identifier}", repeat="verify"):
    """Delete an escalation."""
