"""Services: what the company offers, and which team answers for it."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.paging import page, window
from connectors.opsgenie.simulator.refusals import clash, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

VISIBILITIES = ("TEAM_MEMBERS", "OPSGENIE_USERS")
_ASIDE = ("incidentRules", "incidentTemplates", "audience")
"""Kept with a service and shown by calls of their own."""


def find(call: Call) -> Thing:
    """The service a call names, by its id alone."""
    service = named(call.company.services, call.named["identifier"], "id")
    if service is None:
        raise missing("service", "id", call.named["identifier"])
    return service


def _shown(service: Thing) -> Thing:
    # One without a team has none to show.
    return {part: value for part, value in service.items() if part not in _ASIDE and (value or part != "teamId")}


def _brief(service: Thing) -> Thing:
    return {"id": service["id"], "name": service["name"]}


def listing(call: Call) -> Answer:
    sort = call.choice("sort", ("name",), "name")
    order = call.choice("order", ("asc", "desc"), "asc")
    window(call)
    wanted = call.query.get("query", "").lower()
    chosen = [service for service in call.company.services if wanted in service["name"].lower()]
    found = sorted(chosen, key=lambda service: str(service["name"]), reverse=order == "desc")
    return page(call, found, _shown, sort=sort, order=order)


def _judged(call: Call, existing: Thing | None) -> dict[str, Any]:
    company, fields, new = call.company, Fields(call.body), existing is None
    given: dict[str, Any] = {
        "name": fields.text("name", 100, required=new or "name" in fields),
        "description": fields.text("description", 10_000) or "",
        "visibility": fields.choice("visibility", VISIBILITIES) or VISIBILITIES[0],
        "tags": fields.texts("tags", 20, 50),
    }
    if new:
        # The Go client wants a team, a later description does not.
        given["teamId"] = fields.text("teamId", 130) or ""
        if given["teamId"] and named(company.teams, given["teamId"], "id") is None:
            fields.refuse("teamId", "There is no such team.")
    fields.done()
    other = named(company.services, given["name"], "name") if "name" in fields else None
    if other is not None and other is not existing:
        raise clash("service", "name", given["name"])
    return {part: value for part, value in given.items() if part in fields}


def create(call: Call) -> Answer:
    given = _judged(call, None)
    defaults = {"teamId": "", "description": "", "visibility": VISIBILITIES[0], "tags": []}
    service = {"id": call.company.new_id(), **defaults, **given}
    call.company.services.append(service)
    return done(call, "services", "Created", service["id"], _brief(service), 201)


def update(call: Call) -> Answer:
    service = find(call)
    service.update(_judged(call, service))
    return done(call, "services", "Updated", service["id"], _brief(service))


def delete(call: Call) -> Answer:
    """With its rules and templates; incidents and templates of incidents that name it keep its id."""
    service = find(call)
    call.company.services.remove(service)
    return done(call, "services", "Deleted", service["id"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    return Route(method, "/v1/services" + tail, handler, "Configuration", right, configuration=True, noun="service")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{identifier}", lambda call: data(_shown(find(call)))),
    _route("PATCH", "/{identifier}", update),
    _route("DELETE", "/{identifier}", delete),
]
