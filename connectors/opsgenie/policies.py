"""Policies: what is done with alerts and with notifications before anybody is told."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.criteria import Criteria, Hour, Minute, Span, TimeRestriction
from connectors.opsgenie.shapes import Details, Get, Priority, Responder, Shape, Tag
from playbooks_engine.sdk import IN_QUERY, Command, Request

POLICY = "8e0a1a6e-2b8f-4a8e-9d5b-6f5a3c2d1e0f"
TEAM = "1f7c2f0a-90c1-4b55-8a4e-b2d8b4f0a111"


class DelayAction(Shape):
    """Notify later."""

    delay_option: Literal[
        "for-duration", "next-time", "next-weekday", "next-monday", "next-tuesday", "next-wednesday", "next-thursday",
        "next-friday", "next-saturday", "next-sunday",
    ]  # fmt: skip
    """For how long or until when."""
    until_hour: Hour | None = None
    """The hour; mandatory unless for-duration."""
    until_minute: Minute | None = None
    """The minute; mandatory unless for-duration."""
    duration: Span | None = None
    """How long; mandatory for for-duration."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.delay_option == "for-duration" and self.duration is None:
            raise PydanticCustomError("duration", "`duration` is mandatory for for-duration")
        if self.delay_option != "for-duration" and None in {self.until_hour, self.until_minute}:
            raise PydanticCustomError("until", "`until_hour` and `until_minute` are mandatory unless for-duration")
        return self


class DeduplicationAction(Shape):
    """Notify only of some of many occurrences."""

    deduplication_action_type: Literal["value-based", "frequency-based"]
    """By how many there are, or by how many within some time."""
    count: int = Field(ge=2, le=100)
    """How many occurrences, 2 to 100."""
    duration: Span | None = None
    """Within which time; mandatory for frequency-based."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.deduplication_action_type == "frequency-based" and self.duration is None:
            raise PydanticCustomError("duration", "`duration` is mandatory for frequency-based")
        return self


class AutoCloseAction(Shape):
    """Close the alert after a while."""

    duration: Span
    """After how long."""


class AutoRestartAction(AutoCloseAction):
    """Notify again while nobody answers."""

    max_repeat_count: int = Field(ge=1)
    """How many times at most."""


class Policies(Get, area="policies", limits="configuration"):
    """A read about policies."""

    team_id: str | None = None
    """Id of the team the policy belongs to; leave it out for a global one."""


class OfOne(Setting, area="policies", limits="configuration", repeat="safe"):
    """A change of one policy."""

    policy_id: str = Field(examples=[POLICY])
    """Id of the policy."""
    team_id: Annotated[str | None, IN_QUERY] = None
    """Id of the team the policy belongs to; leave it out for a global one."""


class Policy(Command, area="policies", limits="configuration"):
    """What every policy says."""

    TYPE: ClassVar[str]

    name: str = Field(min_length=1, max_length=512, examples=["Mute the test systems"])
    """Its name."""
    policy_description: str | None = Field(None, max_length=512)
    """What it is for."""
    enabled: bool = True
    """Whether it is applied."""
    filter: Criteria | None = Field(None, examples=[{"type": "match-all"}])
    """Which alerts it is about: {type: match-all}, or conditions; all, if left out."""
    time_restrictions: TimeRestriction | None = None
    """When it applies: {type: time-of-day, restriction: {start_hour: 8, ...}}, or by day of the week."""

    def request(self) -> Request:
        plain = super().request()
        return Request(plain.method, plain.path, plain.query, {"type": self.TYPE, **plain.body})


class AlertPolicy(Policy):
    """What a policy for alerts says: each part replaces that of the alert."""

    TYPE = "alert"

    team_id: Annotated[str | None, IN_QUERY] = None
    """Id of the team it belongs to; leave it out for a global policy."""
    message: str | None = Field(None, max_length=130)
    """The title; `{{message}}` stands for the alert's own."""
    alias: str | None = Field(None, max_length=512)
    """The alias."""
    description: str | None = Field(None, max_length=15_000)
    """The description."""
    entity: str | None = Field(None, max_length=512)
    """What it is about."""
    source: str | None = Field(None, max_length=100)
    """Where it comes from."""
    priority: Priority | None = None
    """P1 to P5."""
    actions: list[Tag] | None = Field(None, max_length=10)
    """Custom actions to add."""
    # A map in the description of 2021, a list of texts in the Go client's creation: an alert keeps pairs.
    details: Details | None = None
    """Pairs to add, at most 8,000 characters in all."""
    responders: list[Responder] | None = Field(None, max_length=50)
    """Who is told: a list of {type: team, id: ...}."""
    tags: list[Tag] | None = Field(None, max_length=20)
    """Tags to add."""
    continue_processing: bool | None = Field(None, serialization_alias="continue")
    """Whether later policies are applied too."""
    ignore_original_actions: bool | None = None
    """Leave out the actions that the alert came with."""
    ignore_original_details: bool | None = None
    """Leave out the details that the alert came with."""
    ignore_original_responders: bool | None = None
    """Leave out the responders that the alert came with."""
    ignore_original_tags: bool | None = None
    """Leave out the tags that the alert came with."""
    ignore_original_teams: bool | None = None
    """Leave out the teams that the alert came with."""


