"""What is done to an alert by those who handle it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from connectors.opsgenie.alerts.reading import AN_ID, GetAlert, IdentifierType, ListNotes
from connectors.opsgenie.references import ByName, ByUsername
from connectors.opsgenie.shapes import SETTLE, Change, Responder, found, moments, noted, read
from playbooks_engine.errors import NotFound, Rejected
from playbooks_engine.sdk import IN_QUERY, Moment, Result, Seen, Sender, moment_of

# A change of an alert that was created a moment ago can overtake its creation in the vendor's queue.
OVERTAKEN = 30.0


class OnAlert(Change, area="alerts", limits="alert"):
    """A change of one alert, looked for in the alert itself when its answer got lost."""

    identifier: str = Field(examples=[AN_ID])
    """Id, alias or tiny id of the alert."""
    identifier_type: Annotated[IdentifierType, IN_QUERY] = "id"
    """How `identifier` is read; an alias finds the open alert only."""

    async def alert(self, sender: Sender) -> dict[str, Any] | None:
        """The alert as it stands, or None."""
        return await read(sender, GetAlert(identifier=self.identifier, identifier_type=self.identifier_type).request())

    def done(self, alert: dict[str, Any]) -> bool | None:
        """Whether an alert shows that this was done; None where it cannot show it."""
        raise NotImplementedError

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        async for _ in moments(sender, SETTLE):
            alert = await self.alert(sender)
            done = False if alert is None else self.done(alert)
            if done is None:
                return Seen.UNDECIDED
            if alert is not None and done:
                return found(self.spec.label, "Done", alertId=alert.get("id", ""), alias=alert.get("alias", ""))
        return Seen.ABSENT


class AlertAction(OnAlert):
    """Something done to one alert."""

    user: str | None = Field(None, max_length=100)
    """In whose name."""
    source: str | None = Field(None, max_length=100)
    """Where it comes from."""
    note: str | None = Field(None, max_length=25_000)
    """A note to add to the alert."""


class CloseAlert(AlertAction, route="POST /v2/alerts/{identifier}/close", repeat="verify"):
    """Close an alert."""

    async def run(self, sender: Sender) -> Result:
        """Close; by alias, wait up to 30 s for an alert whose creation may still be queued."""
        patience = OVERTAKEN if self.identifier_type == "alias" else 0.0
        missing: Rejected | NotFound | None = None
        async for _ in moments(sender, patience):
            try:
                return await super().run(sender)
            except (Rejected, NotFound) as error:
                if not _says_missing(error):
                    raise
                missing = error
        assert missing is not None  # noqa: S101 - the loop has at least one turn, which returned, raised or set it
        if patience:
            missing.hint = f"No open alert has this alias; waited {patience:.0f} s in case it was still being created."
        raise missing

    async def resume(self, sender: Sender, sent_at: datetime, request_id: str | None) -> Result | None:
        try:
            return await super().resume(sender, sent_at, request_id)
        except (Rejected, NotFound) as error:
            if self.identifier_type == "alias" and _says_missing(error):
                return None  # it did not happen, and the wait for the alert goes on
            raise

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        alert = None
        async for _ in moments(sender, SETTLE):
            alert = await self.alert(sender)
            if alert is not None and alert.get("status") == "closed":
                return found("Close", "Closed alert", alertId=alert.get("id", ""), alias=alert.get("alias", ""))
        if alert is None and self.identifier_type == "alias":
            # An alias finds open alerts only. Believed after the wait alone: a creation may still be queued.
            return found("Close", "No open alert has this alias", alertId="", alias=self.identifier)
        return Seen.ABSENT


class AcknowledgeAlert(AlertAction, route="POST /v2/alerts/{identifier}/acknowledge", repeat="verify"):
    """Acknowledge an alert."""

    def done(self, alert: dict[str, Any]) -> bool:
        return bool(alert.get("acknowledged"))


class UnacknowledgeAlert(AlertAction, route="POST /v2/alerts/{identifier}/unacknowledge", repeat="verify"):
    """Take an acknowledgement back: the alert goes on notifying."""

    def done(self, alert: dict[str, Any]) -> bool:
        return not alert.get("acknowledged")


class SnoozeAlert(AlertAction, route="POST /v2/alerts/{identifier}/snooze", repeat="verify"):
    """Silence an alert until a time."""

    end_time: Moment
    """When it wakes again."""

    def done(self, alert: dict[str, Any]) -> bool:
        try:
            return bool(alert.get("snoozed")) and moment_of(alert["snoozedUntil"]) == self.end_time
        except (KeyError, ValueError, AttributeError):
            return False


class EscalateAlert(AlertAction, route="POST /v2/alerts/{identifier}/escalate", repeat="unsafe"):
    """Escalate an alert: page the next people of an escalation."""

    escalation: ByName = Field(examples=["ops_escalation"])
    """The name of the escalation, or {id: ...}."""


class AssignAlert(AlertAction, route="POST /v2/alerts/{identifier}/assign", repeat="verify"):
    """Make somebody the owner of an alert."""

    owner: ByUsername = Field(examples=["ana@example.com"])
    """The username of the owner, or {id: ...}."""

    def done(self, alert: dict[str, Any]) -> bool | None:
        owner = self.owner if isinstance(self.owner, str) else self.owner.username
        # An alert names its owner by username only.
        return None if owner is None else str(alert.get("owner", "")).lower() == owner.lower()


class AddResponder(AlertAction, route="POST /v2/alerts/{identifier}/responders", repeat="verify"):
    """Add a responder to an alert: a user, team, escalation or schedule that is told of it."""

    responder: Responder
    """Who: {type: team, name: ...}."""

    def done(self, alert: dict[str, Any]) -> bool | None:
        # An alert names its responders by id only.
        return None if self.responder.id is None else _has(alert, "responders", self.responder.id)


class AddTeam(AlertAction, route="POST /v2/alerts/{identifier}/teams", repeat="verify"):
    """Add a team to an alert."""

    team: ByName = Field(examples=["Payments"])
    """The name of the team, or {id: ...}."""

    def done(self, alert: dict[str, Any]) -> bool | None:
        if isinstance(self.team, str) or self.team.id is None:
            return None  # as above
        return _has(alert, "responders", self.team.id) or _has(alert, "teams", self.team.id)


class ExecuteCustomAlertAction(
    AlertAction, route="POST /v2/alerts/{identifier}/actions/{action_name}", repeat="unsafe"
):
    """Execute a custom action that an alert offers."""

    action_name: str = Field(examples=["Restart"])
    """The name of the action, as the alert's `actions` has it."""


class AddNote(OnAlert, route="POST /v2/alerts/{identifier}/notes", repeat="verify"):
    """Add a note to an alert."""

    note: str = Field(min_length=1, max_length=25_000, examples=["Looking at it."])
    """The note."""
    user: str | None = Field(None, max_length=100)
    """In whose name."""
    source: str | None = Field(None, max_length=100)
    """Where it comes from."""

    async def look(self, sender: Sender, sent_at: datetime) -> Result | Seen:
        newest = ListNotes(identifier=self.identifier, identifier_type=self.identifier_type).newest()
        there = await noted(sender, newest, self.note, sent_at)
        if there is None:
            return Seen.UNDECIDED
        return found("AddNote", "Added note", alertId=self.identifier, alias="") if there else Seen.ABSENT


def _has(alert: dict[str, Any], where: str, identifier: str) -> bool:
    return any(isinstance(one, dict) and one.get("id") == identifier for one in alert.get(where) or [])


def _says_missing(error: Rejected | NotFound) -> bool:
    return isinstance(error, NotFound) or "not exist" in error.message or "not found" in error.message.lower()
