"""Creating an alert: a new one, or one more occurrence of an open one."""

from datetime import datetime, timedelta
from typing import Any

from connectors.opsgenie.simulator.accepting import accepted
from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.company import Company, named
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.instants import milliseconds
from connectors.opsgenie.simulator.routing import Answer, Call, Route
from connectors.opsgenie.simulator.writes import Outcome

NOBODY = "Alert API"
"""Who acted when a request names no user. Not confirmed."""


def create(call: Call) -> Answer:
    given = read(call)
    integration_id = call.key.integration_id
    return accepted(call, "alerts", "Create", given, lambda at: _apply(call.company, given, integration_id, at))


def read(call: Call) -> dict[str, Any]:
    """The request, judged, in our own names."""
    fields = Fields(call.body, truncate=call.company.settings.overlong == "truncate")
    given = {
        "message": fields.text("message", 130, required=True),
        "alias": fields.text("alias", 512) or "",
        "description": fields.text("description", 15_000) or "",
        "responders": fields.recipients("responders", 50, ("user", "team", "escalation", "schedule")),
        "visible_to": fields.recipients("visibleTo", 50, ("user", "team")),
        "actions": fields.texts("actions", 10, 50),
        "tags": fields.texts("tags", 20, 50),
        "details": fields.mapping("details", 8000),
        "entity": fields.text("entity", 512) or "",
        "source": fields.text("source", 100) or call.caller,
        "priority": fields.choice("priority", PRIORITIES) or "P3",
        "user": fields.text("user", 100) or NOBODY,
        "note": fields.text("note", 25_000) or "",
    }
    fields.done()
    return given


def _apply(company: Company, given: dict[str, Any], integration_id: str, at: datetime) -> Outcome:
    alert = company.alerts.find(given["alias"], "alias") if given["alias"] else None
    deduplicated = alert is not None
    if alert is None:
        alert = open_alert(company, given, integration_id, at)
    else:
        # The rest of the open alert stays as it was: not confirmed, nothing recorded says otherwise.
        alert.count += 1
        alert.last_occurred_at = at
        alert.write_log(f"Alert occurred again, count is {alert.count}", given["user"], at)
    if given["note"]:
        alert.add_note(given["note"], given["user"], at)
    company.alerts.changed(alert, at)
    return Outcome(True, "Created alert", alert.id, alert.alias, deduplicated)


def open_alert(company: Company, given: dict[str, Any], integration_id: str, at: datetime) -> Alert:
    """Put a new alert into the book."""
    identifier = f"{company.new_id()}-{milliseconds(at)}"
    # Responders nobody knows are left out without a word: not confirmed.
    responders = [found for item in given["responders"] if (found := company.recipient(item))]
    visible_to = [found for item in given["visible_to"] if (found := company.recipient(item))]
    teams = [responder["id"] for responder in responders if responder["type"] == "team"]
    integration = named(company.integrations, integration_id, "id") or {}
    alert = Alert(
        id=identifier,
        tiny_id=company.alerts.next_tiny_id(),
        alias=given["alias"] or identifier,
        message=given["message"],
        created_at=at,
        updated_at=at,
        last_occurred_at=at,
        tags=list(given["tags"]),
        source=given["source"],
        priority=given["priority"],
        teams=teams,
        responders=responders,
        visible_to=visible_to,
        integration={part: str(integration.get(part, "")) for part in ("id", "name", "type")},
        owner_team_id=teams[0] if teams else "",
        actions=list(given["actions"]),
        entity=given["entity"],
        description=given["description"],
        details=dict(given["details"]),
    )
    if company.settings.visible_after:
        alert.visible_at = at + timedelta(seconds=company.settings.visible_after)
    alert.write_log("Alert created via API", given["user"], at)
    company.alerts.add(alert)
    return alert


ROUTES = [Route("POST", "/v2/alerts", create, "Alert", "U", alert_write=True)]