class NotificationPolicy(Policy):
    """What a policy for notifications says; only teams have such policies."""

    TYPE = "notification"

    team_id: Annotated[str, IN_QUERY] = Field(examples=[TEAM])
    """Id of the team it belongs to."""
    suppress: bool | None = None
    """Notify nobody."""
    delay_action: DelayAction | None = Field(
        None, examples=[{"delay_option": "for-duration", "duration": {"time_amount": 5}}]
    )
    """Notify later: {delay_option: for-duration, duration: {time_amount: 5}}, or until an hour."""
    deduplication_action: DeduplicationAction | None = Field(
        None, examples=[{"deduplication_action_type": "value-based", "count": 5}]
    )
    """Notify only of some of many: {deduplication_action_type: value-based, count: 5}."""
    auto_close_action: AutoCloseAction | None = Field(None, examples=[{"duration": {"time_amount": 60}}])
    """Close the alert after a while: {duration: {time_amount: 60}}."""
    auto_restart_action: AutoRestartAction | None = Field(
        None, examples=[{"duration": {"time_amount": 10}, "max_repeat_count": 3}]
    )
    """Notify again: {duration: {time_amount: 10}, max_repeat_count: 3}."""


class NewPolicy(Creation):
    """A policy to be."""

    def alike_request(self) -> Request:
        # Policies are created at one address and listed at another for each type.
        plain = self.request()
        return Request("GET", f"{plain.path}/{plain.body['type']}", plain.query)


class ListAlertPolicies(Policies, route="GET /v2/policies/alert"):
    """List the policies for alerts, at most 1,000."""


class ListNotificationPolicies(Get, route="GET /v2/policies/notification", area="policies", limits="configuration"):
    """List the policies for notifications of a team, at most 1,000."""

    team_id: str = Field(examples=[TEAM])
    """Id of the team."""


class GetPolicy(Policies, route="GET /v2/policies/{policy_id}"):
    """Retrieve one policy of either type."""

    policy_id: str = Field(examples=[POLICY])
    """Id of the policy."""


class CreateAlertPolicy(AlertPolicy, NewPolicy, route="POST /v2/policies", repeat="verify"):
    """Create a policy for alerts."""


class CreateNotificationPolicy(NotificationPolicy, NewPolicy, route="POST /v2/policies", repeat="verify"):
    """Create a policy for the notifications of a team."""


class UpdateAlertPolicy(AlertPolicy, Setting, route="PUT /v2/policies/{policy_id}", repeat="safe"):
    """Replace what a policy for alerts says."""

    policy_id: str = Field(examples=[POLICY])
    """Id of the policy."""


class UpdateNotificationPolicy(NotificationPolicy, Setting, route="PUT /v2/policies/{policy_id}", repeat="safe"):
    """Replace what a policy for notifications says."""

    policy_id: str = Field(examples=[POLICY])
    """Id of the policy."""


class EnablePolicy(OfOne, route="POST /v2/policies/{policy_id}/enable"):
    """Apply a policy."""


class DisablePolicy(OfOne, route="POST /v2/policies/{policy_id}/disable"):
    """Keep a policy, and apply it no more."""


class ChangePolicyOrder(OfOne, route="POST /v2/policies/{policy_id}/change-order"):
    """Move a policy among those of its type, which are applied in order."""

    target_index: int = Field(ge=0, examples=[0])
    """Its new place, from 0; one too large makes it the last."""


class DeletePolicy(
    Removal, route="DELETE /v2/policies/{policy_id}", area="policies", limits="configuration", repeat="verify"
):
    """Delete a policy of either type."""

    policy_id: str = Field(examples=[POLICY])
    """Id of the policy."""
    team_id: str | None = None
    """Id of the team the policy belongs to; leave it out for a global one."""
