"""Integrations: what feeds alerts into Opsgenie and sends them on, and what each does with what it gets."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from connectors.opsgenie.configuring import Creation, Removal, Setting
from connectors.opsgenie.criteria import Match, Operation, needs_conditions
from connectors.opsgenie.references import ByName
from connectors.opsgenie.shapes import Details, Get, Priority, Responder, Shape, Tag, read
from playbooks_engine.sdk import NOT_SENT, Command, Request, Result, Sender

INTEGRATION = "9d1f1f6c-6a2b-4c0c-a5c1-5b1a7a0e2222"
HIDDEN = "(hidden: look it up in Opsgenie)"
SETTINGS = {"allowWriteAccess": True}

Kind = Literal["create", "close", "acknowledge", "addNote", "ignore"]


def without_key(result: Result) -> Result:
    """The result without the integration's own key: results are kept in journals and shown on pages."""

    def hide(value: Any) -> Any:
        return {**value, "apiKey": HIDDEN} if isinstance(value, dict) and "apiKey" in value else value

    raw = result.raw
    return Result(hide(result.output), {**raw, "data": hide(raw["data"])} if "data" in raw else raw)


class Integrations(Get, area="integrations", limits="configuration"):
    """A read about integrations."""


class OfIntegration(Command, area="integrations", limits="configuration"):
    """Something of one integration."""

    integration_id: str = Field(examples=[INTEGRATION])
    """Id of the integration."""


class ListIntegrations(Integrations, route="GET /v2/integrations"):
    """List all integrations, or those of a type or team."""

    type: str | None = None
    """Only those of this type, such as API."""
    team_id: str | None = None
    """Only those of the team with this id."""
    team_name: str | None = None
    """Only those of the team with this name."""


class GetIntegration(OfIntegration, Get, route="GET /v2/integrations/{integration_id}"):
    """Retrieve one integration, with all that its type has. Its key is not shown."""

    def result(self, document: Any) -> Result:
        return without_key(super().result(document))


class EnableIntegration(OfIntegration, Setting, route="POST /v2/integrations/{integration_id}/enable", repeat="safe"):
    """Let an integration work."""


class DisableIntegration(OfIntegration, Setting, route="POST /v2/integrations/{integration_id}/disable", repeat="safe"):
    """Keep an integration, and let it work no more. A key of it is refused from then on."""


class IntegrationParts(Command, area="integrations", limits="integration-configuration"):
    """What every integration says; each type has settings of its own."""

    type: str = Field(min_length=1, examples=["API"])
    """Its type, such as API, Webhook or Prometheus."""
    name: str = Field(min_length=1, max_length=250, examples=["Playbooks"])
    """Its name."""
    enabled: bool | None = None
    """Whether it works; true, if left out."""
    owner_team: ByName | None = Field(None, examples=["Payments"])
    """The team it belongs to, by name or {id: ...}."""
    is_global: bool | None = None
    """Whether it belongs to no team."""
    settings: Annotated[dict[str, JsonValue], NOT_SENT] = Field(default_factory=dict, examples=[SETTINGS])
    """What this type has besides, by the vendor's names, such as {allowWriteAccess: true}."""

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        if twice := {"type", "name", "enabled", "ownerTeam", "isGlobal"} & self.settings.keys():
            raise PydanticCustomError(
                "settings", "`settings` must not hold {name}: it is an input", {"name": min(twice)}
            )
        return self

    def request(self) -> Request:
        plain = super().request()
        return Request(plain.method, plain.path, plain.query, {**self.settings, **plain.body})

    def result(self, document: Any) -> Result:
        return without_key(super().result(document))


class CreateIntegration(IntegrationParts, Creation, route="POST /v2/integrations", repeat="verify"):
    """Create an integration. Its key is not shown."""


class UpdateIntegration(IntegrationParts, Setting, route="PUT /v2/integrations/{integration_id}", repeat="safe"):
    """Replace what an integration says: what is left out is set back."""

    integration_id: str = Field(examples=[INTEGRATION])
    """Id of the integration."""


class DeleteIntegration(
    Removal,
    route="DELETE /v2/integrations/{integration_id}",
    area="integrations",
    limits="integration-configuration",
    repeat="verify",
):
    """Delete an integration. A key of it is refused from then on."""

    integration_id: str = Field(examples=[INTEGRATION])
    """Id of the integration."""


class AuthenticateIntegration(
    Setting,
    route="POST /v2/integrations/authenticate",
    area="integrations",
    limits="configuration",
    right="Read",
    repeat="safe",
):
    """Ask whether the key belongs to an integration of a type."""

    type: str = Field(min_length=1, examples=["API"])
    """The type, such as API."""


class ActionCondition(Shape):
    """What must hold of what arrived."""

    # Which fields there are, and of which type each is, depends on the type of the integration.
    field: str = Field(min_length=1)
    """What is compared."""
    not_: bool | None = Field(None, alias="not")
    """True turns the comparison around."""
    operation: Operation
    """How it is compared."""
    expected_value: str | None = Field(None, max_length=15_000)
    """What it is compared with; empty, if left out."""


