"""Templates for incidents."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.refusals import clash, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data


def _asked(call: Call) -> Thing:
    template = named(call.company.templates, call.named["id"], "id")
    if template is None:
        raise missing("incident template", "id", call.named["id"])
    return template


def _judged(call: Call, existing: Thing | None) -> dict[str, Any]:
    company, fields = call.company, Fields(call.body)
    given: dict[str, Any] = {
        "name": fields.text("name", 512, required=True),
        "message": fields.text("message", 130, required=True),
        # The Go client refuses more than 1000, the pages name 15000 for an incident.
        "description": fields.text("description", 15_000) or "",
        "tags": fields.texts("tags", 20, 50),
        "details": fields.mapping("details", 8000),
        "priority": fields.choice("priority", PRIORITIES, required=True),
        "impactedServices": fields.texts("impactedServices", 20, 130),
    }
    for service in given["impactedServices"]:
        if named(company.services, service, "id") is None:
            fields.refuse("impactedServices", f"Service with id [{service}] does not exist.")
    inside = fields.inside("stakeholderProperties", required=True)
    if inside is not None:
        given["stakeholderProperties"] = {
            "enable": inside.flag("enable", default=True),
            "message": inside.text("message", 130, required=True),
            "description": inside.text("description", 15_000) or "",
        }
    fields.done()
    other = named(company.templates, given["name"], "name")
    if other is not None and other is not existing:
        raise clash("incident template", "name", given["name"])
    return given


def create(call: Call) -> Answer:
    template = {"id": call.company.new_id(), **_judged(call, None)}
    call.company.templates.append(template)
    return done(call, "templates", "Created", template["id"], {"id": template["id"]}, 201)


def update(call: Call) -> Answer:
    template = _asked(call)
    template.update(_judged(call, template))
    return done(call, "templates", "Updated", template["id"], {"id": template["id"]})


def delete(call: Call) -> Answer:
    template = _asked(call)
    call.company.templates.remove(template)
    return done(call, "templates", "Deleted", template["id"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v1/incident-templates" + tail
    return Route(method, path, handler, "Incident", right, noun="incident template", incidents=True)


ROUTES = [
    # An object with a list in it, as the Go client reads it.
    _route("GET", "", lambda call: data({"incidentTemplates": call.company.templates})),
    _route("POST", "", create),
    _route("PUT", "/{id}", update),
    _route("DELETE", "/{id}", delete),
]
