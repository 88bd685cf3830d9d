"""Notification rules of a user, and their steps: when, how and how often they are told."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.contacts import Method
from connectors.opsgenie.criteria import Criteria, Named, Span, TimeRestriction
from connectors.opsgenie.shapes import Get, Shape
from playbooks_engine.sdk import Command

USER = "ana@example.com"
RULE = "6250e423-fd5e-451c-8573-a20c61fb9872"
STEP = "0b7e5f3c-8d0c-4f6e-9c1a-2b3d4e5f6a7b"
CONTACT = {"method": "email", "to": USER}

# The vendor's page lists eight, its description of 2021 has renotified-alert too.
ActionType = Literal[
    "create-alert", "acknowledged-alert", "closed-alert", "renotified-alert", "assigned-alert", "add-note",
    "schedule-start", "schedule-end", "incoming-call-routing",
]  # fmt: skip
# Copying has types of its own: `new-alert` here is `create-alert` everywhere else.
RuleType = Literal[
    "all", "acknowledged-alert", "renotified-alert", "closed-alert", "schedule-start", "assigned-alert", "add-note",
    "new-alert",
]  # fmt: skip
NotifyTime = Literal["just-before", "15-minutes-ago", "1-hour-ago", "1-day-ago"]

_OF_SCHEDULES = frozenset({"schedule-start", "schedule-end"})
_TIMED = frozenset({"create-alert", "assigned-alert"})


class Contact(Shape):
    """One way to reach the user."""

    method: Method
    """How."""
    to: str = Field(min_length=1, max_length=511)
    """The address or number, as one of the user's contacts has it."""


class Step(Shape):
    """One notification of a rule."""

    contact: Contact
    """How the user is reached."""
    send_after: Span | None = None
    """How long after the event; mandatory in rules for create-alert and assigned-alert."""
    enabled: bool = True
    """Whether it is sent."""


class Repeating(Shape):
    """The steps begin again."""

    loop_after: int = Field(ge=0)
    """After how many minutes."""
    enabled: bool | None = None
    """Whether they do."""


class RuleSchedule(Named):
    """A schedule of the user, by id or name."""

    type: Literal["schedule"] = "schedule"
    """Always schedule."""


class Rules(Get, area="notification_rules", limits="configuration"):
    """A read about the notification rules of a user."""

    identifier: str = Field(examples=[USER])
    """Username or id of the user."""


class OfUser(Command, area="notification_rules", limits="configuration"):
    """Something of a user's notification rules."""

    identifier: str = Field(examples=[USER])
    """Username or id of the user."""


class OfRule(OfUser):
    """Something of one notification rule."""

    rule_id: str = Field(examples=[RULE])
    """Id of the notification rule."""


class RuleParts(Command):
    """What a rule may say."""

    criteria: Criteria | None = Field(None, examples=[{"type": "match-all"}])
    """Which alerts it is about: {type: match-all}, or conditions; all, if left out."""
    notification_time: list[NotifyTime] | None = Field(None, min_length=1)
    """When before a turn on call; mandatory for schedule-start and schedule-end, and for these alone."""
    time_restriction: TimeRestriction | None = None
    """When it applies: {type: time-of-day, restriction: {start_hour: 8, ...}}, or by day of the week."""
    schedules: list[RuleSchedule] | None = Field(None, examples=[[{"name": "ops_primary"}]])
    """For schedule-start and schedule-end: the user's schedules it is about, a list of {name: ...} or {id: ...}."""
    steps: list[Step] | None = Field(None, examples=[[{"contact": CONTACT, "send_after": {"time_amount": 1}}]])
    """What is sent: a list of {contact: {method: email, to: ...}, send_after: {time_amount: 1}}."""
    repeat: Repeating | None = Field(None, examples=[{"loop_after": 10}])
    """Begin the steps again: {loop_after: minutes}."""
    order: int | None = Field(None, ge=0)
    """Its place among the user's rules of the same action type, from 0."""


class ListNotificationRules(Rules, route="GET /v2/users/{identifier}/notification-rules"):
    """List the notification rules of a user."""


class GetNotificationRule(Rules, route="GET /v2/users/{identifier}/notification-rules/{rule_id}"):
    """Retrieve one notification rule, with its steps."""

    rule_id: str = Field(examples=[RULE])
    """Id of the notification rule."""


