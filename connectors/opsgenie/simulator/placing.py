"""Putting alerts and incidents straight into the state, as if they had always been there."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.incidents import Incident
from connectors.opsgenie.simulator.instants import milliseconds, read

_MOMENTS = {
    "created_at", "updated_at", "last_occurred_at", "snoozed_until", "acknowledged_at", "closed_at", "visible_at",
    "impact_start", "impact_end",
}  # fmt: skip
_NOT_GIVEN = {"notes", "logs", "teams", "responders", "attachments", "timeline", "responder_alerts"}


def place_alert(company: Company, given: Mapping[str, Any]) -> Alert:
    """A new alert with what is given; the rest as the service would have it. Wire names are fine too."""
    wanted = _ours(given)
    created = wanted.get("created_at") or company.clock.now()
    identifier = wanted.get("id") or f"{company.new_id()}-{milliseconds(created)}"
    integration = company.integrations[0] if company.integrations else {}
    alert = Alert(
        id=identifier,
        tiny_id=company.alerts.next_tiny_id(),
        alias=identifier,
        message="Something is wrong",
        created_at=created,
        updated_at=created,
        last_occurred_at=created,
        source="203.0.113.9",
        integration={part: str(integration.get(part, "")) for part in ("id", "name", "type")},
    )
    alert.write_log("Alert created via API", "System", created)
    if wanted.get("acknowledged"):
        wanted.setdefault("acknowledged_at", min(created + timedelta(minutes=2), company.clock.now()))
        wanted.setdefault("acknowledged_by", wanted.get("owner", ""))
        wanted.setdefault("seen", True)
    if wanted.get("status") == "closed":
        wanted.setdefault("closed_at", min(created + timedelta(minutes=30), company.clock.now()))
        wanted.setdefault("closed_by", wanted.get("owner", ""))
    moments = [wanted.get(name) for name in ("last_occurred_at", "acknowledged_at", "closed_at")]
    wanted.setdefault("updated_at", max([created, *(moment for moment in moments if moment)]))
    alter_alert(company, alert, wanted)
    company.alerts.add(alert)
    return alert


def alter_alert(company: Company, alert: Alert, given: Mapping[str, Any]) -> None:
    """Change an alert behind the service's back; `updated_at` moves only when given."""
    wanted = _ours(given)
    if "teams" in wanted:
        teams = [_team_id(company, item) for item in wanted.pop("teams")]
        alert.teams, alert.owner_team_id = teams, teams[0] if teams else ""
        wanted.setdefault("responders", [{"type": "team", "id": team} for team in teams])
    if "responders" in wanted:
        alert.responders = [_responder(company, item) for item in wanted.pop("responders")]
    for text in wanted.pop("notes", ()):
        alert.add_note(text, alert.owner or "System", alert.updated_at)
    _assign(alert, wanted)


def place_incident(company: Company, given: Mapping[str, Any]) -> Incident:
    """A new incident with what is given."""
    wanted = _ours(given)
    created = wanted.get("created_at") or company.clock.now()
    incident = Incident(
        id=wanted.get("id") or company.new_id(),
        tiny_id=company.incidents.next_tiny_id(),
        message="Something is down",
        created_at=created,
        updated_at=wanted.get("updated_at") or created,
        impact_start=created,
    )
    incident.write_log("Incident created via API", "System", created)
    incident.tell("Create", "Created incident", "System", created, company.new_id())
    services = wanted.pop("services", ())
    known = [_service(company, item) for item in services]
    incident.impacted_services = [service["id"] for service in known]
    incident.owner_team = known[0]["teamId"] if known else ""
    if "responders" in wanted:
        incident.responders = [_responder(company, item) for item in wanted.pop("responders")]
    for text in wanted.pop("notes", ()):
        incident.add_note(text, "System", created)
    if wanted.get("status") in {"resolved", "closed"}:
        wanted.setdefault("impact_end", incident.updated_at)
    _assign(incident, wanted)
    company.incidents.add(incident)
    return incident


def _ours(given: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {}
    for name, value in given.items():
        ours = re.sub(r"(?<=[a-z])([A-Z])", lambda found: "_" + found.group().lower(), name)
        wanted[ours] = read(value) if ours in _MOMENTS and isinstance(value, str) else value
        if isinstance(wanted[ours], datetime):
            exact = wanted[ours]
            wanted[ours] = exact.replace(microsecond=exact.microsecond // 1000 * 1000)
    return wanted


def _assign(thing: Alert | Incident, wanted: Mapping[str, Any]) -> None:
    known = {field.name for field in fields(thing)} - _NOT_GIVEN
    for name, value in wanted.items():
        if name not in known:
            raise ValueError(f"{type(thing).__name__} has no {name!r}")
        setattr(thing, name, value)


def _team_id(company: Company, given: str | dict[str, str]) -> str:
    reference = given if isinstance(given, str) else given.get("id") or given.get("name", "")
    team = company.team(reference)
    if team is None:
        raise ValueError(f"there is no team {reference!r}")
    return str(team["id"])


def _responder(company: Company, given: dict[str, str]) -> dict[str, str]:
    found = company.recipient(given)
    if found is None:
        raise ValueError(f"there is no responder {given!r}")
    return found


def _service(company: Company, reference: str) -> Thing:
    service = named(company.services, reference, "id") or named(company.services, reference, "name")
    if service is None:
        raise ValueError(f"there is no service {reference!r}")
    return service