class ActionFilter(Shape):
    """Which of what arrives is meant."""

    condition_match_type: Match
    """Whether everything matches, or that for which any or all of the conditions hold."""
    conditions: list[ActionCondition] | None = None
    """What must hold; mandatory unless all is matched."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs_conditions(self.condition_match_type, self.conditions)
        return self


class Action(Shape):
    """What an integration does with something that arrives."""

    type: Kind
    """What it does."""
    name: str = Field(min_length=1, examples=["Create alert"])
    """Its name."""
    filter: ActionFilter = Field(examples=[{"condition_match_type": "match-all"}])
    """When it does: {condition_match_type: match-all}, or conditions."""
    order: int | None = Field(None, ge=0)
    """Its place among the actions of its type, from 0."""
    alias: str | None = Field(None, max_length=512)
    """The alert's alias, such as `{{alias}}`; mandatory unless the type is ignore."""
    user: str | None = Field(None, max_length=100)
    """In whose name."""
    note: str | None = Field(None, max_length=25_000)
    """A note to add."""
    source: str | None = Field(None, max_length=100)
    """For create: where it comes from."""
    message: str | None = Field(None, max_length=130)
    """For create: the title."""
    description: str | None = Field(None, max_length=15_000)
    """For create: what happened, at length."""
    entity: str | None = Field(None, max_length=512)
    """For create: what it is about."""
    priority: Priority | None = None
    """For create: P1 to P5."""
    custom_priority: str | None = None
    """For create: where the priority stands in what arrived."""
    append_attachments: bool | None = None
    """For create: keep attachments."""
    alert_actions: list[Tag] | None = Field(None, max_length=10)
    """For create: custom actions offered on the alert."""
    responders: list[Responder] | None = Field(None, max_length=50)
    """For create: who is told, a list of {type: team, name: ...}."""
    recipients: list[Responder] | None = Field(None, max_length=50)
    """For create: who is told, in the older form."""
    tags: list[Tag] | None = Field(None, max_length=20)
    """For create: tags."""
    extra_properties: Details | None = None
    """For create: pairs of your own."""
    ignore_alert_actions_from_payload: bool | None = None
    """For create: leave out the actions that arrived."""
    ignore_recipients_from_payload: bool | None = None
    """For create: leave out the recipients that arrived."""
    ignore_responders_from_payload: bool | None = None
    """For create: leave out the responders that arrived."""
    ignore_teams_from_payload: bool | None = None
    """For create: leave out the teams that arrived."""
    ignore_tags_from_payload: bool | None = None
    """For create: leave out the tags that arrived."""
    ignore_extra_properties_from_payload: bool | None = None
    """For create: leave out the details that arrived."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        # The description of 2021 wants user and note too; the vendor's Go client the alias alone.
        if self.type != "ignore" and self.alias is None:
            raise PydanticCustomError("alias", "`alias` is mandatory unless the type is ignore")
        return self


class ListIntegrationActions(OfIntegration, Get, route="GET /v2/integrations/{integration_id}/actions"):
    """List what an integration does with what arrives, by kind."""


class CreateIntegrationAction(
    OfIntegration, Creation, route="POST /v2/integrations/{integration_id}/actions", repeat="verify"
):
    """Add something that an integration does."""

    action: Action = Field(
        examples=[
            {"type": "close", "name": "Close", "alias": "{{alias}}", "filter": {"condition_match_type": "match-all"}}
        ]
    )
    """What it does: {type: close, name: ..., alias: ..., filter: {condition_match_type: match-all}}."""

    def request(self) -> Request:
        plain = super().request()
        return Request(plain.method, plain.path, plain.query, plain.body["action"])

    async def alike(self, sender: Sender) -> list[dict[str, Any]]:
        # Unlike other lists: one for each type.
        kinds = await read(sender, self.alike_request()) or {}
        return [action for action in kinds.get(self.action.type, []) if isinstance(action, dict)]


class UpdateIntegrationActions(
    OfIntegration, Setting, route="PUT /v2/integrations/{integration_id}/actions", repeat="safe"
):
    """Replace all that an integration does with what arrives."""

    create: list[Action] | None = None
    """What makes an alert."""
    close: list[Action] | None = None
    """What closes one."""
    acknowledge: list[Action] | None = None
    """What acknowledges one."""
    add_note: list[Action] | None = None
    """What adds a note."""
    ignore: list[Action] | None = None
    """What is left alone."""

    @model_validator(mode="after")
    def _by_type(self) -> Self:
        kinds = {
            "create": "create",
            "close": "close",
            "acknowledge": "acknowledge",
            "add_note": "addNote",
            "ignore": "ignore",
        }
        for name, kind in kinds.items():
            if any(action.type != kind for action in getattr(self, name) or []):
                raise PydanticCustomError("type", "`{name}` holds an action of another type", {"name": name})
        return self