class CreateNotificationRule(
    OfUser, RuleParts, Creation, route="POST /v2/users/{identifier}/notification-rules", repeat="verify"
):
    """Create a notification rule for a user."""

    FOUND_BY: ClassVar[tuple[str, ...]] = ("name", "actionType")

    name: str = Field(min_length=1, max_length=512, examples=["New alerts"])
    """Its name."""
    action_type: ActionType
    """What it notifies of."""
    enabled: bool = True
    """Whether it is applied."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        of_schedules, kind = self.action_type in _OF_SCHEDULES, {"kind": self.action_type}
        if of_schedules and self.notification_time is None:
            raise PydanticCustomError("notification_time", "`notification_time` is mandatory for {kind}", kind)
        for name in ("notification_time", "schedules"):
            if not of_schedules and getattr(self, name) is not None:
                raise PydanticCustomError(
                    "of_schedules",
                    "`{name}` is for schedule-start and schedule-end, not for {kind}",
                    {"name": name, **kind},
                )
        if self.action_type in _TIMED and any(step.send_after is None for step in self.steps or []):
            raise PydanticCustomError("send_after", "`send_after` is mandatory in each of the `steps` for {kind}", kind)
        return self


class UpdateNotificationRule(
    OfRule, RuleParts, Setting, route="PATCH /v2/users/{identifier}/notification-rules/{rule_id}", repeat="safe"
):
    """Change what is given of a notification rule, and leave the rest. Its action type cannot change."""

    name: str | None = Field(None, min_length=1, max_length=512)
    """Its name."""
    enabled: bool | None = None
    """Whether it is applied."""


class DeleteNotificationRule(
    OfRule, Removal, route="DELETE /v2/users/{identifier}/notification-rules/{rule_id}", repeat="verify"
):
    """Delete a notification rule."""


class EnableNotificationRule(
    OfRule, Setting, route="POST /v2/users/{identifier}/notification-rules/{rule_id}/enable", repeat="safe"
):
    """Apply a notification rule."""


class DisableNotificationRule(
    OfRule, Setting, route="POST /v2/users/{identifier}/notification-rules/{rule_id}/disable", repeat="safe"
):
    """Keep a notification rule, and apply it no more."""


class ChangeNotificationRuleOrder(
    OfRule, Setting, route="POST /v2/users/{identifier}/notification-rules/{rule_id}/change-order", repeat="safe"
):
    """Move a notification rule among those of the same action type."""

    order: int = Field(ge=0, examples=[0])
    """Its new place, from 0."""


def _alone(chosen: list[str]) -> list[str]:
    if "all" in chosen and len(chosen) > 1:
        raise PydanticCustomError("all", "`all` stands alone")
    return chosen


class CopyNotificationRules(
    OfUser, Setting, route="POST /v2/users/{identifier}/notification-rules/copy-to", repeat="unsafe"
):
    """Copy the notification rules of a user to others. Opsgenie says when it starts, never when it is done."""

    # The vendor's page shows PATCH in its curl; its Go client posts, and that one is in use.
    to_users: Annotated[list[str], AfterValidator(_alone)] = Field(min_length=1, examples=[["ben@example.com"]])
    """Their usernames, or `all`."""
    rule_types: Annotated[list[RuleType], AfterValidator(_alone)] = Field(min_length=1)
    """Which rules: `all`, or types; create-alert is called new-alert here."""


class ListNotificationRuleSteps(Rules, route="GET /v2/users/{identifier}/notification-rules/{rule_id}/steps"):
    """List the steps of a notification rule."""

    rule_id: str = Field(examples=[RULE])
    """Id of the notification rule."""


class GetNotificationRuleStep(
    ListNotificationRuleSteps, route="GET /v2/users/{identifier}/notification-rules/{rule_id}/steps/{step_id}"
):
    """Retrieve one step of a notification rule."""

    step_id: str = Field(examples=[STEP])
    """Id of the step."""


class CreateNotificationRuleStep(
    OfRule, Creation, route="POST /v2/users/{identifier}/notification-rules/{rule_id}/steps", repeat="verify"
):
    """Add a step to a notification rule."""

    FOUND_BY: ClassVar[tuple[str, ...]] = ("contact", "sendAfter")

    contact: Contact = Field(examples=[CONTACT])
    """How the user is reached: {method: email, to: ana@example.com}."""
    send_after: Span | None = Field(None, examples=[{"time_amount": 1}])
    """How long after the event: {time_amount: minutes}; mandatory in rules for create-alert and assigned-alert."""
    enabled: bool = True
    """Whether it is sent."""


class OfStep(OfRule):
    """Something of one step."""

    step_id: str = Field(examples=[STEP])
    """Id of the step."""


class UpdateNotificationRuleStep(
    OfStep, Setting, route="PATCH /v2/users/{identifier}/notification-rules/{rule_id}/steps/{step_id}", repeat="safe"
):
    """Change what is given of a step, and leave the rest."""

    contact: Contact | None = Field(None, examples=[CONTACT])
    """How the user is reached: {method: email, to: ana@example.com}."""
    send_after: Span | None = Field(None, examples=[{"time_amount": 1}])
    """How long after the event: {time_amount: minutes}."""
    enabled: bool | None = None
    """Whether it is sent."""


class DeleteNotificationRuleStep(
    OfStep, Removal, route="DELETE /v2/users/{identifier}/notification-rules/{rule_id}/steps/{step_id}", repeat="verify"
):
    """Delete a step of a notification rule."""


class EnableNotificationRuleStep(
    OfStep,
    Setting,
    route="POST /v2/users/{identifier}/notification-rules/{rule_id}/steps/{step_id}/enable",
    repeat="safe",
):
    """Send a step."""


class DisableNotificationRuleStep(
    OfStep,
    Setting,
    route="POST /v2/users/{identifier}/notification-rules/{rule_id}/steps/{step_id}/disable",
    repeat="safe",
):
    """Keep a step, and send it no more."""
