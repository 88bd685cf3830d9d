"""Routing rules of a team: which of its alerts go to whom."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.criteria import Criteria, TimeRestriction
from connectors.opsgenie.references import Recipient
from connectors.opsgenie.shapes import Get
from connectors.opsgenie.teams import OfTeam
from playbooks_engine.sdk import Command

RULE = "b1afd949-f051-48cd-ab67-8cf34f966a57"
NOTIFY = {"type": "escalation", "name": "ops_escalation"}
CRITERIA = {
    "type": "match-any-condition",
    "conditions": [{"field": "message", "operation": "contains", "expected_value": "db"}],
}


class Destination(Recipient):
    """Where alerts go; `none` tells nobody."""

    type: Literal["escalation", "schedule", "none"]
    """An escalation, a schedule, or none."""


class OfRule(OfTeam):
    """Something about one routing rule."""

    rule_id: str = Field(examples=[RULE])
    """Id of the rule."""


class RulePart(Command):
    """What a routing rule may be given."""

    name: str | None = Field(None, min_length=1)
    """Its name."""
    criteria: Criteria | None = Field(None, examples=[CRITERIA])
    """Which alerts it is for: {type: match-any-condition, conditions: [...]}; all, if left out."""
    timezone: str | None = Field(None, min_length=1)
    """The zone of its time restriction, such as Europe/Berlin."""
    time_restriction: TimeRestriction | None = None
    """When it applies: each day alike, or by the day of the week; always, if left out."""


class ListTeamRoutingRules(OfTeam, Get, route="GET /v2/teams/{team}/routing-rules"):
    """List the routing rules of a team, in order."""


class GetTeamRoutingRule(OfRule, Get, route="GET /v2/teams/{team}/routing-rules/{rule_id}"):
    """Retrieve one routing rule of a team."""


class CreateTeamRoutingRule(OfTeam, RulePart, Creation, route="POST /v2/teams/{team}/routing-rules", repeat="verify"):
    """Create a routing rule of a team."""

    notify: Destination = Field(examples=[NOTIFY])
    """Where the alerts go: {type: escalation, name: ...}, or {type: none}."""
    order: int | None = Field(None, ge=0)
    """Its place among the rules, from 0 on."""


class UpdateTeamRoutingRule(
    OfRule, RulePart, Setting, route="PATCH /v2/teams/{team}/routing-rules/{rule_id}", repeat="safe"
):
    """Change what is given of a routing rule, and leave the rest."""

    notify: Destination | None = Field(None, examples=[NOTIFY])
    """Where the alerts go: {type: escalation, name: ...}, or {type: none}."""


class ChangeTeamRoutingRuleOrder(
    OfRule, Setting, route="POST /v2/teams/{team}/routing-rules/{rule_id}/change-order", repeat="safe"
):
    """Move a routing rule to another place."""

    order: int = Field(ge=0)
    """Its new place, from 0 on."""


class DeleteTeamRoutingRule(OfRule, Removal, route="DELETE /v2/teams/{team}/routing-rules/{rule_id}", repeat="verify"):
    """Delete a routing rule of a team."""
