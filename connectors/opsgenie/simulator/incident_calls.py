"""What can be asked of incidents, and opening one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.accepting import accepted, request_status
from connectors.opsgenie.simulator.alert_creating import NOBODY
from connectors.opsgenie.simulator.alerts import Entry
from connectors.opsgenie.simulator.company import Company, named
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.incident_actions import KINDS, call_in
from connectors.opsgenie.simulator.incidents import Incident
from connectors.opsgenie.simulator.instants import milliseconds
from connectors.opsgenie.simulator.paging import keyed_page, page, window
from connectors.opsgenie.simulator.refusals import Refused
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.search import Field, matcher
from connectors.opsgenie.simulator.writes import Outcome

Given = dict[str, Any]


def search_fields(company: Company) -> dict[str, Field[Incident]]:
    """Every field the query may name; the post-mortem fields are left out."""

    def services(incident: Incident) -> list[str]:
        known = [named(company.services, identifier, "id") for identifier in incident.impacted_services]
        return [service["name"] for service in known if service]

    def teams(incident: Incident) -> list[str]:
        return [company.recipient_name(item) for item in incident.responders if item["type"] == "team"]

    return {
        "createdAt": Field("number", lambda incident: (milliseconds(incident.created_at),)),
        "updatedAt": Field("number", lambda incident: (milliseconds(incident.updated_at),)),
        "id": Field("exact", lambda incident: (incident.id,)),
        "tinyId": Field("exact", lambda incident: (incident.tiny_id,)),
        "message": Field("text", lambda incident: (incident.message,)),
        "description": Field("text", lambda incident: (incident.description,)),
        "status": Field("exact", lambda incident: (incident.status,), ("open", "resolved", "closed")),
        "priority": Field("exact", lambda incident: (incident.priority,), ("p1", "p2", "p3", "p4", "p5")),
        "teams": Field("exact", teams),
        "services": Field("exact", services),
        "tag": Field("exact", lambda incident: incident.tags),
        "tags": Field("exact", lambda incident: incident.tags),
        "actions": Field("exact", lambda incident: incident.actions),
        "details.key": Field("exact", lambda incident: incident.details),
        "details.value": Field("text", lambda incident: incident.details.values()),
    }


def _main_text(incident: Incident) -> tuple[Any, ...]:
    return (incident.message, incident.description, *incident.tags)


_SORTS: dict[str, Callable[[Incident], Any]] = {
    "createdAt": lambda incident: incident.created_at,
    "insertedAt": lambda incident: incident.created_at,
    "tinyId": lambda incident: int(incident.tiny_id),
    "message": lambda incident: incident.message,
    "status": lambda incident: incident.status,
    "isSeen": lambda incident: False,
    "owner": lambda incident: incident.owner_team,
}


def listing(call: Call) -> Answer:
    sort = call.choice("sort", _SORTS, "createdAt")
    order = call.choice("order", ("asc", "desc"), "desc")
    window(call)
    # OAS calls the query required; a list without one is answered here all the same: not confirmed.
    test = matcher(call.query.get("query", ""), search_fields(call.company), _main_text)
    found = sorted(filter(test, call.company.incidents), key=_SORTS[sort], reverse=order == "desc")
    # Recorded: the links say insertedAt where createdAt was asked for.
    said = "insertedAt" if sort == "createdAt" else sort
    return page(call, found, Incident.shown, sort=said, order=order, totalCount=len(found))


def find(call: Call) -> Incident:
    kind = call.choice("identifierType", KINDS, "id")
    incident = call.company.incidents.find(call.named["identifier"], kind)
    if incident is None:
        raise Refused(404, "Incident does not exist")  # the vendor's words are not recorded
    return incident


def create(call: Call) -> Answer:
    company = call.company
    fields = Fields(call.body, truncate=company.settings.overlong == "truncate")
    service = fields.text("serviceId", 130)
    services = fields.texts("impactedServices", 20, 130)
    services = services or ([service] if service else [])
    if not services and not fields.errors:
        fields.errors["impactedServices"] = "ServiceId or impactedServices must be given."
    for identifier in services:
        if named(company.services, identifier, "id") is None:
            # Whether this is refused now or found out later is not confirmed.
            fields.errors["impactedServices"] = f"Service with id [{identifier}] does not exist."
    given = {
        "message": fields.text("message", 130, required=True),
        "description": fields.text("description", 15_000) or "",
        "responders": fields.recipients("responders", 50, ("user", "team")),
        "tags": fields.texts("tags", 20, 50),
        "details": fields.mapping("details", 8000),
        "priority": fields.choice("priority", PRIORITIES) or "P3",
        "note": fields.text("note", 25_000) or "",
        "services": services,
        "notify_stakeholders": fields.flag("notifyStakeholders"),
    }
    fields.done()
    return accepted(call, "incidents", "Create", given, lambda at: _create(company, given, at))


def _create(company: Company, given: Given, at: datetime) -> Outcome:
    responders = [found for item in given["responders"] if (found := company.recipient(item))]
    owners = [service for service in company.services if service["id"] in given["services"]]
    incident = Incident(
        id=company.new_id(),
        tiny_id=company.incidents.next_tiny_id(),
        message=given["message"],
        created_at=at,
        updated_at=at,
        description=given["description"],
        tags=list(given["tags"]),
        priority=given["priority"],
        owner_team=owners[0]["teamId"] if owners else "",
        responders=responders,
        impacted_services=list(given["services"]),
        details=dict(given["details"]),
        impact_start=at,
    )
    incident.write_log("Incident created via API", NOBODY, at)
    incident.tell("Create", "Created incident", NOBODY, at, company.new_id())
    if given["note"]:
        incident.add_note(given["note"], NOBODY, at)
    company.incidents.add(incident)
    call_in(company, incident, responders, at)
    return Outcome(True, "Created incident", incident.id)


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = "R" if method == "GET" else "U"
    return Route(method, "/v1/incidents" + tail, handler, "Incident", right, noun="incident", incidents=True)


ROUTES = [
    _route("POST", "/create", create),
    _route("GET", "", listing),
    _route("GET", "/{identifier}", lambda call: data(find(call).shown())),
    _route("GET", "/{identifier}/notes", lambda call: keyed_page(call, find(call).notes, Entry.as_note)),
    _route("GET", "/{identifier}/logs", lambda call: keyed_page(call, find(call).logs, Entry.as_log)),
    _route(
        "GET",
        "/{identifier}/responder-alert-ids",
        lambda call: keyed_page(call, find(call).responder_alerts, lambda entry: entry.text),
    ),
    _route("GET", "/requests/{requestId}", lambda call: request_status(call, "incidents", "incidentId")),
]
