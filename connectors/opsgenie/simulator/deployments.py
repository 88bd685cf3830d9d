"""Deployments: told of, shown, and carried on; all as the vendor has it in its Go client, and nowhere else."""

from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.accepting import accepted, request_status
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.refusals import missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.writes import Outcome

STATES = ("initial", "started", "successful", "failed")
PARTS = {"": "id", "api": "externalId", "pipelines": "pipelinesId"}


def _found(company: Company, identifier: str, kind: str) -> Thing | None:
    return named(company.deployments, identifier, PARTS[kind])


def one(call: Call) -> Answer:
    kind = call.choice("identifierType", PARTS, "")
    deployment = _found(call.company, call.named["identifier"], kind)
    if deployment is None:
        raise missing("deployment", kind or "id", call.named["identifier"])
    return data(deployment)


def create(call: Call) -> Answer:
    company, fields = call.company, Fields(call.body)
    given: dict[str, Any] = {
        "message": fields.text("message", 512, required=True),
        "state": fields.choice("state", STATES, required=True),
        **_texts(fields, ("externalId", "description", "externalLink")),
        **_dates(fields, ("startedAt", "completedAt")),
    }
    environment = fields.inside("environment", required=True)
    if environment is not None:
        kind = environment.choice("type", ("Test", "Staging", "Production"), required=True)
        given["environment"] = {"type": kind, **_texts(environment, ("id", "displayName"))}
    for release in fields.each("releases"):
        release.choice("type", ("bbc",), required=True)
    given["releases"] = call.body.get("releases") or []
    fields.done()

    def apply(at: datetime) -> Outcome:
        deployment = {"id": company.new_id(), **given}
        company.deployments.append(deployment)
        return Outcome(True, "Created deployment", deployment["id"])

    return accepted(call, "deployments", "Create", given, apply)


def update_state(call: Call) -> Answer:
    company, fields = call.company, Fields(call.body)
    identifier, kind = call.named["identifier"], call.choice("identifierType", PARTS, "")
    given = {"state": fields.choice("state", STATES, required=True), **_dates(fields, ("completedAt",))}
    fields.done()

    def apply(at: datetime) -> Outcome:
        deployment = _found(company, identifier, kind)
        if deployment is None:
            return Outcome(False, "Deployment does not exist")
        deployment.update(given)
        return Outcome(True, "Updated deployment", deployment["id"])

    return accepted(call, "deployments", "Update", given, apply)


def _texts(fields: Fields, names: tuple[str, ...]) -> dict[str, str]:
    texts = {name: fields.text(name, 512) for name in names}
    return {name: text for name, text in texts.items() if text is not None}


def _dates(fields: Fields, names: tuple[str, ...]) -> dict[str, str]:
    dates = {name: fields.moment(name) for name in names}
    return {name: written(date) for name, date in dates.items() if date is not None}


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = "R" if method == "GET" else "U"
    return Route(method, "/v2/deployments" + tail, handler, "Configuration", right, noun="deployment")


ROUTES = [
    _route("POST", "", create),
    _route("GET", "/{identifier}", one),
    _route("PUT", "/{identifier}/updateState", update_state),
    _route("GET", "/requests/{requestId}", lambda call: request_status(call, "deployments", "deploymentId")),
]
